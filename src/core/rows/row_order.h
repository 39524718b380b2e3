// The order in which condensation reads the rows: group by group.
#pragma once

#include "row_blocks.h"

namespace mixest {

// A stretch of rows of one group: positions [begin, end) in `order`, or row numbers themselves when
// `order` is empty.
struct Run {
  Index begin;
  Index end;
  Index group;  // from 0
};

struct RowOrder {
  std::vector<int> order;  // empty when the rows are read in place
  std::vector<Run> runs;   // one for each group that has rows

  bool in_place() const { return order.empty(); }
  Index row(Index position) const { return order.empty() ? position : order[position]; }
};

// Rows that already lie together by group are read in place; otherwise, or when rows of zero weight
// have to be left out, a counting sort brings them together. `blocks`: of RowBlocks, or none.
RowOrder order_rows(const Rows& rows, Index groups, const std::vector<RowBlock>& blocks, int threads);

}  // namespace mixest
