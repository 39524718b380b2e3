#include "within_groups.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../linear_algebra/rank.h"
#include "without_inner_effects.h"
#include "without_outer_effects.h"

namespace mixest {

namespace {

// What X leaves of y, and its rank there.
struct Residual {
  double norm;
  double rank;
  double noise;  // norms up to this are rounding
};

Residual without_x(const WithinGroups& left, const GroupStats& stats) {
  const double n = static_cast<double>(stats.n_obs);
  const RankDecision rank = decide_rank(left.factor, stats.p, stats.x.magnitude, n);
  const Index kept = length(rank.kept);
  return {rank.rest.col(0).tail(stats.k() - kept).norm(), static_cast<double>(kept),
          std::max(1e-14, 4 * std::numeric_limits<double>::epsilon() * stats.y_magnitude) * std::sqrt(n)};
}

// The same by elimination in the cross-products C, which have half the digits; `before`: the
// squares of the columns before anything was taken out.
Residual sweep_x(Matrix C, const Vector& before, Index p) {
  constexpr double digits = 1e-12;
  Residual out{0, 0, 1e-7 * std::sqrt(before[p])};
  for (Index j = 0; j < p; ++j) {
    if (!(C(j, j) > digits * before[j])) continue;
    ++out.rank;
    const Vector column = C.col(j) / std::sqrt(C(j, j));
    C -= column * column.transpose();
  }
  out.norm = std::sqrt(std::max(0.0, C(p, p)));
  return out;
}

}  // namespace

WithinGroupResidual within_group_residual(const GroupStats& stats, double spread, bool reml) {
  const double n = static_cast<double>(stats.n_obs);
  const EffectIndices indices(stats.outer);
  WithinGroups left = without_inner_effects(stats, indices);
  const Vector before = left.factor.colwise().squaredNorm().transpose();
  const Residual residual = stats.outer.empty() ? without_x(left, stats)
                                                : sweep_x(without_outer_effects(stats, indices, left), before, stats.p);

  WithinGroupResidual out;
  out.df = n - left.effects - residual.rank;
  if (out.df < 1) {
    out.fits_exactly = !reml && n > left.effects;  // X fits the rows that are left over, whatever y is
    return out;
  }
  out.fits_exactly = residual.norm <= residual.noise;
  const double sd = residual.norm / spread / std::sqrt(out.df);
  out.variance = sd * sd;
  return out;
}

}  // namespace mixest
