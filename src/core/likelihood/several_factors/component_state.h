// What one component (condensed/outer_stats.h) knows at a relative covariance, once the effects of the
// inner factor are eliminated.
//
// With V_1 = I + U_1 Psi_1 U_1' of the inner factor and U_2 the columns of the component's outer
// effects, each group i adds to
//
//     A = U_2'V_1^{-1}U_2 = sum C_iJ'C_iJ + sum W_iJ'W_iJ,      G = U_2'V_1^{-1}[X y] = sum C_iJ'C_i + sum W_iJ'W_iB
//
// where W_i = C_i^{-T} [R_i | B_iJ | B_i] = [W_iR | W_iJ | W_iB] as in kernel.h. These are
// sums of squares. With Psi_2 = Lambda Lambda' of the outer effects and M = I + Lambda'A Lambda = L
// L',
//
//     log |V| = log |V_1| + log |M|,      [X y]'V^{-1}[X y] = [X y]'V_1^{-1}[X y] - Y'Y,   Y = L^{-1} Lambda'G
#pragma once

#include "block_diagonal.h"

namespace mixest {

// A factor of Psi, taken apart.
struct LambdaBlocks {
  Matrix inner;
  std::vector<Matrix> outer;

  LambdaBlocks(const ComponentPanels& panels, const Matrix& lambda);
};

struct ComponentState {
  Matrix A;  // effects x effects
  Matrix G;  // effects x k
  Matrix L;  // lower triangle
};

// The whitened panels W_i of the component's groups go to `whitened` (laid out as
// ComponentPanels::data), log |V| of the component to `log_det` and [X y]'V^{-1}[X y], without what
// the panels' `pooled` holds, is added to `T`.
void eliminate(const ComponentPanels& panels, const ComponentPanels::Component& component, const LambdaBlocks& lambda,
               Vector& whitened, ComponentState& state, double& log_det, Matrix& T);

}  // namespace mixest
