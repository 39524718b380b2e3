#include "search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "certificate.h"
#include "principal_axes.h"
#include "starting_values.h"

namespace mixest {

namespace {

// Of a multiplier, relative to sum S_i: rounding in G, which large effects magnify. About m / 2
// times its square, what a multiplier leaves in the deviance, is far below rounding for this one.
constexpr double multiplier_noise = -1e-9;

// A search that takes long is in a curved valley, which may be straight in other axes: it goes on
// in those of the covariance matrix it has reached.
MinimizeSummary minimize_from(const Problem& problem, LmmObjective& objective, const Vector& theta,
                              const SearchOptions& options, const Execution& execution) {
  constexpr int long_search = 10;
  const bool turning = PrincipalAxesObjective::possible(problem.covariance());
  MinimizeOptions inner;
  inner.tolerance = options.tolerance;
  inner.max_iterations = turning ? std::min(long_search, options.max_iterations) : options.max_iterations;
  inner.initial_radius = std::max(1.0, theta.norm());
  MinimizeSummary found = minimize(objective, theta, inner, execution);
  while (found.reason == StopReason::max_iterations && found.iterations < options.max_iterations) {
    PrincipalAxesObjective turned(problem, objective, found.x);
    inner.max_iterations = std::min(long_search, options.max_iterations - found.iterations);
    inner.initial_radius = found.radius;
    MinimizeSummary next = minimize(turned, turned.turn(found.x), inner, execution);
    next.x = turned.turn_back(next.x);
    next.evaluation = objective.evaluate(next.x);
    if (!next.evaluation.finite || next.evaluation.value > found.evaluation.value + options.tolerance +
                                                               objective.value_noise(found.evaluation.value))
      break;
    next.iterations += found.iterations;
    next.evaluations += found.evaluations + 1;
    found = next;
  }
  return found;
}

// The optimum from `point`, with the work done so far counted in.
MinimizeSummary continue_from(const Problem& problem, LmmObjective& objective, const Vector& point,
                              const MinimizeSummary& so_far, const SearchOptions& options, const Execution& execution) {
  MinimizeSummary next = minimize_from(problem, objective, point, options, execution);
  next.iterations += so_far.iterations;
  next.evaluations += so_far.evaluations;
  return next;
}

// One scale for columns of different units can be far from that of the moments: the best of a range
// of scales.
Vector best_multiple(LmmObjective& objective, const CovarianceModel& covariance, const Matrix& psi, int& evaluations) {
  Vector best = covariance.start(psi);
  double lowest = std::numeric_limits<double>::infinity();
  for (int exponent = -8; exponent <= 8; exponent += 2) {
    const Vector theta = covariance.start(std::pow(10.0, exponent) * psi);
    const ObjectiveValue evaluation = objective.evaluate(theta);
    ++evaluations;
    if (evaluation.finite && evaluation.value < lowest) {
      lowest = evaluation.value;
      best = theta;
    }
  }
  return best;
}

// With few rows in each group the deviance of a single variance can have several valleys: their
// lowest points on a grid, but that of the valley in which `found` lies. (In the fit's basis theta
// is of order one when a group says as much about its effect as there is to say.)
std::vector<Vector> other_valleys(const Problem& problem, LmmObjective& objective, const Vector& found,
                                  int& evaluations) {
  constexpr double grid[] = {0, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000};
  constexpr int size = sizeof(grid) / sizeof(grid[0]);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double value[size];
  for (int i = 0; i < size; ++i) {
    const Evaluation evaluation =
        objective.likelihood().evaluate(problem.covariance().lambda(Vector::Constant(1, grid[i])), Order::value);
    ++evaluations;
    value[i] = evaluation.finite ? evaluation.deviance : infinity;
  }
  std::vector<Vector> out;
  for (int i = 0; i < size; ++i) {
    const bool lowest =
        value[i] < infinity && (i == 0 || value[i] < value[i - 1]) && (i == size - 1 || value[i] <= value[i + 1]);
    const double left = i == 0 ? 0 : grid[i - 1], right = i == size - 1 ? infinity : grid[i + 1];
    const bool known =
        found.size() == 1 && std::abs(found[0]) >= left && std::abs(found[0]) <= right && (i == 0) == (found[0] == 0);
    if (lowest && !known) out.push_back(Vector::Constant(1, grid[i]));
  }
  return out;
}

bool at_boundary(const CovarianceModel& covariance, const Vector& theta) {
  const std::vector<int> ranks = covariance.ranks(theta);
  for (int t = 0; t < covariance.n_terms(); ++t)
    if (ranks[t] < covariance.structure(t).dim()) return true;
  return false;
}

// The optimum with boundary parameters at their exact values. A point near the boundary is moved
// onto it only when the deviance does not rise and the multipliers there have the right sign, so an
// optimum just inside stays inside.
void settle_on_boundary(const Problem& problem, LmmObjective& objective, const SearchOptions& options,
                        const Execution& execution, MinimizeSummary& summary) {
  const CovarianceModel& covariance = problem.covariance();
  for (double tolerance : {1e-3, 1e-5, 1e-8}) {
    const Vector snapped = covariance.canonical(summary.x, tolerance);
    if (!at_boundary(covariance, snapped)) break;
    const ObjectiveValue evaluation = objective.evaluate(snapped);
    ++summary.evaluations;
    if (!evaluation.finite || evaluation.value > summary.evaluation.value + objective.value_noise(evaluation.value))
      continue;
    if (certify(problem, snapped, evaluation, objective.last()).kkt_min_eigen < multiplier_noise) continue;
    const MinimizeSummary next = continue_from(problem, objective, snapped, summary, options, execution);
    if (next.evaluation.value <= summary.evaluation.value + objective.value_noise(evaluation.value)) summary = next;
    break;
  }
  summary.x = covariance.canonical(summary.x, 1e-9);
}

// From a boundary where a parameter without influence has the wrong value the deviance can fall
// although it does not seem so.
void leave_false_boundary(const Problem& problem, LmmObjective& objective, const SearchOptions& options,
                          const Execution& execution, MinimizeSummary& summary) {
  if (problem.covariance().equivalent_points(summary.x).empty()) return;
  ++summary.evaluations;
  if (!objective.evaluate(summary.x).finite) return;
  const FalseBoundary boundary = worst_boundary(problem, summary.x, objective.last());
  if (!(boundary.multiplier < multiplier_noise)) return;
  MinimizeSummary next = continue_from(problem, objective, boundary.point, summary, options, execution);
  settle_on_boundary(problem, objective, options, execution, next);
  if (next.evaluation.value < summary.evaluation.value) summary = next;
}

}  // namespace

MinimizeSummary find_optimum(const Problem& problem, LmmObjective& objective, const Vector& user_start,
                             double within_variance, const SearchOptions& options, const Execution& execution) {
  const CovarianceModel& covariance = problem.covariance();
  const Matrix moments = moment_start(objective.likelihood().sums(), within_variance > 0 ? within_variance : 1);
  MinimizeSummary best;
  int iterations = 0, evaluations = 0;
  const auto search_from = [&](const Vector& theta) {
    MinimizeSummary found = minimize_from(problem, objective, theta, options, execution);
    if (!found.evaluation.finite && objective.recentre(theta))
      found = minimize_from(problem, objective, theta, options, execution);
    if (found.evaluation.finite && objective.recentre(found.x))
      found = continue_from(problem, objective, found.x, found, options, execution);
    if (found.evaluation.finite) {
      settle_on_boundary(problem, objective, options, execution, found);
      leave_false_boundary(problem, objective, options, execution, found);
    }
    iterations += found.iterations;
    evaluations += found.evaluations;
    const double margin = best.evaluation.finite ? objective.value_noise(best.evaluation.value) : 0;
    if (found.evaluation.finite && (!best.evaluation.finite || found.evaluation.value < best.evaluation.value - margin))
      best = found;
  };

  if (user_start.size() > 0) {
    search_from(covariance.from_user(user_start, problem.random().from_user));
  } else if (covariance.all_unstructured()) {
    search_from(covariance.start(moments));
  } else {
    search_from(best_multiple(objective, covariance, moments, evaluations));
  }

  // A second optimum is rare, and rarer still where the first one is inside and the covariance
  // free; there it is not looked for. Every start is tried with hardly more groups than parameters,
  // and without rows beyond those of the effects: sigma may be best at zero then, far out in theta.
  constexpr double variances[] = {1, 30, 0.1, 1000, 0.01, 1e5};
  const bool scarce = !(within_variance > 0) || problem.stats().m <= 2 * covariance.n_parameters();
  const bool doubtful = !best.evaluation.finite || at_boundary(covariance, best.x) || !covariance.all_unstructured();
  const int sought = user_start.size() > 0 ? 1 : scarce ? 7 : doubtful ? 3 : 1;
  const int starts = std::max(options.starts, sought);
  const Matrix identity = Matrix::Identity(covariance.dim(), covariance.dim());
  for (int start = 1; start < starts; ++start) search_from(covariance.start(variances[start - 1] * identity));

  const bool sparse = problem.stats().n_obs < 4 * problem.stats().m;
  if (user_start.size() == 0 && covariance.dim() == 1 && sparse)
    for (const Vector& theta : other_valleys(problem, objective, best.x, evaluations)) search_from(theta);

  best.iterations = iterations;
  best.evaluations = evaluations;
  return best;
}

}  // namespace mixest
