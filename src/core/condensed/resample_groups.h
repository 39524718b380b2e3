// Data of groups drawn with replacement, as many as there are: R_i and B_i of those drawn side by
// side, their C_i pooled into R_0.
#pragma once

#include "../base/random_draws.h"
#include "group_stats.h"

namespace mixest {

// Overwrites `out`, a copy of `stats` without remainders. Those of `stats` must have been kept.
void resample_groups(const GroupStats& stats, RandomDraws& random, GroupStats& out);

}  // namespace mixest
