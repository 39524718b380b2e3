#include "partial_autocorrelations.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// The newest value of a series, in the orthonormal basis of those so far.
template <class Scalar>
class StationarySeries {
 public:
  Scalar newest_with_first() const { return newest_.front(); }
  Scalar conditional_sd() const { return newest_.back(); }

  void append(const Scalar& partial, const Scalar& complement) {
    partials_.push_back(partial);
    complements_.push_back(complement);
    newest_.push_back(0);
    for (Index j = newest_.size() - 1; j > 0; --j) {
      const Scalar p = partials_[j - 1], s = complements_[j - 1], before = newest_[j - 1], here = newest_[j];
      newest_[j - 1] = p * before + s * here;
      newest_[j] = s * before - p * here;
    }
  }

 private:
  std::vector<Scalar> partials_, complements_;  // sin t_j, cos t_j
  std::vector<Scalar> newest_ = {1};
};

double next_partial(const StationarySeries<double>& series, double lag) {
  constexpr double rounding = 16 * std::numeric_limits<double>::epsilon();
  const double variance = series.conditional_sd() * series.conditional_sd();
  if (variance <= rounding) return 0;
  StationarySeries<double> unpredicted = series;
  unpredicted.append(0, 1);
  return std::max(-1.0, std::min(1.0, (lag - unpredicted.newest_with_first()) / variance));
}

}  // namespace

HyperVector lags_from_angles(const HyperVector& angles) {
  HyperVector lags = {1};
  StationarySeries<HyperDual> series;
  for (const HyperDual& angle : angles) {
    series.append(sine(angle), cosine(angle));
    lags.push_back(series.newest_with_first());
  }
  return lags;
}

Vector angles_from_lags(const Vector& lags) {
  Vector angles(lags.size() - 1);
  StationarySeries<double> series;
  for (Index m = 0; m < length(angles); ++m) {
    const double partial = next_partial(series, lags(m + 1));
    angles(m) = std::asin(partial);
    series.append(partial, std::sqrt((1 - partial) * (1 + partial)));
  }
  return angles;
}

}  // namespace mixest
