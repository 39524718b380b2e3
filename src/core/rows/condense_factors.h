// Rows of several grouping factors become GroupStats (outer_stats.h).
#pragma once

#include "condense.h"
#include "level_graph.h"

namespace mixest {

// Crossed factors with so many levels that matrices over the effects of one component don't fit
// into memory.
class TooManyEffects : public std::runtime_error {
 public:
  TooManyEffects(Index effects, Index most)
      : std::runtime_error(std::to_string(effects) + " outer random effects are connected; the limit is " +
                           std::to_string(most)) {}
};

// As condense() in condense.h, for two grouping factors or more; `u_factor`: the number (from 0) of
// the grouping factor of each column of U. The inner factor is the one with most effects: those
// that are left are then as few as can be. Rows.group and Layout.groups are not used. Throws
// TooManyEffects.
std::vector<GroupStats> condense_factors(const Rows& rows, const std::vector<Grouping>& groupings,
                                         const std::vector<int>& u_factor, const Layout& layout,
                                         const Execution& execution);

}  // namespace mixest
