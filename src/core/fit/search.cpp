#include "search.h"

#include "certificate.h"
#include "starting_values.h"

#include <algorithm>

namespace mixest {

namespace {

constexpr double multiplier_noise = -1e-12;  // rounding in G relative to sum S_i

MinimizeSummary minimize_from(LmmObjective& objective, const Vector& theta, const SearchOptions& options, const Execution& execution) {
  MinimizeOptions inner;
  inner.tolerance = options.tolerance;
  inner.max_iterations = options.max_iterations;
  inner.initial_radius = std::max(1.0, theta.norm());
  return minimize(objective, theta, inner, execution);
}

// The optimum from `point`, with the work done so far counted in.
MinimizeSummary continue_from(LmmObjective& objective, const Vector& point, const MinimizeSummary& so_far, const SearchOptions& options,
                              const Execution& execution) {
  MinimizeSummary next = minimize_from(objective, point, options, execution);
  next.iterations += so_far.iterations;
  next.evaluations += so_far.evaluations;
  return next;
}

// Starting values in the fit's parameters: the user's, or the moment estimate and multiples of it.
std::vector<Vector> starting_points(const Problem& problem, const Panels& panels, const Vector& user, double within_variance,
                                    int count) {
  const CovarianceModel& covariance = problem.covariance();
  std::vector<Vector> out;
  if (user.size() > 0) out.push_back(covariance.from_user(user, problem.random().from_user));
  const Matrix moments = moment_start(panels, within_variance > 0 ? within_variance : 1);
  constexpr double multiples[] = {1, 0.01, 100, 0.1, 10, 1e-4, 1e4};
  for (double multiple : multiples)
    if (static_cast<int>(out.size()) < count) out.push_back(covariance.start(multiple * moments));
  return out;
}

bool at_boundary(const CovarianceModel& covariance, const Vector& theta) {
  const std::vector<int> ranks = covariance.ranks(theta);
  for (int t = 0; t < covariance.n_terms(); ++t)
    if (ranks[static_cast<std::size_t>(t)] < covariance.structure(t).dim()) return true;
  return false;
}

// The optimum with boundary parameters at their exact values. A point near the boundary is moved onto it only when the deviance
// does not rise and the multipliers there have the right sign, so an optimum just inside stays inside.
void settle_on_boundary(const Problem& problem, LmmObjective& objective, const SearchOptions& options, const Execution& execution,
                        MinimizeSummary& summary) {
  const CovarianceModel& covariance = problem.covariance();
  for (double tolerance : {1e-3, 1e-5, 1e-8}) {
    const Vector snapped = covariance.canonical(summary.x, tolerance);
    if (!at_boundary(covariance, snapped)) break;
    const ObjectiveValue at = objective.evaluate(snapped);
    ++summary.evaluations;
    if (!at.finite || at.value > summary.at.value + objective.value_noise(at.value)) continue;
    if (certify(problem, snapped, at, objective.last()).kkt_min_eigen < multiplier_noise) continue;
    const MinimizeSummary next = continue_from(objective, snapped, summary, options, execution);
    if (next.at.value <= summary.at.value + objective.value_noise(at.value)) summary = next;
    break;
  }
  summary.x = covariance.canonical(summary.x, 1e-9);
}

// From a boundary where a parameter without influence has the wrong value the deviance can fall although it does not seem so.
void leave_false_boundary(const Problem& problem, LmmObjective& objective, const SearchOptions& options, const Execution& execution,
                          MinimizeSummary& summary) {
  if (problem.covariance().equivalent_points(summary.x).empty()) return;
  objective.evaluate(summary.x);
  ++summary.evaluations;
  const FalseBoundary boundary = worst_boundary(problem, summary.x, objective.last());
  if (!(boundary.multiplier < multiplier_noise)) return;
  MinimizeSummary next = continue_from(objective, boundary.point, summary, options, execution);
  settle_on_boundary(problem, objective, options, execution, next);
  if (next.at.value < summary.at.value) summary = next;
}

}  // namespace

MinimizeSummary find_optimum(const Problem& problem, LmmObjective& objective, const Vector& user_start, double within_variance,
                             const SearchOptions& options, const Execution& execution) {
  MinimizeSummary best;
  int iterations = 0, evaluations = 0;
  const Panels& panels = objective.likelihood().panels();
  for (const Vector& theta : starting_points(problem, panels, user_start, within_variance, options.starts)) {
    MinimizeSummary summary = minimize_from(objective, theta, options, execution);
    if (!summary.at.finite && objective.recentre(theta)) summary = minimize_from(objective, theta, options, execution);
    iterations += summary.iterations;
    evaluations += summary.evaluations;
    if (summary.at.finite && (!best.at.finite || summary.at.value < best.at.value)) best = summary;
  }
  best.iterations = iterations;
  best.evaluations = evaluations;
  if (!best.at.finite) return best;
  if (objective.recentre(best.x)) best = continue_from(objective, best.x, best, options, execution);
  settle_on_boundary(problem, objective, options, execution, best);
  leave_false_boundary(problem, objective, options, execution, best);
  return best;
}

}  // namespace mixest
