// The orthogonal reduction of one group's rows.
//
// The columns [U | X without those that U holds too | Y] of up to `rows_at_once` rows are brought
// together in a block, shifted, scaled and weighted, and reduced:
//
//     first rows    U x x Y    ->   R . B        next rows are put below R | B and reduced with it;
//                   U x x Y         0 . C        C goes to the pool
//
// A column of X that U holds too needs no work: its B is the column of R, its C is zero.
//
// What group_origin.h says is subtracted from the columns before the reduction and put back in R
// and B.
#pragma once

#include "../linear_algebra/row_pool.h"
#include "column_units.h"
#include "group_origin.h"
#include "row_order.h"

namespace mixest {

// What is known of the columns before any group is reduced; shared by all reducers.
class ReductionPlan {
 public:
  ReductionPlan(const Rows& rows, const DesignUnits& bases, const std::vector<int>& u_term);

  const DesignUnits& bases() const { return bases_; }
  const std::vector<int>& u_term() const { return u_term_; }

  // For each column of X the column of U that is condensed to the same numbers, or -1.
  const std::vector<Index>& shared() const { return shared_; }

  Index q() const { return bases_.u.scale.size(); }
  Index p() const { return bases_.x.scale.size(); }
  Index responses() const { return bases_.y.scale.size(); }
  Index unshared() const { return unshared_; }  // columns of X that are not shared with U

  RowPool empty_pool() const { return RowPool(unshared_, responses()); }

  // R_0 (k x k) from the pooled factor of the unshared columns and one response.
  Matrix spread_out(const Matrix& factor) const;

 private:
  DesignUnits bases_;
  std::vector<int> u_term_;
  std::vector<Index> shared_;
  Index unshared_;
};

class GroupReducer {
 public:
  GroupReducer(const Rows& rows, const RowOrder& order, const ReductionPlan& plan);

  // Asks for the rows of a group that will be reduced soon: rows that lie scattered arrive from
  // memory while others are reduced.
  void prefetch(const Run& run) const;

  // Reduces the rows of one group; R (q x q) and B (q x (p + r)) come in as zeros, the leftover
  // rows go to `pool`.
  void reduce(const Run& run, BlockRef R, BlockRef B, RowPool& pool);

 private:
  void choose_origins(Index first_row);
  void gather(Index begin, Index end, Index top);
  void gather_column(const Column& column, double origin, double scale, Index begin, Index count, double* out) const;
  void weigh(double* column, Index count) const;
  void store(Index filled, BlockRef R, BlockRef B) const;

  const Rows& rows_;
  const RowOrder& order_;
  const ReductionPlan& plan_;
  const DesignUnits& bases_;
  GroupOrigins group_origins_;
  std::vector<Origin> origins_;  // of the block's columns in the group at hand
  // what is read row by row: columns of the block that are not constant, weights, offset
  std::vector<const double*> scattered_;
  Matrix block_;
  Vector root_weights_;
};

}  // namespace mixest
