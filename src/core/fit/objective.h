// The profiled deviance as a function of theta: structures and likelihood joined by the chain rule.
#pragma once

#include "../optimizer/objective.h"
#include "problem.h"

namespace mixest {

class LmmObjective final : public Objective {
 public:
  explicit LmmObjective(Problem& problem) : problem_(problem), likelihood_(problem.likelihood()) {}

  // Where it was evaluated last it remembers the answer.
  ObjectiveValue evaluate(const Vector& theta) override;
  double value_noise(double value) const override;

  // Moves the origin of y to where generalised least squares at `theta` has it, when that saves
  // digits. Returns whether it did.
  bool recentre(const Vector& theta);

  // The likelihood at the last theta that was evaluated.
  const Evaluation& last() const { return last_; }
  MarginalLikelihood& likelihood() { return likelihood_; }

 private:
  Problem& problem_;
  MarginalLikelihood likelihood_;
  Vector last_theta_;
  ObjectiveValue last_value_;
  Evaluation last_;
};

}  // namespace mixest
