#include "fit_lmm.h"

#include "../data/rank.h"
#include "../optimizer/minimize.h"
#include "identifiability.h"
#include "lmm_objective.h"
#include "starting_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double multiplier_noise = -1e-12;  // rounding in G relative to sum S_i

// Rows beyond those that the group effects can absorb.
double rows_within(const GroupStats& stats) {
  double absorbed = 0;
  for (Index i = 0; i < stats.m; ++i) {
    const auto R = stats.R.middleCols(i * stats.q, stats.q);
    for (Index r = 0; r < stats.q; ++r) absorbed += R.row(r).isZero(0) ? 0 : 1;
  }
  return static_cast<double>(stats.n_obs) - absorbed;
}

// Once groups and X have taken their share nothing but rounding is left of y, although rows remain.
bool groups_fit_exactly(const GroupStats& stats, double within) {
  const RankDecision rank = decide_rank(stats.R0, stats.p, stats.x.magnitude, static_cast<double>(stats.n_obs));
  const Index kept = static_cast<Index>(rank.kept.size());
  if (within <= static_cast<double>(kept)) return false;
  const double noise = std::max(1e-14, 4 * eps * stats.y_magnitude) * std::sqrt(static_cast<double>(stats.n_obs));
  return rank.rest.col(0).tail(stats.k() - kept).norm() <= noise;
}

MinimizeSummary minimize_from(LmmObjective& objective, const Vector& theta, const FitOptions& options, const Execution& execution) {
  MinimizeOptions inner;
  inner.tolerance = options.tolerance;
  inner.max_iterations = options.max_iterations;
  return minimize(objective, theta, inner, execution);
}

// Starting values in the fit's parameters: the user's, or the moment estimate and multiples of it.
std::vector<Vector> starting_points(const Problem& problem, const Panels& panels, const Vector& user, double within, int count) {
  const CovarianceModel& covariance = problem.covariance();
  std::vector<Vector> out;
  if (user.size() > 0) out.push_back(covariance.from_user(user, problem.random().from_user));
  const Matrix moments = moment_start(panels, within);
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
void settle_on_boundary(const Problem& problem, LmmObjective& objective, const FitOptions& options, const Execution& execution,
                        MinimizeSummary& summary) {
  const CovarianceModel& covariance = problem.covariance();
  for (double tolerance : {1e-3, 1e-5, 1e-8}) {
    const Vector snapped = covariance.canonical(summary.x, tolerance);
    if (!at_boundary(covariance, snapped)) break;
    const ObjectiveValue at = objective.evaluate(snapped);
    ++summary.evaluations;
    if (!at.finite || at.value > summary.at.value + objective.value_noise(at.value)) continue;
    if (certify(problem, snapped, at, objective.last()).kkt_min_eigen < multiplier_noise) continue;
    MinimizeSummary next = minimize_from(objective, snapped, options, execution);
    next.iterations += summary.iterations;
    next.evaluations += summary.evaluations;
    if (next.at.value <= summary.at.value + objective.value_noise(at.value)) summary = next;
    break;
  }
  summary.x = covariance.canonical(summary.x, 1e-9);
}

// From a boundary where a parameter without influence has the wrong value the deviance can fall although it does not seem so.
void leave_false_boundary(const Problem& problem, LmmObjective& objective, const FitOptions& options, const Execution& execution,
                          MinimizeSummary& summary) {
  if (problem.covariance().equivalent_points(summary.x).empty()) return;
  objective.evaluate(summary.x);
  const FalseBoundary boundary = worst_boundary(problem, summary.x, objective.last());
  if (!(boundary.multiplier < multiplier_noise)) return;
  MinimizeSummary next = minimize_from(objective, boundary.point, options, execution);
  next.iterations += summary.iterations;
  next.evaluations += summary.evaluations + 1;
  settle_on_boundary(problem, objective, options, execution, next);
  if (next.at.value < summary.at.value) summary = next;
}

// A REML optimum in the interior with clear curvature is proof enough that its parameters are identified.
bool in_doubt(const Certificate& certificate, bool reml) {
  return !reml || certificate.at_boundary || !(certificate.hessian_min_eigen > 1e-4);
}

void add_unidentified(const std::vector<int>& parameters, Certificate& certificate) {
  for (int a : parameters)
    if (std::find(certificate.flat.begin(), certificate.flat.end(), a) == certificate.flat.end()) certificate.flat.push_back(a);
}

FitStatus status_of(StopReason reason, const Certificate& certificate, double tolerance) {
  if (!certificate.flat.empty()) return FitStatus::flat;
  if (certificate.holds(std::max(tolerance, 1e-8))) return FitStatus::converged;
  return reason == StopReason::max_iterations ? FitStatus::max_iterations : FitStatus::no_progress;
}

void set_fixed_effects(const Problem& problem, const Evaluation& at, Fit& fit) {
  const FixedBasis& fixed = problem.fixed();
  const Index p = fixed.rank();
  fit.kept = fixed.kept;
  fit.beta = user_coefficients(fixed, problem.stats(), at.beta());
  Matrix factor = Matrix::Identity(p, p);
  at.triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(factor);
  fixed.triangle.triangularView<Eigen::Upper>().solveInPlace(factor);
  fit.beta_factor = fixed.user_map * factor;
}

Fit perfect_fit(const Problem& problem) {
  const CovarianceModel& covariance = problem.covariance();
  const FixedBasis& fixed = problem.fixed();
  Fit fit;
  fit.status = FitStatus::perfect_fit;
  fit.theta = Vector::Zero(covariance.n_parameters());
  fit.lambda = Matrix::Zero(covariance.dim(), covariance.dim());
  fit.deviance = -std::numeric_limits<double>::infinity();
  fit.kept = fixed.kept;
  fit.beta = user_coefficients(fixed, problem.stats(), Vector::Zero(fixed.rank()));
  Matrix factor = Matrix::Identity(fixed.rank(), fixed.rank());
  fixed.triangle.triangularView<Eigen::Upper>().solveInPlace(factor);
  fit.beta_factor = fixed.user_map * factor;
  fit.certificate.ranks.assign(static_cast<std::size_t>(covariance.n_terms()), 0);
  fit.certificate.at_boundary = true;
  return fit;
}

}  // namespace

