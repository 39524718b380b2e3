#include "correlation_link.h"

#include <cmath>

#include "partial_autocorrelations.h"

namespace mixest {

namespace {

const double half_pi = std::acos(0.0);

// The angle in [-pi/2, pi/2] with the same sine. asin(sin(t)) would lose half of the digits near
// the limits.
double fold(double t) {
  const double turn = std::remainder(t, 4 * half_pi);
  if (turn > half_pi) return 2 * half_pi - turn;
  if (turn < -half_pi) return -2 * half_pi - turn;
  return turn;
}

Vector canonical_angles(const Vector& t, double tolerance) {
  return t.unaryExpr([=](double angle) {
    const double folded = fold(angle);
    return half_pi - std::abs(folded) < tolerance ? std::copysign(half_pi, folded) : folded;
  });
}

}  // namespace

HyperVector SineLink::correlations(const HyperVector& t) const {
  HyperVector correlations;
  for (const HyperDual& angle : t) {
    const HyperDual share = 0.5 * (1 + sine(angle));
    correlations.push_back((1 - share) * lower_ + share);  // exact at both limits
  }
  return correlations;
}

Vector SineLink::inverse(const Vector& r) const {
  const Vector sines = (2 * (r.array() - lower_) / (1 - lower_) - 1).matrix();
  return sines.cwiseMax(-1.0).cwiseMin(1.0).array().asin();
}

Vector SineLink::canonical(const Vector& t, double tolerance) const { return canonical_angles(t, tolerance); }

HyperVector PartialLink::correlations(const HyperVector& t) const {
  HyperVector lags = lags_from_angles(t);
  lags.erase(lags.begin());
  return lags;
}

Vector PartialLink::inverse(const Vector& r) const {
  Vector lags(r.size() + 1);
  lags << 1, r;
  return angles_from_lags(lags);
}

Vector PartialLink::canonical(const Vector& t, double tolerance) const { return canonical_angles(t, tolerance); }

}  // namespace mixest
