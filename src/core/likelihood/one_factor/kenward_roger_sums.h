// The sums behind the Kenward-Roger adjustment for one grouping factor, one pack of groups after
// the other:
//
//     sum_i Ew_X,i' A S_i A Ew_X,i = sum_i WA_i'WA_i,      WA_i = W_R A Ew_X,i
//
// with S_i = W_R'W_R and Ew_X,i = E_iX Tc^{-1} (kernel.h).
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
  Lane& Ew(Index a, Index c) { return Ew_[c * q() + a]; }
  void set_Ew();
  void set_WA(const Matrix& A);

  const Panels& panels_;
  const Matrix& triangle_;
  Index p_;
  PackAlgebra<Eigen::Dynamic> algebra_;
  LaneVector Ew_, AEw_;
  LaneVector WA_;  // row by row
  Matrix sum_;
};

}  // namespace mixest
