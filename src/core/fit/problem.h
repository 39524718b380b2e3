// One model on one set of condensed data: the bases, the covariance model and the likelihood, ready
// to be evaluated.
#pragma once

#include <string>
#include <vector>

#include "../covariance/covariance_model.h"
#include "../likelihood/marginal_likelihood.h"

namespace mixest {

struct TermSpec {
  std::string structure;  // a name the factory knows
  int size;               // columns of U
};

class Problem {
 public:
  // `stats` must outlive the problem. Throws Misuse when the terms do not fill the columns of U.
  Problem(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml, const Execution& execution = {});

  const GroupStats& stats() const { return stats_; }
  const CovarianceModel& covariance() const { return covariance_; }
  const FixedBasis& fixed() const { return fixed_; }
  const RandomBasis& random() const { return random_; }
  bool reml() const { return reml_; }
  const Execution& execution() const { return execution_; }
  double nu() const { return static_cast<double>(stats_.n_obs - (reml_ ? fixed_.rank() : 0)); }

  // Moves the origin of y to X times the coefficients `b` (on X_basis, of y_basis): what
  // generalised least squares at some Psi leaves is then small, and no sum of squares cancels.
  // Likelihoods made before keep the old origin.
  void recentre(const Vector& b) { fixed_.projection += fixed_.spread * b; }

  // Only where fixed().fits_exactly is false and random().dependent is empty.
  MarginalLikelihood likelihood() const;

  // The likelihood's Hessian (over all pairs of the q columns) on the pairs of the covariance
  // model.
  Matrix on_model_pairs(const Matrix& hessian) const;

  // sigma in the user's units of the last pivot of T.
  double sigma(double residual) const;

 private:
  const GroupStats& stats_;
  CovarianceModel covariance_;
  FixedBasis fixed_;
  RandomBasis random_;
  bool reml_;
  Execution execution_;
};

}  // namespace mixest
