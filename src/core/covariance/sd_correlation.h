// Structures made of standard deviations and stationary correlations.
//
//   Psi_ij = s_i s_j c_|i-j|,     theta = (u, t)
//
//   u -> s   standard_deviations.h      common, free or folded
//   t -> r   correlation_link.h         identity, sine or partial autocorrelations
//   r -> c   correlation_pattern.h      uncorrelated, compound symmetry, autoregressive, Toeplitz
//
// Users see (s, r), the standard deviations in units of the residual standard deviation: the same
// structure with free s and the identity link. All derivatives come from one formula for Psi in
// hyper-dual numbers. A change of basis may only rescale the columns, all by one factor when s is
// common.
#pragma once

#include "correlation_link.h"
#include "correlation_pattern.h"
#include "standard_deviations.h"
#include "structure.h"

namespace mixest {

class SdCorrelation : public CovarianceStructure {
 public:
  SdCorrelation(int dim, std::shared_ptr<const StandardDeviations> sds,
                std::shared_ptr<const CorrelationPattern> pattern, std::shared_ptr<const CorrelationLink> link);

  int dim() const override { return dim_; }
  int n_parameters() const override { return sds_->n_parameters() + pattern_->n_parameters(); }
  Invariance invariance() const override;

  Vector start(const Matrix& psi) const override;
  Matrix lambda(const Vector& theta) const override;
  Matrix first_derivative(const Vector& theta, int a) const override;
  Matrix second_derivative(const Vector& theta, int a, int b) const override;

  // A |u_i| below `tolerance` becomes 0, an angle nearer than it to its limit is put there, a
  // correlation without influence is 0.
  Vector canonical(const Vector& theta, double tolerance) const override;
  Vector to_user(const Vector& theta, const Matrix& basis) const override;
  Vector from_user(const Vector& user, const Matrix& basis) const override;
  Matrix user_jacobian(const Vector& theta, const Matrix& basis) const override;
  std::unique_ptr<CovarianceStructure> in_user_parameters() const override;

  // Folded u become standard deviations; the correlations keep their link.
  std::unique_ptr<CovarianceStructure> unfolded() const override;
  Vector unfold(const Vector& theta) const override;
  int rank(const Vector& theta) const override;
  std::vector<bool> unidentified(const Vector& theta) const override;

  // Beside s_2 = 0 only c_2 of c_1 and c_2 has an influence, but both angles have.
  std::vector<Vector> equivalents(const Vector& theta) const override;

 private:
  bool has_common_sd() const { return sds_->n_parameters() < dim_; }
  Vector sd_parameters(const Vector& theta) const { return theta.head(sds_->n_parameters()); }
  Vector correlation_parameters(const Vector& theta) const { return theta.tail(pattern_->n_parameters()); }
  Vector correlations(const Vector& theta) const;
  std::vector<int> idle_correlations(const Vector& theta) const;
  Vector without_idle_correlations(const Vector& theta) const;
  Vector with_correlation(const Vector& theta, int which, double value) const;
  bool same_psi(const Vector& theta, const Vector& other) const;
  Vector column_scales(const Matrix& basis) const;
  Matrix psi_part(const HyperVector& theta, double HyperDual::*part) const;

  int dim_;
  std::shared_ptr<const StandardDeviations> sds_;
  std::shared_ptr<const CorrelationPattern> pattern_;
  std::shared_ptr<const CorrelationLink> link_;
};

}  // namespace mixest
