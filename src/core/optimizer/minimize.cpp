#include "minimize.h"

#include <algorithm>
#include <cmath>

#include "quadratic_model.h"

namespace mixest {

namespace {

// Follows full Newton steps from a point that has converged as long as each one at least halves the
// decrement. Most optima take one or two; where the curvature vanishes with the gradient (a
// variance just at the edge of zero) the steps only divide it by five.
void polish(Objective& objective, const MinimizeOptions& options, MinimizeSummary& summary) {
  constexpr int max_steps = 50;
  for (int i = 0; i < max_steps; ++i) {
    const QuadraticModel model(summary.evaluation.gradient, summary.evaluation.hessian);
    const Vector step = model.newton_step();
    const double decrement = model.newton_decrement();
    // the next step is below rounding
    if (decrement <= 1e-10 * options.tolerance && step.norm() <= 1e-8 * summary.x.norm()) return;
    const ObjectiveValue evaluation = objective.evaluate(summary.x + step);
    ++summary.evaluations;
    // values may not tell points apart that gradients do
    if (!evaluation.finite ||
        evaluation.value > summary.evaluation.value + options.tolerance + objective.value_noise(evaluation.value))
      return;
    const QuadraticModel next(evaluation.gradient, evaluation.hessian);
    if (!next.convex() || next.newton_decrement() > 0.5 * decrement) return;
    summary.x += step;
    summary.evaluation = evaluation;
  }
}

double next_radius(double radius, double length, double ratio) {
  if (ratio < 0.25) return 0.25 * length;
  if (ratio > 0.75 && length > 0.9 * radius) return 2.5 * radius;
  return radius;
}

}  // namespace

MinimizeSummary minimize(Objective& objective, const Vector& start, const MinimizeOptions& options,
                         const Execution& execution) {
  MinimizeSummary summary;
  summary.x = start;
  summary.evaluation = objective.evaluate(start);
  summary.evaluations = 1;
  if (!summary.evaluation.finite) return summary;

  double& radius = summary.radius;
  radius = options.initial_radius;
  while (true) {
    const QuadraticModel model(summary.evaluation.gradient, summary.evaluation.hessian);
    if (model.convex() && model.newton_decrement() <= options.tolerance) {
      summary.reason = StopReason::converged;
      polish(objective, options, summary);
      return summary;
    }
    if (summary.iterations == options.max_iterations) {
      summary.reason = StopReason::max_iterations;
      return summary;
    }
    ++summary.iterations;

    while (true) {
      execution.check_interrupt();
      const Vector step = model.step_within(radius);
      const double expected = model.reduction(step);
      const double length = step.norm();
      const ObjectiveValue evaluation = objective.evaluate(summary.x + step);
      ++summary.evaluations;
      const double noise = objective.value_noise(summary.evaluation.value);
      const double gained =
          evaluation.finite ? summary.evaluation.value - evaluation.value : -std::numeric_limits<double>::infinity();
      const bool below_noise = expected <= noise && gained >= -noise;
      const double ratio = below_noise ? 1 : gained / expected;
      radius = next_radius(radius, length, ratio);
      if (ratio > 1e-4) {
        summary.x += step;
        summary.evaluation = evaluation;
        break;
      }
      if (radius <= 1e-12 * (1 + summary.x.norm())) {
        summary.reason = StopReason::no_progress;
        return summary;
      }
    }
  }
}

}  // namespace mixest
