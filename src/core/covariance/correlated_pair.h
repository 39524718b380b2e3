// `cs` and `toep` for two columns: two standard deviations and their correlation.
//
//   Psi = | s_1^2           .     |    the user's parameters: (s_1, s_2, rho), s >= 0, |rho| <= 1
//         | rho s_1 s_2     s_2^2 |
//
// Every positive semi-definite Psi has this form, so the optimiser's theta is the Cholesky factor
// of `us`, with its boundary test and its invariance. Where a standard deviation is zero, users see
// rho = 0.
#pragma once

#include "unstructured.h"

namespace mixest {

class CorrelatedPair : public Unstructured {
 public:
  CorrelatedPair() : Unstructured(2) {}

  Vector to_user(const Vector& theta, const Matrix& basis) const override;
  Vector from_user(const Vector& user, const Matrix& basis) const override;
  Matrix user_jacobian(const Vector& theta, const Matrix& basis) const override;
  std::unique_ptr<CovarianceStructure> in_user_parameters() const override;
};

}  // namespace mixest
