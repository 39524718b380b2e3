// The derivative sums of likelihood_sums.h over one component of several grouping factors.
//
// With N, Z and S_22 of the outer effects (couplings.h) and P_i = W_iR'W_iJ = U_i'V_1^{-1}U_2 for
// the inner groups i, the blocks of S = U'V^{-1}U and E = U'V^{-1}[X y] are
//
//     S_22 = A - A N A,        S_i2 = P_i Z,           S_ij = -P_i N P_j' + [i = j] W_iR'W_iR
//     E_2  = Z'G,              E_i  = W_iR'W_iB - P_i N G
//
// so that, for directions r, s of Psi with matrices A_r and C_r = sum_i P_i'A_r P_i for an inner
// one,
//
//     tr(S A_r S A_s) = tr(N C_r N C_s) + sum_i [ tr(S_ii A_r S_ii A_s) - tr(K_i A_r K_i A_s) ],  K_i = P_i N P_i'       both inner
//                     = sum_l tr(A_s Z_l'C_r Z_l)                                                         inner and outer, levels l
//                     = sum_ll' tr(S_ll' A_s S_l'l A_r)                                                   both outer
//
// and likewise for the products with V (component_hessian.h). No matrix is larger than the
// component's outer effects; everything is exact.
#pragma once

#include "component_hessian.h"

namespace mixest {

// Sums over levels of one factor.
struct FactorSums {
  Matrix S;       // w x w
  Matrix V_by_V;  // w k x w k, lower triangle
};

// Sums over components; added in order.
struct ComponentSums {
  std::vector<FactorSums> factors;  // the inner one, then the outer ones
  Matrix curvature;                 // over pair_directions

  ComponentSums(const ComponentPanels& panels, Index directions);
  ComponentSums& operator+=(const ComponentSums& other);
};

// Adds the component's sums. `whitened`: see component_state.h.
void add_derivatives(const ComponentPanels& panels, const ComponentPanels::Component& component,
                     const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                     const std::vector<PairDirection>& directions, const DerivativeRequest& request,
                     ComponentSums& sums);

// Adds sum over the `moves` A of V_X'A S A V_X, p x p (likelihood_sums.h).
void add_kenward_roger_sums(const ComponentPanels& panels, const ComponentPanels::Component& component,
                            const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                            const Matrix& triangle, const std::vector<Matrix>& moves, Matrix& sum);

}  // namespace mixest
