// The deviance as the optimiser of a profile sees it: one variable held, the others free.
//
//     X = (theta of every term, l[, t]),   Psi = exp(-l) D(theta),   l relative to the estimate
//
// Psi moves along dPsi_a = exp(-l) dD_a and, with l, along -Psi; the derivatives of
// joint_likelihood.h are joined by the chain rule.
#pragma once

#include "../../covariance/fixed_parameter.h"
#include "../../likelihood/joint_likelihood.h"
#include "../../optimizer/objective.h"

namespace mixest {

class FixedParameterObjective final : public Objective {
 public:
  // `terms` in the order of the columns of U; `held`: index into X.
  FixedParameterObjective(JointLikelihood& likelihood, const std::vector<FixedParameterTerm>& terms, Index held,
                          double log_variance, bool coefficient);

  void fix_at(double value) { value_ = value; }

  // Over the free variables.
  ObjectiveValue evaluate(const Vector& free) override;
  double value_noise(double value) const override { return 1e-14 * (1 + std::abs(value)); }

  // Over all of X, at the last point that was evaluated.
  const Vector& gradient() const { return gradient_; }
  const Matrix& hessian() const { return hessian_; }
  Index held() const { return held_; }

 private:
  Vector join(const Vector& free) const;
  Matrix lambda(const Vector& X) const;
  std::vector<Matrix> directions(const Vector& X) const;
  void add_curvature(const Vector& X, const Matrix& G, double shrink);

  JointLikelihood& likelihood_;
  const std::vector<FixedParameterTerm>& terms_;
  Index held_, theta_size_ = 0, dim_ = 0;
  double log_variance_;
  bool coefficient_;
  double value_ = 0;
  Vector gradient_;
  Matrix hessian_;
};

// Without the row (and column) `held`.
Vector without(const Vector& all, Index held);
Matrix without(const Matrix& all, Index held);

}  // namespace mixest
