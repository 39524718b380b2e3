#include "within_groups.h"

#include "../data/rank.h"
#include "../data/row_pool.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

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

// [X y] within groups, once each group has its own effects; and the number of effects that took part.
struct LeftOver {
  Matrix factor;  // of the cross-products of what is left
  double effects;
};

// The rows of B_i beside which R_i has nothing are left over too.
LeftOver take_out_effects(const GroupStats& stats) {
  const Index q = stats.inner_q(), k = stats.k();
  Vector magnitude(q);
  for (Index j = 0; j < q; ++j) magnitude[j] = stats.u.magnitude[stats.inner[static_cast<std::size_t>(j)]];
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
    const RankDecision rank = decide_rank(group, static_cast<int>(q), magnitude, static_cast<double>(q));
    const Index seen = static_cast<Index>(rank.kept.size());
    effects += static_cast<double>(seen);
    pool.add(rank.rest.bottomRows(q - seen));
  }
  return {pool.factor(0), effects};
}

Matrix root(const Matrix& A) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(A);
  return eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() * eigen.eigenvectors().transpose();
}

// The outer effects of one component are taken out of the rows that the inner ones leave. Effects that they leave nothing of (nested
// factors) are no loss; a ridge at rounding level stands for finding out which.
void take_out_component(const Eigen::Ref<const Matrix>& gram, const Vector& size, Matrix& cross_products, double& effects) {
  constexpr double rounding = 1e-12;
  const Index Q = gram.rows();
  const Vector scale = size.cwiseSqrt().cwiseInverse();
  Matrix A = scale.asDiagonal() * gram.leftCols(Q) * scale.asDiagonal();
  A.diagonal().array() += rounding;
  const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(A);
  Matrix Y = scale.asDiagonal() * gram.rightCols(gram.cols() - Q);
  A.triangularView<Eigen::Lower>().solveInPlace(Y);
  cross_products -= Y.transpose() * Y;
  for (Index j = 0; j < Q; ++j) effects += A(j, j) * A(j, j) > 1e3 * rounding;
}

// What the inner effects take of U'U, component after component.
Vector taken_by_inner(const OuterStats& outer, const EffectPlaces& places) {
  std::vector<Index> first;  // of each block among all effects
  Index before = 0;
  for (std::size_t c = 0; c < places.size.size(); ++c) {
    for (int b = outer.component[c]; b < outer.component[c + 1]; ++b) first.push_back(before + places.first[static_cast<std::size_t>(b)]);
    before += places.size[c];
  }
  Vector out = Vector::Zero(before);
  Index column = 0;
  for (int block : outer.touched)
    for (Index j = 0; j < outer.width(block); ++j) out[first[static_cast<std::size_t>(block)] + j] += outer.B.col(column++).squaredNorm();
  return out;
}

void take_out_outer_effects(const GroupStats& stats, LeftOver& left) {
  const OuterStats& outer = stats.outer;
  const EffectPlaces places(outer);
  const Vector taken = taken_by_inner(outer, places);
  Matrix cross_products = left.factor.transpose() * left.factor;
  Index effect = 0, number = 0;
  for (Index Q : places.size) {
    const Eigen::Map<const Matrix> gram(outer.gram.data() + number, Q, Q + stats.k());
    const Vector size = (taken.segment(effect, Q) + gram.diagonal()).cwiseMax(std::numeric_limits<double>::min());
    take_out_component(gram, size, cross_products, left.effects);
    effect += Q;
    number += gram.size();
  }
  left.factor = root(cross_products);
}

}  // namespace

WithinGroups look_within_groups(const Problem& problem) {
  const GroupStats& stats = problem.stats();
  const double n = static_cast<double>(stats.n_obs);
  LeftOver left = take_out_effects(stats);
  const double before = left.factor.col(stats.k() - 1).norm();
  if (!stats.outer.empty()) take_out_outer_effects(stats, left);
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
  // Outer effects are taken out of cross-products, which leaves half the digits.
  out.fits_exactly = residual <= (stats.outer.empty() ? noise : std::max(noise, 1e-7 * before));
  const double sd = residual / problem.fixed().spread / std::sqrt(out.df);
  out.variance = sd * sd;
  return out;
}

}  // namespace mixest
