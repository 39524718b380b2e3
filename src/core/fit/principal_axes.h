// The deviance with unstructured terms in other axes: their theta is the Cholesky factor of
// Q'Psi Q, Q orthogonal and block diagonal. Other terms stay as they are.
//
// Psi = L L' does not change when columns of L are turned into each other, and L is lower
// triangular to take this freedom away. With a small pivot it is hardly taken: turning column 1
// into column 2 costs only what it moves in L_11, and the deviance has a curved valley that steps
// can follow only slowly. In the axes of Psi itself, longest first, L is diagonal with the small
// pivots last, and no two columns can be turned for nothing.
//
// With Psi' = Q'Psi Q the likelihood's derivatives are  G' = Q'G Q,  H'[A, B] = H[Q A Q', Q B Q'].
#pragma once

#include "objective.h"

namespace mixest {

class PrincipalAxesObjective final : public Objective {
 public:
  // In the axes of Psi at `theta`.
  PrincipalAxesObjective(const Problem& problem, LmmObjective& objective, const Vector& theta);

  // Is there a term with other axes?
  static bool possible(const CovarianceModel& covariance);

  // theta in the new axes, and back.
  Vector turn(const Vector& theta) const { return times_factor(axes_.transpose(), theta); }
  Vector turn_back(const Vector& theta) const { return times_factor(axes_, theta); }

  ObjectiveValue evaluate(const Vector& theta) override;
  double value_noise(double value) const override { return objective_.value_noise(value); }

 private:
  Vector times_factor(const Matrix& Q, const Vector& theta) const;

  const Problem& problem_;
  LmmObjective& objective_;
  Matrix axes_;      // Q
  Matrix on_pairs_;  // column r: Q E_r Q' in the pairs of the covariance model
};

}  // namespace mixest
