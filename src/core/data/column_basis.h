// Chooses the shift and the scale of each column before condensation, from one pass over the column.
#pragma once

#include "group_stats.h"
#include "rows.h"

namespace mixest {

// Sets the shifts, scales and magnitudes of `stats` (x, u and y) for the rows that count.
void choose_column_bases(const Rows& rows, const Layout& layout, GroupStats& stats);

}  // namespace mixest
