// The one place that knows the ways in which the sums of likelihood_sums.h are made.
#pragma once

#include "likelihood_sums.h"

namespace mixest {

// For the bases of X and y, and of U, that `fixed` and `random` describe. Needs nothing of the
// arguments later. Every pass over many levels looks for an interrupt.
std::unique_ptr<LikelihoodSums> make_likelihood_sums(const GroupStats& stats, const FixedBasis& fixed,
                                                     const RandomBasis& random, const Execution& execution);

}  // namespace mixest
