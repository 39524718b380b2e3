// The deviance as a function of the covariance Psi *and* sigma, with beta profiled out, and its
// exact derivatives.
//
//     l = log sigma^2,   T = [X y]'V^{-1}[X y] = Tc'Tc,   r = last pivot of Tc,   nu = n or n - p
//     f(Psi, l) = log|V| + nu l + r^2 exp(-l) + [REML] log|XX|                    (+ a constant)
//
// One coefficient, the last column of X in `sums`, can be held at a value t instead of being
// profiled out. With u_j the columns of Tc^{-1}, s its pivot and b its best value, the residual
// combination is r u_y + d u_p with d = (b - t) s, and r^2 + d^2 takes the place of r^2; Tc with
// the last column changed to (.., Tc_py - d, sqrt(r^2 + d^2)) is the triangle whose inverse has
// that combination, over sqrt(r^2 + d^2), as its last column, so that the kernels of the profiled
// likelihood give every sum:
//
//     nu_l = (r^2 + d^2) exp(-l)                      (nu at the best sigma, whose place it takes)
//     P = nu_l sum Ew_y Ew_y' + [REML] sum Ew_X Ew_X',   G = sum S_l - P
//     Hess[A, B] = curvature[A, B] - 2 nu_l a_A . a_B - [REML] <M_A, M_B>
//       where  sum Ew_l' A Ew_l = [M_A a_A; a_A' m_A]
//     df/dl = nu - nu_l,       d2f/dl2 = nu_l,          d2f/dl dA = nu_l m_A
//     df/dt = -2 d s exp(-l),  d2f/dt2 = 2 s^2 exp(-l), d2f/dt dA = 2 s |(r, d)| exp(-l) a_A[p],
//     d2f/dt dl = -df/dt
//
// where a_A . a_B runs over the coefficients that are profiled out. The formulas follow from
// marginal_likelihood.h.
#pragma once

#include <vector>

#include "likelihood_sums.h"

namespace mixest {

struct JointPoint {
  Matrix lambda;            // q x q: Psi = Lambda Lambda'
  double log_variance = 0;  // l, in units of the basis of y
  double coefficient = 0;   // t, when one is held
};

struct JointDerivatives {
  bool finite = false;  // false: T is not positive definite; nothing else is set
  double deviance = 0;
  Matrix G;  // q x q, with respect to Psi
  double by_log_variance = 0;
  double by_coefficient = 0;
  Matrix hessian;  // over (directions of Psi, l[, t])
};

class JointLikelihood {
 public:
  // `sums` must outlive the object. `hold`: the last column of X has a coefficient of its own, t
  // (ML only).
  JointLikelihood(LikelihoodSums& sums, double nu, bool reml, bool hold);

  // The Hessian is taken along symmetric `directions` (q x q each).
  JointDerivatives evaluate(const JointPoint& point, const std::vector<Matrix>& directions);

  // Tc at Psi = lambda lambda'; empty when T is not positive definite.
  Matrix triangle(const Matrix& lambda);

 private:
  Matrix hessian(const DerivativeSums& sums, const std::vector<Matrix>& directions, double nu_l, int profiled) const;

  LikelihoodSums& sums_;
  double nu_;
  bool reml_;
  bool hold_;
};

}  // namespace mixest
