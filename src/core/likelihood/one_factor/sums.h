// The sums of likelihood_sums.h for one grouping factor: the groups are independent, S and Ew fall
// apart into blocks of one group each.
#pragma once

#include "../likelihood_sums.h"
#include "kernel.h"

namespace mixest {

class OneFactorSums final : public LikelihoodSums {
 public:
  OneFactorSums(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                const Execution& execution);

  Index q() const override { return panels_.q; }
  Index k() const override { return panels_.k; }
  ValueSums value_sums(const Matrix& lambda) override;
  DerivativeSums derivative_sums(const Matrix& lambda, const DerivativeRequest& request) override;
  Matrix kenward_roger_sums(const Matrix& lambda, const Matrix& triangle,
                            const std::vector<Matrix>& directions) override;

 private:
  template <typename Sums, typename Sum>
  Sums over_parts(const Sum& sum);

  Panels panels_;
  Execution execution_;
  std::vector<std::unique_ptr<GroupKernel>> kernels_;  // one per thread
};

}  // namespace mixest
