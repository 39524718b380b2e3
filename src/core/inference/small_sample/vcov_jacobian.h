// How Var(beta^) = sigma^2 F F' moves with the covariance parameters, in steps of their standard
// errors: all that degrees of freedom need.
//
// The parameters are log sigma^2 and Psi, so that the directions of V_i (in units of sigma^2) are
// V_i itself and U_i A U_i', A a direction in which the structure can move Psi. With
// Ew_i = [Ew_X,i Ew_y,i] of likelihood/likelihood_sums.h and nu of marginal_likelihood.h, in the
// basis F of beta,
//
//     d Var(beta^) / d log sigma^2 = sigma^2 F F',
//     d Var(beta^) / dA            = sigma^2 F M_A F',     M_A = sum Ew_X,i' A Ew_X,i
//
//     information      with sigma             of Psi, sigma profiled out
//     observed         nu / 2, nu m_A / 2     Hessian of the deviance / 2
//     expected (REML)  (n-p) / 2, h_A / 2     half of  sum tr(S_i A S_i B) - 2 tr Q_AB + <M_A, M_B>
//                                                      - h_A h_B / (n - p)
//
//     m_A = sum Ew_y,i' A Ew_y,i = -d log r^2 / dA,      h_A = sum tr(S_i A) - tr M_A,
//     Q_AB = sum Ew_X,i' A S_i B Ew_X,i
//
// A combination of the parameters that diagonalises the information and makes it 1 has independent
// coordinates with unit variance. Along them Var(beta^) moves by sigma^2 F Jac_k F', where
//
//     Jac_0 = sqrt(2 / nu) I,     Jac_k = M_k - m_k I,  k = 1, 2, ..
//
// and Var(l'Var(beta^)l) = sum_k (sigma^2 z'Jac_k z)^2 with z = F'l. That is independent of the
// parametrisation. Directions without information are left out.
//
// Giesbrecht & Burns (1985), Biometrics 41, 477-486; Fai & Cornelius (1996), J. Stat. Comput.
// Simul. 54, 363-378.
#pragma once

#include <vector>

#include "../../fit/objective.h"

namespace mixest {

enum class Information { observed, expected };

struct VcovJacobian {
  std::vector<Matrix> steps;        // Jac_0, Jac_1, ..: p x p
  std::vector<Matrix> directions;   // A_1, ..: q x q, of Psi in the fit's basis
  std::vector<Matrix> first_order;  // M_1, ..: p x p
  std::vector<Vector> towards_y;    // a_1, ..: p
  std::vector<double> m;            // m_1, ..
  Matrix triangle;                  // Tc
  bool finite = false;              // false: the likelihood can't be evaluated; nothing else is set
};

// At `theta`, in the fit's parametrisation and canonical; `objective` is that of the problem and is
// left evaluated there.
//
// On the boundary of the parameter space Psi is free in fewer directions. The observed information
// is that of the boundary (a zero variance is known to be zero). The expected one, which is regular
// there too, is taken over all directions inside the structure: for a structure that is linear in
// Psi (us, diag, homdiag, homcs) over the same ones everywhere.
VcovJacobian vcov_jacobian(const Problem& problem, LmmObjective& objective, const Vector& theta,
                           Information information);

}  // namespace mixest
