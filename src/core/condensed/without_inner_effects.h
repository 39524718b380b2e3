// [X y] and the columns of the outer factors within groups: what is left once each group has the
// effects of the inner factor to itself.
#pragma once

#include "group_stats.h"

namespace mixest {

struct WithinGroups {
  Matrix factor;   // triangular factor of the cross-products of [X y]
  double effects;  // that took part
  Vector gram;     // as OuterStats::gram, with rows that are left over in the groups added
};

WithinGroups without_inner_effects(const GroupStats& stats, const EffectIndices& indices);

}  // namespace mixest
