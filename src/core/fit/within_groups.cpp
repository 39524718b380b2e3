#include "within_groups.h"

#include "../data/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// Rows of [R_i | B_i] that hold anything of U.
double rows_of_effects(const GroupStats& stats) {
  double rows = 0;
  for (Index i = 0; i < stats.m; ++i) {
    const auto R = stats.R.middleCols(i * stats.q, stats.q);
    for (Index r = 0; r < stats.q; ++r) rows += R.row(r).isZero(0) ? 0 : 1;
  }
  return rows;
}

}  // namespace

WithinGroups look_within_groups(const Problem& problem) {
  const GroupStats& stats = problem.stats();
  const double n = static_cast<double>(stats.n_obs);
  const RankDecision rank = decide_rank(stats.R0, stats.p, stats.x.magnitude, n);
  const Index kept = static_cast<Index>(rank.kept.size());

  WithinGroups out;
  out.df = n - rows_of_effects(stats) - static_cast<double>(kept);
  if (out.df < 1) return out;
  const double residual = rank.rest.col(0).tail(stats.k() - kept).norm();
  const double noise = std::max(1e-14, 4 * std::numeric_limits<double>::epsilon() * stats.y_magnitude) * std::sqrt(n);
  out.fits_exactly = residual <= noise;
  const double sd = residual / problem.fixed().spread / std::sqrt(out.df);
  out.variance = sd * sd;
  return out;
}

}  // namespace mixest
