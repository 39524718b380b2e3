// The sums over groups behind the likelihood and its derivatives.
//
// With a root of the relative covariance, Psi = Lambda Lambda', and RL_i = R_i Lambda (q x q):
//
//     H_i = I + RL_i RL_i' = Delta_i'Delta_i,      Delta_i the triangular factor of [I; RL_i']
//     W_i = Delta_i^{-T} [R_i | B_i] = [W_R | W_B]
//     log |H_i| = 2 log prod_j Delta_jj,      B_i'H_i^{-1}B_i = W_B'W_B,
//     S_i = R_i'H_i^{-1}R_i = W_R'W_R,        E_i = R_i'H_i^{-1}B_i = W_R'W_B
//
// Delta_i comes from an orthogonal reduction of [I; RL_i'], not from H_i: the eigenvalues of H_i
// near 1 keep their digits beside ones of any size. The pivots of that reduction are 1 when they
// are reached, so that each reflection is, without branches and with f_j for row j of RL_i,
//     s = |f_j|^2,      Delta_jj = sqrt(1 + s),      Delta_jl = f_j.f_l / Delta_jj,
//     f_l -= f_l.f_j / (Delta_jj (1 + Delta_jj)) f_j
#pragma once

#include <memory>

#include "../likelihood_sums.h"
#include "panels.h"

namespace mixest {

// Of the groups of one stretch of packs.
struct PackValues {
  double log_det = 0;  // sum log |H_i|
  Matrix T;            // sum B_i'H_i^{-1}B_i, k x k, without R_0

  PackValues& operator+=(const PackValues& other);
};

// What the derivatives need once T = Tc'Tc is known; Ew_i = E_i Tc^{-1} = [Ew_X Ew_y] (q x k):
//     P_i = Ew_i diag(w) Ew_i' = nu Ew_y Ew_y' + [REML] Ew_X Ew_X'
struct PackDerivatives {
  Matrix S;         // sum S_i, q x q
  Matrix P;         // sum P_i, q x q
  Matrix S_by_PS;   // sum svec(S_i) svec(PS_i)', PS_i = P_i - S_i / 2; svec: lower triangle, column by column
  Matrix Ew_by_Ew;  // sum vec(Ew_i) vec(Ew_i)', q k x q k

  PackDerivatives& operator+=(const PackDerivatives& other);
};

struct PackRange {
  Index begin;
  Index end;
};

class GroupKernel {
 public:
  virtual ~GroupKernel() = default;
  virtual PackValues value_sums(const Panels& panels, PackRange packs, const Matrix& lambda) = 0;
  virtual PackDerivatives derivative_sums(const Panels& panels, PackRange packs, const Matrix& lambda,
                                          const DerivativeRequest& request) = 0;
};

// The kernel for q columns of U: compiled for that q when q is 1 to 4. It keeps work space: one
// kernel serves one thread.
std::unique_ptr<GroupKernel> make_group_kernel(int q, int k);

}  // namespace mixest
