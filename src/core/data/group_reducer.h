// The orthogonal reduction of one group's rows.
//
// The columns [U | X without those that U holds too | y] of up to `rows_at_once` rows are brought together in a block, shifted, scaled
// and weighted, and reduced:
//
//     first rows    U x x y    ->   R . B        next rows are put below R | B and reduced with it;
//                   U x x y         0 . C        C goes to the pool
//
// A column of X that U holds too needs no work: its B is the column of R, its C is zero.
#pragma once

#include "group_stats.h"
#include "row_order.h"
#include "row_pool.h"

namespace mixest {

// What is known of the columns before any group is reduced; shared by all reducers.
class ReductionPlan {
 public:
  ReductionPlan(const Rows& rows, const GroupStats& stats);

  // For each column of X the column of U that is condensed to the same numbers, or -1.
  const std::vector<Index>& shared() const { return shared_; }

  Index own() const { return own_; }  // columns of [X y] that are not shared with U

  // R_0 (k x k) from the pooled factor of the own columns.
  Matrix spread_out(const Matrix& factor) const;

 private:
  std::vector<Index> shared_;
  Index own_;
};

class GroupReducer {
 public:
  GroupReducer(const Rows& rows, const RowOrder& order, const ReductionPlan& plan, const GroupStats& bases);

  // Reduces the rows of one group; R (q x q) and B (q x k) come in as zeros, the leftover rows go to `pool`.
  void reduce(const Run& run, BlockRef R, BlockRef B, RowPool& pool);

 private:
  void gather(Index begin, Index end, Index top);
  void gather_column(const double* column, double shift, double scale, Index begin, Index count, double* out) const;
  void weigh(double* column, Index count) const;
  void store(Index filled, BlockRef R, BlockRef B) const;

  const Rows& rows_;
  const RowOrder& order_;
  const ReductionPlan& plan_;
  const GroupStats& bases_;
  Matrix block_;
  Vector root_weights_;
};

}  // namespace mixest
