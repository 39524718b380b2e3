#include "objective.h"

#include <cmath>

namespace mixest {

ObjectiveValue LmmObjective::evaluate(const Vector& theta) {
  if (last_theta_.size() > 0 && last_theta_ == theta) return last_value_;
  const CovarianceModel& covariance = problem_.covariance();
  last_ = likelihood_.evaluate(covariance.lambda(theta), Order::hessian);
  last_theta_ = theta;
  ObjectiveValue out;
  out.finite = last_.finite && last_.G.allFinite() && last_.hessian.allFinite();
  if (out.finite) {
    out.value = last_.deviance;
    out.gradient = covariance.gradient(theta, last_.G);
    out.hessian = covariance.hessian(theta, last_.G, problem_.on_model_pairs(last_.hessian));
  }
  last_value_ = out;
  return out;
}

bool LmmObjective::recentre(const Vector& theta) {
  constexpr double harmless = 100;
  evaluate(theta);
  if (last_.triangle.size() == 0 || last_.cancellation() <= harmless) return false;
  problem_.recentre(last_.beta());
  likelihood_ = problem_.likelihood();
  last_theta_.resize(0);
  return true;
}

// The deviance is a sum of terms of the size of nu, each with a few rounding errors; cancellation
// adds to those of r.
double LmmObjective::value_noise(double value) const {
  const double of_residual = last_.finite ? 1e-16 * last_.cancellation() : 0;
  return 1e-14 * (std::abs(value) + problem_.nu()) + problem_.nu() * of_residual;
}

}  // namespace mixest
