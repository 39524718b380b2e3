// The derivative sums of likelihood_sums.h over one component of several grouping factors.
//
// With cov, shrink and S_22 of the outer effects (couplings.h) and
// cross_i = W_R'W_J = U_i'V_1^{-1}U_2 for the inner groups i, the blocks of S = U'V^{-1}U and
// E = U'V^{-1}[X y] are
//
//     S_22 = gram - gram cov gram,   S_i2 = cross_i shrink,
//     S_ij = -cross_i cov cross_j' + [i = j] W_R'W_R
//     E_2  = shrink' rhs,            E_i  = W_R'W_B - cross_i cov rhs
//
// so that, for directions r, s of Psi with matrices A_r and, for an inner one, its image on the
// outer effects, image_r = sum_i cross_i'A_r cross_i, tr(S A_r S A_s) is
//
//     tr(cov image_r cov image_s)
//       + sum_i [ tr(S_ii A_r S_ii A_s) - tr(taken_i A_r taken_i A_s) ]        both inner
//     sum_l tr(A_s shrink_l' image_r shrink_l)                inner and outer, with levels l
//     sum_ll' tr(S_ll' A_s S_l'l A_r)                                          both outer
//
// with taken_i = cross_i cov cross_i', and likewise for the products with Ew (component_hessian.h).
// No matrix is larger than the component's outer effects; everything is exact.
#pragma once

#include "component_hessian.h"

namespace mixest {

// Sums over levels of one factor.
struct FactorSums {
  Matrix S;         // w x w
  Matrix Ew_by_Ew;  // w k x w k, lower triangle
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

// Adds sum over the `directions` A of Ew_X'A S A Ew_X, p x p (likelihood_sums.h).
void add_kenward_roger_sums(const ComponentPanels& panels, const ComponentPanels::Component& component,
                            const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                            const Matrix& triangle, const std::vector<Matrix>& directions, Matrix& sum);

}  // namespace mixest
