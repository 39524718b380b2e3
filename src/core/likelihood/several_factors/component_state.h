// What one component (condensed/outer_stats.h) knows at a relative covariance, once the effects of
// the inner factor are eliminated.
//
// With V_1 = I + U_1 Psi_1 U_1' of the inner factor and U_2 the columns of the component's outer
// effects, each group i adds to
//
//     gram = U_2'V_1^{-1}U_2   = sum C_iJ'C_iJ + sum W_J'W_J
//     rhs  = U_2'V_1^{-1}[X y] = sum C_iJ'C_i  + sum W_J'W_B
//
// where W_i = Delta_i^{-T} [R_i | B_iJ | B_i] = [W_R | W_J | W_B] as in one_factor/kernel.h. These
// are sums of squares. With Psi_2 = Lambda_2 Lambda_2' of the outer effects,
// H_2 = I + Lambda_2' gram Lambda_2 = root root' and Y = root^{-1} Lambda_2' rhs,
//
//     log |V| = log |V_1| + log |H_2|,      [X y]'V^{-1}[X y] = [X y]'V_1^{-1}[X y] - Y'Y
//
// Where that difference would lose digits (an outer variance of a million sigma^2) it is written as
// the sum of squares that generalised ridge regression on the outer effects leaves, with
// X = H_2^{-1} Lambda_2' rhs and Gamma = Lambda_2 X:
//
//     [X y]'V^{-1}[X y] = sum |W_B - W_J Gamma|^2 + X'X
//                         + Gamma'(sum C_iJ'C_iJ) Gamma - Gamma'(sum C_iJ'C_i) - (sum C_iJ'C_i)' Gamma
#pragma once

#include "block_diagonal.h"

namespace mixest {

// A root of Psi, taken apart.
struct LambdaBlocks {
  Matrix inner;
  std::vector<Matrix> outer;

  LambdaBlocks(const ComponentPanels& panels, const Matrix& lambda);
};

struct ComponentState {
  Matrix gram;  // effects x effects
  Matrix rhs;   // effects x k
  Matrix root;  // of H_2, lower triangle
};

// The whitened panels W_i of the component's groups go to `whitened` (laid out as
// ComponentPanels::data), log |V| of the component to `log_det` and [X y]'V^{-1}[X y], without what
// the panels' `pooled` holds, is added to `T`.
void eliminate(const ComponentPanels& panels, const ComponentPanels::Component& component, const LambdaBlocks& lambda,
               Vector& whitened, ComponentState& state, double& log_det, Matrix& T);

}  // namespace mixest
