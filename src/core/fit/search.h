// The optimum of the deviance over theta: from which starts, and what happens at the boundary.
#pragma once

#include "../optimizer/minimize.h"
#include "objective.h"

namespace mixest {

struct SearchOptions {
  double tolerance = 1e-10;  // on the Newton decrement
  int max_iterations = 200;  // from each start
  // starting values tried, at most 7; the best optimum is kept. An optimum on the boundary, or of a
  // structure that ties variances together, is compared with those from two more
  int starts = 1;
};

// The best optimum found, canonical, with boundary parameters at their exact values. `user_start`:
// user parametrisation, or empty; `within_variance`: residual variance within groups in units of
// the fit's basis of y, 0 when unknown.
MinimizeSummary find_optimum(const Problem& problem, LmmObjective& objective, const Vector& user_start,
                             double within_variance, const SearchOptions& options, const Execution& execution);

}  // namespace mixest
