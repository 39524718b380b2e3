// The user's columns of X among each other: which are kept, and what the others are made of.
//
// Columns are known through the triangular factor of the cross-products of [X y] (the R_0 and all
// B_i, stacked and reduced), which is that of the condensed columns (x_j - shift_j 1) / scale_j.
#pragma once

#include <vector>

#include "../condensed/group_stats.h"
#include "../linear_algebra/rank.h"

namespace mixest {

struct FixedColumns {
  std::vector<int> kept;     // the first independent ones, increasing
  std::vector<int> dropped;  // the others
  Matrix factor;             // rank x rank, factor'factor = X_kept'W X_kept
  Matrix combination;        // rank x dropped: X_dropped = X_kept * combination; what is rounding is exactly 0
  Vector lengths;            // p: of all columns, about their means where 1 is in the span
};

FixedColumns fixed_columns(const GroupStats& stats, int threads);

// The triangular factor of the condensed [X y].
Matrix pooled_xy(const GroupStats& stats, int threads);

// a with 1 = X_kept a: a column of the constant that was dropped is a combination of kept ones.
Vector kept_constant(const ColumnUnits& x, const RankDecision& rank, const Vector& kept_scale);

}  // namespace mixest
