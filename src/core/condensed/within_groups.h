// What is left of y within groups, once each group has its own effects and X has taken its share.
#pragma once

#include "group_stats.h"

namespace mixest {

struct WithinGroupResidual {
  double df = 0;        // rows beyond those that the group effects and X can absorb
  double variance = 0;  // per df, in units of the fit's basis of y; 0 without df
  // rows beyond those of the effects are fitted but for rounding: as sigma -> 0 the likelihood
  // grows without limit
  bool fits_exactly = false;
};

// `spread`: unit of the fit's basis of y (fixed_basis.h).
WithinGroupResidual within_group_residual(const GroupStats& stats, double spread, bool reml);

}  // namespace mixest
