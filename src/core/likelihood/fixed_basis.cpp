#include "fixed_basis.h"

#include <cmath>
#include <limits>

#include "../base/index_sets.h"
#include "fixed_columns.h"

namespace mixest {

FixedBasis choose_fixed_basis(const GroupStats& stats, int threads) {
  const double rows = static_cast<double>(stats.n_obs);
  const RankDecision rank = decide_rank(pooled_xy(stats, threads), stats.p, stats.x.magnitude, rows);
  const Index p = length(rank.kept);

  FixedBasis out;
  out.kept = rank.kept;
  out.dropped = rank.dropped;
  out.combination = rank.combination;
  out.triangle = rank.triangle;
  out.projection = rank.rest.col(0).head(p);
  const double residual = rank.rest.col(0).tail(rank.rest.rows() - p).norm();
  const double noise = std::max(1e-14 * rank.rest.col(0).norm(),
                                4 * std::numeric_limits<double>::epsilon() * stats.y_magnitude * std::sqrt(rows));
  out.fits_exactly = residual <= noise;
  out.spread = out.fits_exactly ? 1 : residual / std::sqrt(rows);

  const Vector scale = select(stats.x.scale, rank.kept);
  const Vector shift = select(stats.x.shift, rank.kept);
  out.constant = kept_constant(stats.x, rank, scale);
  const Matrix inverse_scale = scale.cwiseInverse().asDiagonal();
  out.user_map = inverse_scale - out.constant * shift.cwiseQuotient(scale).transpose();
  out.log_det = scale.array().log().sum() + out.triangle.diagonal().array().abs().log().sum();
  return out;
}

Vector user_coefficients(const FixedBasis& basis, const GroupStats& stats, const Vector& b) {
  const Vector condensed = basis.triangle.triangularView<Eigen::Upper>().solve(basis.projection + basis.spread * b);
  return stats.y_scale * (basis.user_map * condensed) + stats.y_shift * basis.constant;
}

// A Householder reflection turns the last unit vector into weights / |weights|, up to the sign,
// which the last column takes over.
FixedBasis with_last_combination(FixedBasis basis, const Vector& weights) {
  const Index p = basis.rank();
  if (weights.size() != p || !(weights.norm() > 0))
    throw Misuse("the combination must have a weight for each column of X, not all zero");
  Vector h = weights / weights.norm();
  const double sign = h[p - 1] > 0 ? -1 : 1;  // the reflection of e_p is sign * h, without cancellation
  h *= sign;
  h[p - 1] -= 1;
  basis.rotation = Matrix::Identity(p, p) - 2 / h.squaredNorm() * h * h.transpose();
  basis.rotation.col(p - 1) *= sign;
  return basis;
}

}  // namespace mixest