Fit fit_lmm(const Problem& problem, const Vector& start, const FitOptions& options, const Execution& execution) {
  Fit fit;
  fit.dependent = problem.random().dependent;
  if (!fit.dependent.empty()) {
    fit.status = FitStatus::dependent_columns;
    return fit;
  }
  if (problem.stats().n_obs <= problem.fixed().rank()) {
    fit.status = FitStatus::no_residual_df;
    return fit;
  }
  if (problem.fixed().fits_exactly) return perfect_fit(problem);

  LmmObjective objective(problem, execution.threads);
  const Panels& panels = objective.likelihood().panels();
  const double within = rows_within(problem.stats());
  if (groups_fit_exactly(problem.stats(), within)) {
    fit.status = FitStatus::perfect_groups;
    return fit;
  }

  MinimizeSummary best;
  for (const Vector& theta : starting_points(problem, panels, start, within, options.starts)) {
    MinimizeSummary summary = minimize_from(objective, theta, options, execution);
    summary.iterations += best.iterations;
    summary.evaluations += best.evaluations;
    if (summary.at.finite && (!best.at.finite || summary.at.value < best.at.value)) {
      best = summary;
    } else {
      best.iterations = summary.iterations;
      best.evaluations = summary.evaluations;
    }
  }
  if (best.at.finite) {
    settle_on_boundary(problem, objective, options, execution, best);
    leave_false_boundary(problem, objective, options, execution, best);
  }

  const CovarianceModel& covariance = problem.covariance();
  const ObjectiveValue at = objective.evaluate(best.x);
  fit.iterations = best.iterations;
  fit.evaluations = best.evaluations + 1;
  fit.status = FitStatus::no_progress;
  if (!at.finite) return fit;
  const Evaluation optimum = objective.last();
  fit.certificate = certify(problem, best.x, at, optimum);
  if (in_doubt(fit.certificate, problem.reml()))
    add_unidentified(unidentified_parameters(problem, objective.likelihood(), best.x), fit.certificate);
  fit.status = status_of(best.reason, fit.certificate, options.tolerance);
  fit.theta = covariance.to_user(best.x, problem.random().from_user);
  fit.lambda = covariance.in_user_parameters().factor(fit.theta);
  fit.deviance = at.value;
  fit.sigma = problem.sigma(optimum.residual());
  set_fixed_effects(problem, optimum, fit);
  return fit;
}

}  // namespace mixest
