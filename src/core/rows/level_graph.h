// Which levels of the grouping factors occur together: the blocks, components and touched blocks of
// outer_stats.h.
#pragma once

#include "../condensed/outer_stats.h"
#include "row_order.h"

namespace mixest {

// One grouping factor of the rows.
struct Grouping {
  const int* codes;  // n, 1..levels
  Index levels;
};

// The block of a level (from 0) of an outer factor; -1 for a level without rows that count.
using LevelBlocks = std::vector<std::vector<int>>;

// Numbers the blocks and sets `block_factor`, `block_level`, `component`, `start` and `touched` of
// `outer`, whose `factors` are set. `groups`: levels of the inner factor, by which `order` runs.
LevelBlocks connect_levels(const RowOrder& order, Index groups, const std::vector<Grouping>& groupings,
                           OuterStats& outer);

}  // namespace mixest
