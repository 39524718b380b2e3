// Chooses the shift and the scale of each column before condensation, from one pass over the
// column.
#pragma once

#include "../condensed/group_stats.h"
#include "rows.h"

namespace mixest {

struct DesignUnits {
  ColumnUnits x;  // p
  ColumnUnits u;  // q
  ColumnUnits y;  // r; its `constant` is empty
};

// For the rows that count.
DesignUnits choose_column_units(const Rows& rows, const Layout& layout, int threads);

}  // namespace mixest
