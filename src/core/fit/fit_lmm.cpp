#include "fit_lmm.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../condensed/within_groups.h"
#include "fixed_effects.h"
#include "identifiability.h"
#include "objective.h"

namespace mixest {

namespace {

// A REML optimum in the interior with clear curvature is proof enough that its parameters are
// identified.
bool in_doubt(const Certificate& certificate, bool reml) {
  return !reml || certificate.at_boundary || !(certificate.hessian_min_eigen > 1e-4);
}

void add_unidentified(const std::vector<int>& parameters, Certificate& certificate) {
  for (int a : parameters) certificate.add_flat(a);
}

// Parameters on the way to infinity, where the likelihood has no maximum; in the fit's basis they
// are of order one otherwise.
std::vector<int> running_away(const Vector& theta) {
  std::vector<int> out;
  for (Index a = 0; a < length(theta); ++a)
    if (std::abs(theta[a]) > 1e6) out.push_back(static_cast<int>(a));
  return out;
}

FitStatus status_of(StopReason reason, const Certificate& certificate, double tolerance) {
  if (!certificate.flat.empty()) return FitStatus::flat;
  if (certificate.holds(std::max(tolerance, 1e-8))) return FitStatus::converged;
  return reason == StopReason::max_iterations ? FitStatus::max_iterations : FitStatus::no_progress;
}

void set_fixed_effects(const Problem& problem, const Evaluation& evaluation, Fit& fit) {
  const FixedEffects found = fixed_effects(problem, evaluation);
  fit.kept = problem.fixed().kept;
  fit.beta = found.beta;
  fit.beta_factor = found.factor;
}

// In the units of a very small variable a coefficient can be too large for a number.
bool representable(const Fit& fit) {
  return fit.theta.allFinite() && fit.lambda.allFinite() && std::isfinite(fit.sigma) && fit.beta.allFinite() &&
         fit.beta_factor.allFinite();
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
  fit.beta_factor = user_beta_factor(fixed, Matrix::Identity(fixed.rank(), fixed.rank()));
  fit.certificate.ranks.assign(covariance.n_terms(), 0);
  fit.certificate.at_boundary = true;
  return fit;
}

}  // namespace

Fit fit_lmm(Problem& problem, const Vector& start, const SearchOptions& options, const Execution& execution) {
  Fit fit;
  const GroupStats& stats = problem.stats();
  if (!stats.R.allFinite() || !stats.B.allFinite() || !stats.R0.allFinite()) {
    fit.status = FitStatus::not_finite;
    return fit;
  }
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

  LmmObjective objective(problem);
  const WithinGroupResidual within = within_group_residual(stats, problem.fixed().spread, problem.reml());
  if (within.fits_exactly) {
    fit.status = FitStatus::perfect_groups;
    return fit;
  }

  const MinimizeSummary best = find_optimum(problem, objective, start, within.variance, options, execution);
  fit.status = FitStatus::not_finite;
  if (!best.evaluation.finite) return fit;

  const CovarianceModel& covariance = problem.covariance();
  const ObjectiveValue evaluation = objective.evaluate(best.x);
  if (!evaluation.finite) return fit;
  fit.iterations = best.iterations;
  fit.evaluations = best.evaluations + 1;
  const Evaluation optimum = objective.last();
  fit.certificate = certify(problem, best.x, evaluation, optimum);
  if (in_doubt(fit.certificate, problem.reml()))
    add_unidentified(unidentified_parameters(problem, objective.likelihood(), best.x), fit.certificate);
  if (!fit.certificate.holds(1e-8)) add_unidentified(running_away(best.x), fit.certificate);
  fit.status = status_of(best.reason, fit.certificate, options.tolerance);
  fit.theta = covariance.to_user(best.x, problem.random().from_user);
  fit.lambda = covariance.in_user_parameters().lambda(fit.theta);
  fit.deviance = evaluation.value;
  fit.sigma = problem.sigma(optimum.residual());
  set_fixed_effects(problem, optimum, fit);
  if (!representable(fit)) fit.status = FitStatus::not_finite;
  return fit;
}

}  // namespace mixest
