// The rows of one cluster of nested grouping factors, a level of the outermost one with all that
// lies within it, reduced like those of one group (group_rows.h). With UL_c the columns of all
// random effects of the cluster, times their relative root Lambda,
//
//     Q_c' [ UL_c | X_c  e_c ]  =  [ R_c | X_1  e_1 ]    as many rows as the cluster has effects
//                                  [  0  | X_2  e_2 ]    rank(X) rows; what is left below has X = 0
//
// and V_c = I + UL_c UL_c' becomes I + R_c R_c' on the first rows and I on the others.
#pragma once

#include <vector>

#include "cluster_source.h"

namespace mixest {

// Rows of positive weight, multiplied by the square roots of their weights.
struct ScaledRows {
  Matrix X;                              // n x rank, combined by F: sum of X'V^{-1}X is I
  Vector e;                              // n, residuals in units of sigma
  Matrix UL;                             // n x q, U times the block of Lambda of each factor
  std::vector<int> column_factor;        // q, from 0
  std::vector<std::vector<int>> levels;  // for each factor the level of each row
};

class ClusterRowsReader final : public ClusterSource {
 public:
  // `cluster`: of each row, 0..clusters-1, every one of which has rows.
  ClusterRowsReader(const ScaledRows& rows, const std::vector<int>& cluster, Index clusters);

  Index groups() const override { return length(members_); }
  Index clusters() const override { return groups(); }
  Index rank() const override { return rows_.X.cols(); }
  GroupRows read(Index cluster) const override;

 private:
  const ScaledRows& rows_;
  std::vector<std::vector<Index>> members_;  // rows of each cluster
};

}  // namespace mixest
