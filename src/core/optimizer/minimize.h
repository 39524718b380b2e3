// Trust-region Newton with exact Hessian: reaches a point where the gradient vanishes and the
// Hessian is positive semi-definite.
#pragma once

#include "../base/execution.h"
#include "objective.h"

namespace mixest {

struct MinimizeOptions {
  double tolerance = 1e-10;  // on the Newton decrement, in units of the objective
  int max_iterations = 200;
  double initial_radius = 1;
};

enum class StopReason { converged, max_iterations, no_progress, not_finite_at_start };

struct MinimizeSummary {
  StopReason reason = StopReason::not_finite_at_start;
  Vector x;
  ObjectiveValue evaluation;  // value, gradient and Hessian at x
  int iterations = 0;
  int evaluations = 0;
  double radius = 0;  // of the trust region at the end
};

// Near the solution the steps are polished until the Newton decrement no longer falls: it is then
// at rounding level.
MinimizeSummary minimize(Objective& objective, const Vector& start, const MinimizeOptions& options,
                         const Execution& execution);

}  // namespace mixest
