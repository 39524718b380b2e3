// The fit of data much like others whose estimate is known: a group left out, a replicate.
#pragma once

#include "fit_lmm.h"

namespace mixest {

// From `theta` (user parametrisation). A fit that ends on the boundary or is not certified is compared with the search from the usual starts.
Fit fit_near(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml, const Vector& theta, const SearchOptions& options,
             const Execution& execution);

}  // namespace mixest
