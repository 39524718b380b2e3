// The curvature of likelihood_sums.h over one component: the sums over pairs of levels
// (component_derivatives.h for the formulas).
//
// Inner groups pass by one after the other; what couples them is collected, for every inner
// direction r, in t_r = sum_i P_i'A_r V_i and C_r = sum_i P_i'A_r P_i, of the size of the
// component's outer effects.
#pragma once

#include "../likelihood_sums.h"
#include "group_blocks.h"

namespace mixest {

// A pair (a, b), a >= b, of columns of one factor: the direction e_a e_b' + e_b e_a', or e_a e_a'.
struct PairDirection {
  int factor;   // -1: the inner one; else index into ComponentPanels::factors
  Index a, b;   // within the factor
  Index place;  // among all pairs of the q columns
};

// The inner factor's come first.
std::vector<PairDirection> pair_directions(const ComponentPanels& panels);

class ComponentHessian {
 public:
  // `V`: the rows of V of the outer effects. All arguments must outlive the object.
  ComponentHessian(const ComponentPanels& panels, const ComponentPanels::Component& component,
                   const LambdaBlocks& lambda, const std::vector<PairDirection>& directions,
                   const Couplings& resolvents, const Matrix& V, const DerivativeRequest& request);

  void add_group(const GroupBlocks& group, const int* effect, Index J);

  // After all groups: adds the component's curvature to `sum` (over `directions`).
  void add_to(Matrix& sum);

 private:
  struct OfDirection {
    Matrix t;   // t_r, the weighted columns; for an outer direction A_r V_2
    Matrix SV;  // N t_r; for an outer direction Z A_r V_2
    Matrix S2;  // of an outer direction: S A_r V_2
    Matrix C;   // C_r, in the end N C_r
    Matrix CZ;  // C_r Z
  };

  bool inner(Index r) const { return directions_[r].factor < 0; }
  void choose_weights(const DerivativeRequest& request);
  void start_outer(const Matrix& V, OfDirection& of, const PairDirection& direction) const;
  void finish_inner();
  double product_with_V(Index r, Index s) const;
  double trace(Index r, Index s) const;
  double trace_of_both(Index inner, Index outer) const;
  double trace_of_outer(const PairDirection& r, const PairDirection& s) const;

  const ComponentPanels& panels_;
  const ComponentPanels::Component& component_;
  const LambdaBlocks& lambda_;
  const std::vector<PairDirection>& directions_;
  const Couplings& of_;
  Index effects_;
  std::vector<Index> weighted_;  // columns of V with a weight, and the roots of the weights
  Vector weights_;
  bool sparse_;  // N C_r is summed group by group rather than multiplied
  std::vector<OfDirection> of_direction_;
  Matrix local_;    // what single groups add
  Matrix VV_, NP_;  // of one group: V_i diag(w) V_i', and N P_i' where sparse
};

}  // namespace mixest
