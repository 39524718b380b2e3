#include "lmm_objective.h"

#include <cmath>

namespace mixest {

ObjectiveValue LmmObjective::evaluate(const Vector& theta) {
  const CovarianceModel& covariance = problem_.covariance();
  last_ = likelihood_.evaluate(covariance.factor(theta), Order::hessian);
  ObjectiveValue out;
  out.finite = last_.finite && last_.G.allFinite() && last_.hessian.allFinite();
  if (!out.finite) return out;
  out.value = last_.deviance;
  out.gradient = covariance.gradient(theta, last_.G);
  out.hessian = covariance.hessian(theta, last_.G, problem_.on_model_pairs(last_.hessian));
  return out;
}

// The deviance is a sum of terms of the size of nu, each with a few rounding errors.
double LmmObjective::value_noise(double value) const { return 1e-14 * (std::abs(value) + problem_.nu()); }

}  // namespace mixest
