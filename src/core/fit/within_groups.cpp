#include "within_groups.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "../data/rank.h"
#include "../data/row_pool.h"

namespace mixest {

namespace {

// Is every effect of the group seen beside those before it?
bool tells_all_apart(const Eigen::Ref<const Matrix>& R) {
  for (Index j = 0; j < R.cols(); ++j)
    if (!(std::abs(R(j, j)) > 1e-9 * R.col(j).norm())) return false;
  return true;
}

// [X y] within groups, once each group has its own effects; and the number of effects that took
// part.
struct LeftOver {
  Matrix factor;  // of the cross-products of what is left
  double effects;
  Vector gram;  // as OuterStats::gram, with rows that are left over in the groups added
};

// The first numbers of the components' grams.
std::vector<Index> gram_places(const EffectPlaces& places, Index k) {
  std::vector<Index> out{0};
  for (Index effects : places.size) out.push_back(out.back() + effects * (effects + k));
  return out;
}

// Adds C_J'[C_J C] of rows [C_J C] of group i.
void add_to_gram(const GroupStats& stats, const EffectPlaces& places, Index i, const Matrix& rows, Vector& gram) {
  const OuterStats& outer = stats.outer;
  std::vector<Index> effect;
  int component = 0;
  for (int at = outer.start[i]; at < outer.start[i + 1]; ++at) {
    const int block = outer.touched[at];
    component = static_cast<int>(std::upper_bound(outer.component.begin(), outer.component.end(), block) -
                                 outer.component.begin()) -
                1;
    for (Index j = 0; j < outer.width(block); ++j) effect.push_back(places.first[block] + j);
  }
  const Index J = length(effect), k = stats.k();
  const Index Q = places.size[component];
  Eigen::Map<Matrix> own(gram.data() + gram_places(places, k)[component], Q, Q + k);
  const Matrix products = rows.leftCols(J).transpose() * rows;
  for (Index c = 0; c < J + k; ++c)
    for (Index r = 0; r < J; ++r) own(effect[r], c < J ? effect[c] : Q + c - J) += products(r, c);
}

// The rows of [B_iJ B_i] beside which R_i has nothing are left over too.
LeftOver take_out_effects(const GroupStats& stats, const EffectPlaces& places) {
  const Index q = stats.inner_q(), k = stats.k();
  const std::vector<Index> first = stats.outer.first_columns();
  Vector magnitude(q);
  for (Index j = 0; j < q; ++j) magnitude[j] = stats.u.magnitude[stats.inner[j]];
  RowPool pool(stats.p, 1);
  pool.add(stats.R0);
  LeftOver out{Matrix(), 0, stats.outer.gram};
  for (Index i = 0; i < stats.m; ++i) {
    const auto R = stats.R.middleCols(i * q, q);
    if (tells_all_apart(R)) {
      out.effects += static_cast<double>(q);
      continue;
    }
    const Index J = stats.outer.empty() ? 0 : first[i + 1] - first[i];
    Matrix group(q, q + J + k);
    group.leftCols(q) = R;
    if (J > 0) group.middleCols(q, J) = stats.outer.B.middleCols(first[i], J);
    group.rightCols(k) = stats.B.middleCols(i * k, k);
    const RankDecision rank = decide_rank(group, static_cast<int>(q), magnitude, static_cast<double>(q));
    const Index seen = length(rank.kept);
    out.effects += static_cast<double>(seen);
    const Matrix rest = rank.rest.bottomRows(q - seen);
    pool.add(rest.rightCols(k));
    if (J > 0) add_to_gram(stats, places, i, rest, out.gram);
  }
  out.factor = pool.factor(0);
  return out;
}

// The triangular factor of a positive semi-definite matrix of unit scale, with as small a ridge as
// rounding allows.
struct RidgedFactor {
  Matrix L;
  double ridge = 1e-11;

  explicit RidgedFactor(const Matrix& A) {
    for (;; ridge *= 10) {
      L = A;
      L.diagonal().array() += ridge;
      const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(L);
      if (cholesky.info() == Eigen::Success || !(ridge < 1)) return;
    }
  }
};

// The outer effects of one component are taken out of the rows that the inner ones leave: the sum
// of squares at the least squares coefficients x, which errors in x change in second order only.
// Effects that the inner ones leave nothing of (nested factors) are no loss; the ridge stands for
// finding out which. `size`: U'U of each effect over all rows.
void take_out_component(const Eigen::Ref<const Matrix>& gram, const Vector& size, Matrix& cross_products,
                        double& effects) {
  const Index Q = gram.rows(), k = gram.cols() - Q;
  const Vector scale = size.cwiseSqrt().cwiseInverse();
  const Matrix A = scale.asDiagonal() * gram.leftCols(Q) * scale.asDiagonal(),
               G = scale.asDiagonal() * gram.rightCols(k);
  const RidgedFactor factor(A);
  Matrix x = G;
  factor.L.triangularView<Eigen::Lower>().solveInPlace(x);
  factor.L.triangularView<Eigen::Lower>().transpose().solveInPlace(x);
  const Matrix xG = x.transpose() * G;
  cross_products += x.transpose() * A * x - xG - xG.transpose();
  for (Index j = 0; j < Q; ++j) effects += factor.L(j, j) * factor.L(j, j) > 1e3 * factor.ridge;
}

// What the inner effects take of U'U, component after component.
Vector taken_by_inner(const OuterStats& outer, const EffectPlaces& places) {
  std::vector<Index> first;  // of each block among all effects
  Index before = 0;
  for (Index c = 0; c < length(places.size); ++c) {
    for (int b = outer.component[c]; b < outer.component[c + 1]; ++b) first.push_back(before + places.first[b]);
    before += places.size[c];
  }
  Vector out = Vector::Zero(before);
  Index column = 0;
  for (int block : outer.touched)
    for (Index j = 0; j < outer.width(block); ++j) out[first[block] + j] += outer.B.col(column++).squaredNorm();
  return out;
}

// The cross-products of [X y] without what outer effects explain, too.
Matrix take_out_outer_effects(const GroupStats& stats, const EffectPlaces& places, LeftOver& left) {
  const std::vector<Index> number = gram_places(places, stats.k());
  const Vector taken = taken_by_inner(stats.outer, places);
  Matrix cross_products = left.factor.transpose() * left.factor;
  Index effect = 0;
  for (Index c = 0; c < length(places.size); ++c) {
    const Index Q = places.size[c];
    const Vector own = Eigen::Map<const Matrix>(stats.outer.gram.data() + number[c], Q, Q + stats.k()).diagonal();
    const Vector size = (taken.segment(effect, Q) + own).cwiseMax(std::numeric_limits<double>::min());
    take_out_component(Eigen::Map<const Matrix>(left.gram.data() + number[c], Q, Q + stats.k()), size, cross_products,
                       left.effects);
    effect += Q;
  }
  return cross_products;
}

// What X leaves of y, and its rank there.
struct Residual {
  double norm;
  double rank;
  double noise;  // norms up to this are rounding
};

Residual take_out_x(const LeftOver& left, const GroupStats& stats) {
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

WithinGroups look_within_groups(const GroupStats& stats, double spread, bool reml) {
  const double n = static_cast<double>(stats.n_obs);
  const EffectPlaces places(stats.outer);
  LeftOver left = take_out_effects(stats, places);
  const Vector before = left.factor.colwise().squaredNorm().transpose();
  const Residual residual = stats.outer.empty() ? take_out_x(left, stats)
                                                : sweep_x(take_out_outer_effects(stats, places, left), before, stats.p);

  WithinGroups out;
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
