#include "correlation_pattern.h"

namespace mixest {

HyperVector Uncorrelated::lags(const HyperVector&) const {
  HyperVector lags(dim_, 0);
  lags[0] = 1;
  return lags;
}

Vector Uncorrelated::estimate(const Vector&) const { return Vector(0); }

HyperVector CompoundSymmetry::lags(const HyperVector& r) const {
  HyperVector lags(dim_, r[0]);
  lags[0] = 1;
  return lags;
}

// The mean of all correlations: q - k of them have lag k.
Vector CompoundSymmetry::estimate(const Vector& mean_lags) const {
  double sum = 0;
  for (int k = 1; k < dim_; ++k) sum += (dim_ - k) * mean_lags(k);
  return Vector::Constant(1, 2 * sum / (dim_ * (dim_ - 1.0)));
}

HyperVector Autoregressive::lags(const HyperVector& r) const {
  HyperVector lags = {1};
  while (static_cast<int>(lags.size()) < dim_) lags.push_back(lags.back() * r[0]);
  return lags;
}

Vector Autoregressive::estimate(const Vector& mean_lags) const { return mean_lags.segment(1, 1); }

HyperVector Toeplitz::lags(const HyperVector& r) const {
  HyperVector lags = {1};
  lags.insert(lags.end(), r.begin(), r.end());
  return lags;
}

Vector Toeplitz::estimate(const Vector& mean_lags) const { return mean_lags.tail(dim_ - 1); }

}  // namespace mixest
