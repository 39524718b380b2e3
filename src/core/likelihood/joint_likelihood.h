// The deviance as a function of the covariance Psi *and* sigma, with beta profiled out, and its
// exact derivatives.
//
//     l = log sigma^2,   T = R_0'R_0 + sum B_i'H_i^{-1}B_i = Tc'Tc,   r = last pivot of Tc,   nu = n or n - p
//     f(Psi, l) = sum log|H_i| + nu l + r^2 exp(-l) + [REML] log|XX|                                    (+ a constant)
//
// One coefficient, the last column of X in `sums`, can be held at a value t instead of being
// profiled out. With u_j the columns of Tc^{-1}, s its pivot and b its best value, the residual
// combination is c = r u_y + d u_p with d = (b - t) s, and r^2 + d^2 takes the place of r^2; Tc
// with the last column changed to (.., Tc_py - d, sqrt(r^2 + d^2)) is the triangle whose inverse
// has c as its last column, so that the kernels of the profiled likelihood give every sum:
//
//     v_i = E_i c / |(r, d)|,   N = (r^2 + d^2) exp(-l)  (nu at the best sigma),   P = N sum v v' + [REML] sum V_X V_X',   G = sum S_i - P
//     H[A, B] = curvature[A, B] - 2 N a_A . a_B - [REML] <M_A, M_B>,   sum V_i'A V_i = [M_A a_A; a_A' m_A]
//     df/dl = nu - N,   d2f/dl2 = N,   d2f/dl dA = N m_A
//     df/dt = -2 d s exp(-l),   d2f/dt2 = 2 s^2 exp(-l),   d2f/dt dA = 2 s |(r, d)| exp(-l) a_A[p],   d2f/dt dl = -df/dt
//
// where a_A . a_B runs over the coefficients that are profiled out. The formulas follow from those
// of marginal_likelihood.h.
#pragma once

#include <vector>

#include "likelihood_sums.h"

namespace mixest {

struct JointPoint {
  Matrix factor;            // Lambda, q x q: Psi = Lambda Lambda'
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

  // Tc at Psi = factor factor'; empty when T is not positive definite.
  Matrix triangle(const Matrix& factor);

 private:
  Matrix hessian(const DerivativeSums& sums, const std::vector<Matrix>& directions, double N, int profiled) const;

  LikelihoodSums& sums_;
  double nu_;
  bool reml_;
  bool hold_;
};

}  // namespace mixest
