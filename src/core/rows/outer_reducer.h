// The orthogonal reduction of one inner group's rows beside the columns of the outer factors
// (outer_stats.h).
//
// As group_reducer.h does it, on the block [U_i | U_J | X | Y]: U_J holds the columns of the levels
// that the group meets, and what is left of the rows below R_i goes into the pool of [X Y] and, as
// cross-products, into the component's C_J'[C_J C]. Those are sums of squares of what the group's
// own effects leave: nothing is subtracted.
#pragma once

#include "../linear_algebra/row_pool.h"
#include "column_units.h"
#include "group_origin.h"
#include "level_graph.h"

namespace mixest {

// What is the same for all groups.
struct OuterPlan {
  const Rows& rows;
  const RowOrder& order;
  const std::vector<Grouping>& groupings;
  const DesignUnits& bases;
  const std::vector<int>& u_term;
  const std::vector<int>& inner;  // columns of U
  const OuterStats& outer;
  const LevelBlocks& blocks;
  const EffectIndices& indices;
};

class OuterReducer {
 public:
  explicit OuterReducer(const OuterPlan& plan);

  // Where the results of one group go: R (q x q), B (q x (p + r)) and the B_iJ (q x columns of the
  // touched blocks) come in as zeros; `gram` (effects x (effects + p + r), of the group's
  // component) and `pool` are added to.
  struct Target {
    BlockRef R, B, BJ, gram;
    RowPool& pool;
  };
  void reduce(const Run& run, Target target);

 private:
  void find_effects(const Run& run);
  void choose_origins(Index first_row);
  void gather(Index begin, Index end, Index top);
  void gather_outer(Index begin, Index end, Index top);
  void add_left_over(Index rows, Target& target);
  void add_to_gram(Target& target) const;

  Index q() const { return length(plan_.inner); }
  Index xy_columns() const { return plan_.rows.X.cols() + plan_.rows.Y.cols(); }
  Index columns() const { return q() + width_ + xy_columns(); }

  const OuterPlan& plan_;
  GroupOrigins group_origins_;
  std::vector<Origin> origins_;  // of U_i, X, Y in the group at hand
  std::vector<Index> place_;     // of each block of the whole: its first column in U_J of the group at hand
  std::vector<Index> effect_;    // of each column of U_J, in the component
  Index width_ = 0;              // columns of U_J
  Matrix block_, left_;          // left_: C_J'[C_J C] of the group at hand
  Vector root_weights_;
};

}  // namespace mixest
