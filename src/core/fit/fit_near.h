// The fit of data much like others whose estimate is known: a group left out, a replicate.
#pragma once

#include "fit_lmm.h"

namespace mixest {

// From `theta` (user parametrisation). Where there may be a second optimum (on the boundary, not
// certified, a structure other than `us`) the lower of this and of the search from the usual starts
// is taken.
Fit fit_near(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml, const Vector& theta,
             const SearchOptions& options, const Execution& execution);

}  // namespace mixest
