// Rows become GroupStats.
#pragma once

#include "../base/execution.h"
#include "../condensed/group_stats.h"
#include "rows.h"

namespace mixest {

enum class Keep { pooled, remainders };  // with `remainders` also what belongs to each group alone

// One pass over the rows (and one before it over each column for its shift and scale), O(n
// (q + p)^2) operations, no temporary of the size of the data but the order of the rows when they
// do not lie together by group, and their blocks (row_blocks.h) when they lie scattered over more
// memory than the cache holds. Householder reduction of each group's rows: backward stable column
// by column. Throws Misuse when shapes disagree or a group code is outside 1..m. One GroupStats for
// each response; U and X are reduced only once.
std::vector<GroupStats> condense(const Rows& rows, const Layout& layout, Keep keep, const Execution& execution);

// What both ways of condensation share: that the shapes agree (Misuse), the numbers of rows, and
// what belongs to one of `responses` responses, with its columns taken out of `B`,
// q x ((p + responses) m).
void require_shapes(const Rows& rows, const Layout& layout);
void count_rows(const Rows& rows, GroupStats& stats);
void set_response(Matrix& B, Index responses, Index response, const ColumnUnits& y, GroupStats& stats);

}  // namespace mixest
