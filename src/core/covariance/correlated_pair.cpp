#include "correlated_pair.h"

#include <algorithm>
#include <cmath>

#include "requirements.h"
#include "sd_correlation.h"

namespace mixest {

Vector CorrelatedPair::to_user(const Vector& theta, const Matrix& basis) const {
  const Vector L = Unstructured::to_user(theta, basis);
  const double sd1 = L(0), sd2 = std::hypot(L(1), L(2));
  Vector user(3);
  user << sd1, sd2, sd1 > 0 && sd2 > 0 ? L(1) / sd2 : 0;
  return user;
}

Vector CorrelatedPair::from_user(const Vector& user, const Matrix& basis) const {
  require_length(user, 3, "theta");
  require_finite(user, "theta");
  const double sd1 = user(0), sd2 = user(1), rho = user(2);
  if (std::min(sd1, sd2) < 0) throw Misuse("standard deviations must not be negative");
  if (std::abs(rho) > 1 + 1e-8) throw Misuse("the correlations must be those of a positive semi-definite matrix");
  Vector L(3);
  L << sd1, rho * sd2, std::sqrt(std::max(0.0, (1 - rho) * (1 + rho))) * sd2;
  return Unstructured::from_user(L, basis);
}

Matrix CorrelatedPair::user_jacobian(const Vector& theta, const Matrix& basis) const {
  const Vector L = Unstructured::to_user(theta, basis);
  const double sd2 = std::hypot(L(1), L(2));
  Matrix of_triangle = Matrix::Zero(3, 3);
  of_triangle(0, 0) = 1;
  if (sd2 > 0) {
    const double along = L(1) / sd2, across = L(2) / sd2;
    of_triangle.row(1) << 0, along, across;
    if (L(0) > 0) of_triangle.row(2) << 0, across * across / sd2, -along * across / sd2;
  }
  return of_triangle * Unstructured::user_jacobian(theta, basis);
}

std::unique_ptr<CovarianceStructure> CorrelatedPair::in_user_parameters() const {
  return std::make_unique<SdCorrelation>(2, std::make_shared<FreeSds>(2), std::make_shared<CompoundSymmetry>(2),
                                         std::make_shared<IdentityLink>());
}

}  // namespace mixest
