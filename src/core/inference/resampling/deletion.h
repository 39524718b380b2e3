// Estimates without one group, for every group in turn: each is the fit of the other groups'
// condensed data (condensed/without_group.h).
#pragma once

#include "../../fit/fit_lmm.h"

namespace mixest {

// The fits begin at `theta` (user's parametrisation), the estimate from all groups. Where there may
// be a second optimum (on the boundary, not certified, a structure other than `us`) the lower of
// this and of the search from the usual starts is taken. Throws Misuse when there are no
// remainders.
std::vector<Fit> leave_each_out(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml,
                                const Vector& theta, const SearchOptions& options, const Execution& execution);

}  // namespace mixest
