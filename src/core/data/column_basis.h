// Chooses the shift and the scale of each column before condensation, from one pass over the
// column.
#pragma once

#include "group_stats.h"
#include "rows.h"

namespace mixest {

struct ColumnBases {
  ColumnBasis x;  // p
  ColumnBasis u;  // q
  ColumnBasis y;  // r; its `constant` is empty
};

// For the rows that count.
ColumnBases choose_column_bases(const Rows& rows, const Layout& layout, int threads);

}  // namespace mixest
