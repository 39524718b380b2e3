// `homcs` for q >= 2 columns: one standard deviation s, one correlation rho.
//
//   Psi = s^2 ((1 - rho) I + rho 1 1') = u_1^2 Mean + u_2^2 (I - Mean),   theta = (u_1, u_2)
//
//   u_1^2 = s^2 (1 + (q - 1) rho)   variance along 1        s^2 = (u_1^2 + (q - 1) u_2^2) / q
//   u_2^2 = s^2 (1 - rho)           variance across it      rho = (u_1^2 - u_2^2) / (q s^2)
//
// Mean = 1 1' / q and I - Mean are orthogonal projections, so u_1 and u_2 are two independent
// standard deviations. The boundary is u_1 = 0 or u_2 = 0, the correlation's limits; unlike s = 0
// in (s, rho), nothing loses its meaning in the corner Psi = 0. Users see (s, rho), with rho = 0
// where s = 0. With q = 2 this is also `ar1`.
#pragma once

#include "structure.h"

namespace mixest {

class HomogeneousCs : public CovarianceStructure {
 public:
  explicit HomogeneousCs(int dim);

  int dim() const override { return dim_; }
  int n_parameters() const override { return 2; }
  Invariance invariance() const override { return Invariance::common_scaling; }

  Vector start(const Matrix& psi) const override;
  Matrix lambda(const Vector& theta) const override;
  Matrix first_derivative(const Vector& theta, int a) const override;
  Matrix second_derivative(const Vector& theta, int a, int b) const override;
  Vector canonical(const Vector& theta, double tolerance) const override;
  Vector to_user(const Vector& theta, const Matrix& basis) const override;
  Vector from_user(const Vector& user, const Matrix& basis) const override;
  Matrix user_jacobian(const Vector& theta, const Matrix& basis) const override;
  std::unique_ptr<CovarianceStructure> in_user_parameters() const override;
  int rank(const Vector& theta) const override;
  std::vector<bool> unidentified(const Vector& theta) const override;

 private:
  // d Psi / d u_a^2
  Matrix projection(int a) const;

  int dim_;
};

}  // namespace mixest
