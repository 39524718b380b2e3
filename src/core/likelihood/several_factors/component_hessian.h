// The curvature of likelihood_sums.h over one component: the sums over pairs of levels
// (component_derivatives.h for the formulas).
//
// Inner groups pass by one after the other; what couples them is collected, for every inner
// direction r, in t_r = sum_i cross_i'A_r Ew_i and image_r = sum_i cross_i'A_r cross_i, of the size
// of the component's outer effects.
#pragma once

#include "../likelihood_sums.h"
#include "group_blocks.h"

namespace mixest {

// A pair (a, b), a >= b, of columns of one factor: the direction e_a e_b' + e_b e_a', or e_a e_a'.
struct PairDirection {
  int factor;   // -1: the inner one; else index into ComponentPanels::factors
  Index a, b;   // within the factor
  Index index;  // among all pairs of the q columns
};

// The inner factor's come first.
std::vector<PairDirection> pair_directions(const ComponentPanels& panels);

class ComponentHessian {
 public:
  // `Ew`: the rows of Ew of the outer effects. All arguments must outlive the object.
  ComponentHessian(const ComponentPanels& panels, const ComponentPanels::Component& component,
                   const LambdaBlocks& lambda, const std::vector<PairDirection>& directions, const Couplings& couplings,
                   const Matrix& Ew, const DerivativeRequest& request);

  void add_group(const GroupBlocks& group, const int* effect, Index J);

  // After all groups: adds the component's curvature to `sum` (over `directions`).
  void add_to(Matrix& sum);

 private:
  struct DirectionTerms {
    Matrix t;             // t_r, the weighted columns; for an outer direction A_r Ew_2
    Matrix coupled_t;     // cov t_r; for an outer direction shrink A_r Ew_2
    Matrix S_t;           // of an outer direction: S A_r Ew_2
    Matrix image;         // image_r, in the end cov image_r
    Matrix image_shrink;  // image_r shrink
  };

  bool inner(Index r) const { return directions_[r].factor < 0; }
  void choose_weights(const DerivativeRequest& request);
  void start_outer(const Matrix& Ew, DirectionTerms& terms, const PairDirection& direction) const;
  void finish_inner();
  double product_with_Ew(Index r, Index s) const;
  double trace(Index r, Index s) const;
  double trace_of_both(Index inner, Index outer) const;
  double trace_of_outer(const PairDirection& r, const PairDirection& s) const;

  const ComponentPanels& panels_;
  const ComponentPanels::Component& component_;
  const LambdaBlocks& lambda_;
  const std::vector<PairDirection>& directions_;
  const Couplings& couplings_;
  Index effects_;
  std::vector<Index> weighted_;  // columns of Ew with a weight, and the roots of the weights
  Vector weights_;
  bool sparse_;  // cov image_r is summed group by group rather than multiplied
  std::vector<DirectionTerms> terms_;
  Matrix local_;          // what single groups add
  Matrix P_, cov_cross_;  // of one group: P_i = Ew_i diag(w) Ew_i', and cov cross_i' where sparse
};

}  // namespace mixest
