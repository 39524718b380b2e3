#include "random_basis.h"

#include <algorithm>
#include <cmath>

#include "../linear_algebra/rank.h"
#include "../linear_algebra/row_pool.h"

namespace mixest {

namespace {

// First place of the term's columns among `columns`, of which they are a contiguous part, or -1.
Index place_among(const std::vector<int>& columns, const TermColumns& term) {
  const auto found = std::find(columns.begin(), columns.end(), term.begin);
  return found == columns.end() ? -1 : found - columns.begin();
}

// Triangular factor of the term's pooled columns: its cross-product is sum_i R_i'R_i for these
// columns.
Matrix pooled_term(const GroupStats& stats, const TermColumns& term, int threads) {
  RowPool pool(term.size, 0);
  const Index inner = place_among(stats.inner, term), q = stats.inner_q();
  if (inner >= 0) {
    pool = pool_groups(stats.m, pool, threads,
                       [&](RowPool& part, Index i) { part.add(stats.R.middleCols(i * q + inner, term.size)); });
    return pool.triangle();
  }
  Index first = 0;
  for (const OuterFactor& factor : stats.outer.factors) {
    const Index place = place_among(factor.columns, term);
    if (place >= 0) pool.add(stats.outer.pooled.middleCols(first + place, term.size));
    first += factor.width();
  }
  return pool.triangle();
}

// U_user = U_condensed M for the columns of one term, M = S (I + a shift'): the columns that make
// up 1 = U_user a are not shifted.
Matrix condensed_to_user(const GroupStats& stats, const TermColumns& term) {
  const auto scale = stats.u.scale.segment(term.begin, term.size);
  const auto shift = stats.u.shift.segment(term.begin, term.size);
  const auto constant = stats.u.constant.segment(term.begin, term.size);
  Matrix M = scale.asDiagonal();
  M += scale.cwiseProduct(constant) * shift.transpose();
  return M;
}

Matrix user_to_condensed(const GroupStats& stats, const TermColumns& term) {
  const auto scale = stats.u.scale.segment(term.begin, term.size);
  const auto shift = stats.u.shift.segment(term.begin, term.size);
  const auto constant = stats.u.constant.segment(term.begin, term.size);
  Matrix M = scale.cwiseInverse().asDiagonal();
  M -= constant * shift.cwiseQuotient(scale).transpose();
  return M;
}

// Columns that can't have an effect of their own. An unstructured D gives each combination of
// columns a variance, so they must be independent; elsewhere they need only be there, and
// fit/identifiability.h looks at what the structure makes of them.
std::vector<int> columns_without_effect(const RankDecision& rank, const Matrix& pooled_user, Invariance invariance) {
  if (invariance == Invariance::linear) return rank.dropped;
  std::vector<int> out;
  for (Index j = 0; j < pooled_user.cols(); ++j)
    if (pooled_user.col(j).isZero(0)) out.push_back(static_cast<int>(j));
  return out;
}

// Scales that bring the columns of the user's basis to pooled length sqrt(m), or their mean square
// to m.
Vector column_scales(const Matrix& pooled_user, Invariance invariance, double m) {
  Vector length = pooled_user.colwise().stableNorm().transpose();
  if (invariance == Invariance::common_scaling)
    length.setConstant(length.stableNorm() / std::sqrt(static_cast<double>(length.size())));
  return std::sqrt(m) * length.cwiseInverse();
}

}  // namespace

RandomBasis choose_random_basis(const GroupStats& stats, const std::vector<TermColumns>& terms, int threads) {
  RandomBasis out;
  out.from_condensed = Matrix::Zero(stats.q, stats.q);
  out.from_user = Matrix::Zero(stats.q, stats.q);

  for (const TermColumns& term : terms) {
    const double m = static_cast<double>(stats.levels(term.begin));
    const Matrix pooled = pooled_term(stats, term, threads);
    const RankDecision rank = decide_rank(pooled, term.size, stats.u.magnitude.segment(term.begin, term.size),
                                          static_cast<double>(stats.n_obs));
    const Matrix M = condensed_to_user(stats, term);
    const std::vector<int> without_effect = columns_without_effect(rank, pooled * M, term.invariance);
    for (int j : without_effect) out.dependent.push_back(term.begin + j);
    if (!without_effect.empty()) continue;

    auto from_condensed = out.from_condensed.block(term.begin, term.begin, term.size, term.size);
    auto from_user = out.from_user.block(term.begin, term.begin, term.size, term.size);
    if (term.invariance == Invariance::linear) {
      Matrix inverse = Matrix::Identity(term.size, term.size);
      rank.triangle.triangularView<Eigen::Upper>().solveInPlace(inverse);
      from_condensed = std::sqrt(m) * inverse;
      from_user = user_to_condensed(stats, term) * from_condensed;
    } else {
      const Vector scales = column_scales(pooled * M, term.invariance, m);
      from_condensed = M * scales.asDiagonal();
      from_user = scales.asDiagonal();
    }
  }
  return out;
}

}  // namespace mixest
