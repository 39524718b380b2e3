// A block-diagonal matrix over the effects of one component: one small matrix for each outer
// factor, repeated for its levels.
#pragma once

#include "panels.h"

namespace mixest {

class BlockDiagonal {
 public:
  // `blocks`: one for each of the component's outer factors.
  BlockDiagonal(const ComponentPanels::Component& component, const std::vector<Matrix>& blocks)
      : component_(component), blocks_(blocks) {}

  // X -> D X, in place.
  void times(Eigen::Ref<Matrix> X) const { multiply(X, false); }
  // X -> D'X, in place.
  void transposed_times(Eigen::Ref<Matrix> X) const { multiply(X, true); }
  // X -> X D and X -> X D', in place.
  void times_from_right(Eigen::Ref<Matrix> X) const { multiply_from_right(X, false); }
  void transposed_from_right(Eigen::Ref<Matrix> X) const { multiply_from_right(X, true); }

 private:
  void multiply(Eigen::Ref<Matrix> X, bool transpose) const {
    for (Index f = 0; f < length(blocks_); ++f) {
      const Matrix& block = blocks_[f];
      const Index first = component_.first_effect[f], end = component_.first_effect[f + 1], w = block.cols();
      if (w == 1) {
        X.middleRows(first, end - first) *= block(0, 0);
        continue;
      }
      for (Index begin = first; begin < end; begin += w) {
        if (transpose) {
          X.middleRows(begin, w) = (block.transpose() * X.middleRows(begin, w)).eval();
        } else {
          X.middleRows(begin, w) = (block * X.middleRows(begin, w)).eval();
        }
      }
    }
  }

  void multiply_from_right(Eigen::Ref<Matrix> X, bool transpose) const {
    for (Index f = 0; f < length(blocks_); ++f) {
      const Matrix block = transpose ? Matrix(blocks_[f].transpose()) : blocks_[f];
      const Index first = component_.first_effect[f], end = component_.first_effect[f + 1], w = block.cols();
      if (w == 1) {
        X.middleCols(first, end - first) *= block(0, 0);
        continue;
      }
      for (Index begin = first; begin < end; begin += w)
        X.middleCols(begin, w) = (X.middleCols(begin, w) * block).eval();
    }
  }

  const ComponentPanels::Component& component_;
  const std::vector<Matrix>& blocks_;
};

}  // namespace mixest
