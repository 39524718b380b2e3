// The sampling distribution of the estimates: condensed data drawn again and again, each set fitted
// from the estimate.
//
// Replicate r draws from a random stream of its own, so that it is the same whatever the number of
// threads and whichever other replicates are asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "../../base/random_draws.h"
#include "../../fit/fit_lmm.h"

namespace mixest {

enum class Resampling {
  response,  // new responses from the fitted model (simulate_response.h)
  groups     // whole groups with replacement (resample_groups.h)
};

struct BootstrapRequest {
  std::vector<TermSpec> terms;
  bool reml = true;
  Vector theta;  // the estimate, user parametrisation
  Resampling resampling = Resampling::response;
  std::uint32_t seed = 0;
  SearchOptions search;
  std::vector<std::pair<int, int>> components;  // columns of U: standard deviations (a, a) and correlations (a, b)
};

struct Replicates {
  Matrix values;  // one row each: beta (all columns of X), sigma, components; NaN where there is none
  std::vector<FitStatus> status;
  std::vector<bool> at_boundary;
};

// Draws condensed data into a copy of the original ones without remainders.
using Draw = std::function<void(RandomDraws&, GroupStats&)>;

// Empty when nothing can be drawn: the likelihood can't be evaluated at the estimate. `stats` must
// outlive it.
Draw make_draw(const GroupStats& stats, const BootstrapRequest& request);

// Replicates first, first + 1, ...
Replicates bootstrap(const GroupStats& stats, const BootstrapRequest& request, const Draw& draw, std::uint64_t first,
                     int count, const Execution& execution);

}  // namespace mixest
