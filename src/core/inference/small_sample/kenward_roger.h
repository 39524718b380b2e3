// The small-sample covariance of beta^ after Kenward & Roger (1997), Biometrics 53, 983-997.
//
//     Phi_A = Phi + 2 Phi { sum_ab W_ab (Q_ab - P_a Phi P_b) } Phi
//     Phi   = Var(beta^) = sigma^2 F F'
//
// (their letters; W the inverse of the information) for V linear in its parameters (sigma^2, D),
// where the second derivatives of V (their R_ab) are zero. P_a and Q_ab are tensors in the
// directions V_a, so the directions may be those of vcov_jacobian.h at no cost: that of sigma^2
// then contributes nothing, and along the others, which make W the identity,
//
//     Phi_A = sigma^2 F (I + 2 sum_k (Q_kk - M_k M_k)) F'
//     Q_kk = sum_i Ew_X,i' A_k S_i A_k Ew_X,i
//
// (LikelihoodSums::kenward_roger_sums). For a structure that is not linear in D (cs, ar1, toep) the
// directions are its first derivatives and the second are left out.
#pragma once

#include "vcov_jacobian.h"

namespace mixest {

struct KenwardRoger {
  VcovJacobian jacobian;
  Matrix root;  // p x p, lower triangular: Phi_A = sigma^2 (F root)(F root)'
};

// At REML estimates `theta`, see vcov_jacobian.h.
KenwardRoger kenward_roger(const Problem& problem, LmmObjective& objective, const Vector& theta,
                           Information information);

}  // namespace mixest
