// Rows of several grouping factors become GroupStats (outer_stats.h).
#pragma once

#include "condense.h"
#include "level_graph.h"

namespace mixest {

// As condense() in condense.h, for two grouping factors or more; `u_factor`: the number (from 0) of the grouping factor of each column of U.
// The inner factor is the one with most effects: those that are left are then as few as can be. Rows.group and Layout.groups are not used.
std::vector<GroupStats> condense_factors(const Rows& rows, const std::vector<Grouping>& groupings, const std::vector<int>& u_factor,
                                         const Layout& layout, const Execution& execution);

}  // namespace mixest
