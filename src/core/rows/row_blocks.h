// Rows that lie scattered over more memory than the cache holds, brought near the other rows of
// their group.
//
// Reading such rows group by group would fetch nearly every number from main memory by itself. One
// pass before that copies the columns into blocks of neighbouring groups; there are so few blocks
// that the place to write to next is in the cache for each of them, and so many that a block fits
// into the cache when its groups are read. Rows of one group keep their order, and a column of
// equal numbers is not copied.
#pragma once

#include <memory>
#include <vector>

#include "rows.h"

namespace mixest {

// Rows [begin, end) are all those of the groups first..last.
struct RowBlock {
  Index begin;
  Index end;
  Index first;
  Index last;
};

class RowBlocks {
 public:
  // Does nothing where rows are few or do not lie scattered. `rows` must outlive the blocks.
  RowBlocks(const Rows& rows, Index groups, int threads);
  RowBlocks(const RowBlocks&) = delete;
  RowBlocks& operator=(const RowBlocks&) = delete;

  const Rows& rows() const { return blocked_; }
  const std::vector<RowBlock>& blocks() const { return blocks_; }  // empty where nothing was done

 private:
  Rows blocked_;
  std::vector<RowBlock> blocks_;
  std::vector<std::unique_ptr<double[]>> columns_;
  std::unique_ptr<int[]> group_;
};

}  // namespace mixest
