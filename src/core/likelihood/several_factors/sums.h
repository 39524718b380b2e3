// The sums of likelihood_sums.h for several grouping factors, nested, crossed or both: the inner
// factor is eliminated group by group (component_state.h), the others component by component
// (component_derivatives.h).
#pragma once

#include "component_derivatives.h"

namespace mixest {

class SeveralFactorSums final : public LikelihoodSums {
 public:
  SeveralFactorSums(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                    const Execution& execution);

  Index q() const override { return panels_.q; }
  Index k() const override { return panels_.k; }
  ValueSums value_sums(const Matrix& lambda) override;
  DerivativeSums derivative_sums(const Matrix& lambda, const DerivativeRequest& request) override;
  Matrix kenward_roger_sums(const Matrix& lambda, const Matrix& triangle,
                            const std::vector<Matrix>& directions) override;

 private:
  void eliminate_all(const Matrix& lambda);

  ComponentPanels panels_;
  std::vector<PairDirection> directions_;
  std::vector<int> parts_;  // stretches of components, and the end: the same for any number of threads
  Execution execution_;

  // At `lambda_`: the derivatives are usually wanted where the value has just been found.
  Matrix lambda_;
  std::vector<ComponentState> states_;
  Vector whitened_;
  ValueSums values_;
};

}  // namespace mixest
