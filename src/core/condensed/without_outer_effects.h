// The cross-products of [X y] without what the effects of the inner and of the outer factors
// explain.
#pragma once

#include "without_inner_effects.h"

namespace mixest {

// `left`: what the inner effects leave; the outer effects that take part are added to its number.
Matrix without_outer_effects(const GroupStats& stats, const EffectIndices& indices, WithinGroups& left);

}  // namespace mixest
