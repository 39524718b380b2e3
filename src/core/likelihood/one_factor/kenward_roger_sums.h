// The sums behind the Kenward-Roger adjustment for one grouping factor, one pack of groups after
// the other:
//
//     sum_i V_X,i' A S_i A V_X,i = sum_i Z_i'Z_i,   S_i = W_R'W_R (kernel.h),   Z_i = W_R A V_X,i,   V_X,i = E_iX Tc^{-1}
#pragma once

#include <vector>

#include "../../base/execution.h"
#include "pack_algebra.h"
#include "panels.h"

namespace mixest {

class KenwardRogerSums {
 public:
  KenwardRogerSums(const Panels& panels, const Matrix& triangle);

  // Summed over the `directions` A, p x p.
  Matrix over_groups(const Matrix& lambda, const std::vector<Matrix>& directions, const Execution& execution);

 private:
  Index q() const { return algebra_.q(); }
  Lane& V(Index a, Index c) { return V_[c * q() + a]; }
  void set_V();
  void set_Z(const Matrix& A);

  const Panels& panels_;
  const Matrix& triangle_;
  Index p_;
  PackAlgebra<Eigen::Dynamic> algebra_;
  LaneVector V_, AV_;
  LaneVector Z_;  // row by row
  Matrix sum_;
};

}  // namespace mixest
