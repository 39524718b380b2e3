#include "fixed_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/index_sets.h"
#include "../linear_algebra/row_pool.h"

namespace mixest {

namespace {

// With c_k the combination of condensed columns in the user's units,
//     x_d = shift_d 1 + sum_k c_k (x_k - shift_k 1),   1 = X_kept a.
// Coefficients are known to about the rounding of the columns times their condition, so that 1e-9
// of a column's length, or of the parts of a sum, is nothing it could consist of. `lengths` and
// `noise` of the columns: the user's units.
Matrix user_combination(const ColumnUnits& x, const RankDecision& rank, const Vector& constant, const Vector& lengths,
                        const Vector& noise) {
  const Vector scale = select(x.scale, rank.kept);
  const Vector shift = select(x.shift, rank.kept);
  const Vector kept_length = select(lengths, rank.kept);
  Matrix out = rank.combination;
  for (Index d = 0; d < length(rank.dropped); ++d) {
    const int j = rank.dropped[d];
    const Vector c = x.scale[j] * rank.combination.col(d).cwiseQuotient(scale);
    const double offset = x.shift[j] - c.dot(shift);
    const double parts = std::abs(x.shift[j]) + c.cwiseAbs().dot(shift.cwiseAbs());
    const double least = std::max(1e-9 * lengths[j], noise[j]);
    for (Index k = 0; k < c.size(); ++k) {
      const double value = c[k] + offset * constant[k];
      const bool rounding = std::abs(value) * kept_length[k] <= least ||
                            std::abs(value) <= 1e-9 * (std::abs(c[k]) + std::abs(constant[k]) * parts);
      out(k, d) = rounding ? 0 : value;
    }
  }
  return out;
}

}  // namespace

Matrix pooled_xy(const GroupStats& stats, int threads) {
  const Index k = stats.k();
  RowPool pool = pool_groups(stats.m, RowPool(stats.p, 1), threads,
                             [&](RowPool& part, Index i) { part.add(stats.B.middleCols(i * k, k)); });
  pool.add(stats.R0);
  return pool.triangle_with(0);
}

// Combinations are known for the condensed columns; columns of the constant are only scaled.
Vector kept_constant(const ColumnUnits& x, const RankDecision& rank, const Vector& kept_scale) {
  Vector a = select(x.constant, rank.kept);
  for (Index d = 0; d < length(rank.dropped); ++d) {
    const int j = rank.dropped[d];
    if (x.constant[j] != 0) a += x.constant[j] * x.scale[j] * rank.combination.col(d).cwiseQuotient(kept_scale);
  }
  return a;
}

FixedColumns fixed_columns(const GroupStats& stats, int threads) {
  const double rows = static_cast<double>(stats.n_obs);
  const Matrix pooled = pooled_xy(stats, threads);
  const RankDecision rank = decide_rank(pooled, stats.p, stats.x.magnitude, rows);
  const Vector lengths = stats.x.scale.cwiseProduct(pooled.leftCols(stats.p).colwise().norm().transpose());
  const Vector noise =
      16 * std::numeric_limits<double>::epsilon() * std::sqrt(rows) * stats.x.scale.cwiseProduct(stats.x.magnitude);
  const Vector constant = kept_constant(stats.x, rank, select(stats.x.scale, rank.kept));

  FixedColumns out;
  out.kept = rank.kept;
  out.dropped = rank.dropped;
  // the inverse of FixedBasis::user_map
  const Vector scale = select(stats.x.scale, rank.kept);
  const Vector shift = select(stats.x.shift, rank.kept);
  const Matrix diagonal = scale.asDiagonal();
  out.factor =
      rank.triangle * (diagonal + constant.cwiseProduct(scale) * shift.transpose() / (1 - shift.dot(constant)));
  out.combination = user_combination(stats.x, rank, constant, lengths, noise);
  out.lengths = lengths;
  return out;
}

}  // namespace mixest
