// The sums over groups behind the likelihood and its derivatives.
//
// With a factor of the relative covariance, Psi = Lambda Lambda', and F_i = R_i Lambda (q x q):
//
//     H_i = I + F_i F_i' = C_i'C_i,   C_i the triangular factor of [I; F_i'],   W_i = C_i^{-T} [R_i | B_i] = [W_R | W_B]
//     log |H_i| = 2 log prod_j C_jj,      B_i'H_i^{-1}B_i = W_B'W_B,
//     S_i = R_i'H_i^{-1}R_i = W_R'W_R,    E_i = R_i'H_i^{-1}B_i = W_R'W_B
//
// C_i comes from an orthogonal reduction of [I; F_i'], not from H_i: the eigenvalues of H_i near 1
// keep their digits beside ones of any size. The pivots of that reduction are 1 when they are
// reached, so that each reflection is, without branches,
//     s = |f_j|^2,  C_jj = sqrt(1 + s),  C_jl = f_j.f_l / C_jj,  f_l -= f_l.f_j / (C_jj (1 + C_jj)) f_j      (f_j: row j of F).
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

// What the derivatives need once T = Tc'Tc is known; V_i = E_i Tc^{-1} (q x k), whose last column
// is E_i c / r:
//     P_i = E_i K E_i' = nu v v' + [REML] V_X V_X',   V_i = [V_X v]
struct PackDerivatives {
  Matrix S;       // sum S_i, q x q
  Matrix P;       // sum P_i, q x q
  Matrix S_by_N;  // sum svec(S_i) svec(N_i)', N_i = P_i - S_i / 2; svec: lower triangle, column by column
  Matrix V_by_V;  // sum vec(V_i) vec(V_i)', q k x q k

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
