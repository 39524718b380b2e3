#include "make_likelihood_sums.h"

#include "one_factor/sums.h"
#include "several_factors/sums.h"

namespace mixest {

std::unique_ptr<LikelihoodSums> make_likelihood_sums(const GroupStats& stats, const FixedBasis& fixed,
                                                     const RandomBasis& random, const Execution& execution) {
  if (!stats.outer.empty()) return std::make_unique<SeveralFactorSums>(stats, fixed, random, execution);
  return std::make_unique<OneFactorSums>(stats, fixed, random, execution);
}

}  // namespace mixest
