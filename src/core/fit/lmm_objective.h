// The profiled deviance as a function of theta: structures and likelihood joined by the chain rule.
#pragma once

#include "../optimizer/objective.h"
#include "problem.h"

namespace mixest {

class LmmObjective final : public Objective {
 public:
  LmmObjective(const Problem& problem, int threads) : problem_(problem), likelihood_(problem.likelihood(threads)) {}

  ObjectiveValue evaluate(const Vector& theta) override;
  double value_noise(double value) const override;

  // The likelihood at the last theta that was evaluated.
  const Evaluation& last() const { return last_; }
  MarginalLikelihood& likelihood() { return likelihood_; }

 private:
  const Problem& problem_;
  MarginalLikelihood likelihood_;
  Evaluation last_;
};

}  // namespace mixest
