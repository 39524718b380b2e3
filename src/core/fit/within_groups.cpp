#include "within_groups.h"

#include "../data/rank.h"
#include "../data/row_pool.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// Is every effect of the group seen beside those before it?
bool tells_all_apart(const Eigen::Ref<const Matrix>& R) {
  for (Index j = 0; j < R.cols(); ++j)
    if (!(std::abs(R(j, j)) > 1e-9 * R.col(j).norm())) return false;
  return true;
}

// [X y] within groups, once each group has its own effects, triangular; and the number of effects that took part. The rows of B_i
// beside which R_i has nothing are left over too.
struct LeftOver {
  Matrix factor;
  double effects;
};

LeftOver take_out_effects(const GroupStats& stats) {
  const Index q = stats.q, k = stats.k();
  RowPool pool(stats.p, 1);
  pool.add(stats.R0);
  double effects = 0;
  Matrix group(q, q + k);
  for (Index i = 0; i < stats.m; ++i) {
    if (tells_all_apart(stats.R.middleCols(i * q, q))) {
      effects += static_cast<double>(q);
      continue;
    }
    group << stats.R.middleCols(i * q, q), stats.B.middleCols(i * k, k);
    const RankDecision rank = decide_rank(group, static_cast<int>(q), stats.u.magnitude, static_cast<double>(q));
    const Index seen = static_cast<Index>(rank.kept.size());
    effects += static_cast<double>(seen);
    pool.add(rank.rest.bottomRows(q - seen));
  }
  return {pool.factor(0), effects};
}

}  // namespace

WithinGroups look_within_groups(const Problem& problem) {
  const GroupStats& stats = problem.stats();
  const double n = static_cast<double>(stats.n_obs);
  const LeftOver left = take_out_effects(stats);
  const RankDecision rank = decide_rank(left.factor, stats.p, stats.x.magnitude, n);
  const Index kept = static_cast<Index>(rank.kept.size());

  WithinGroups out;
  out.df = n - left.effects - static_cast<double>(kept);
  if (out.df < 1) {
    out.fits_exactly = !problem.reml() && n > left.effects;  // X fits the rows that are left over, whatever y is
    return out;
  }
  const double residual = rank.rest.col(0).tail(stats.k() - kept).norm();
  const double noise = std::max(1e-14, 4 * std::numeric_limits<double>::epsilon() * stats.y_magnitude) * std::sqrt(n);
  out.fits_exactly = residual <= noise;
  const double sd = residual / problem.fixed().spread / std::sqrt(out.df);
  out.variance = sd * sd;
  return out;
}

}  // namespace mixest
