#include "simulate_response.h"

#include <algorithm>
#include <cmath>

#include "../../fit/objective.h"

namespace mixest {

namespace {

constexpr double nothing = 1e-13;  // relative to the largest entry of its column: rounding, or of no weight

// Coefficients on the condensed columns of X; zero for dropped ones.
Vector condensed_coefficients(const FixedBasis& fixed, const Vector& b, Index p) {
  Vector out = Vector::Zero(p);
  if (fixed.rank() == 0) return out;
  const Vector kept = fixed.triangle.triangularView<Eigen::Upper>().solve(fixed.projection + fixed.spread * b);
  for (int c = 0; c < fixed.rank(); ++c) out[fixed.kept[c]] = kept[c];
  return out;
}

bool has_part(const Eigen::Ref<const Matrix>& row, const Eigen::Ref<const Vector>& largest) {
  for (Index j = 0; j < row.cols(); ++j)
    if (std::abs(row(0, j)) > nothing * largest[j]) return true;
  return false;
}

// Columns of all outer blocks that the group meets.
Index outer_width(const OuterStats& outer, Index group) {
  if (outer.empty()) return 0;
  Index width = 0;
  for (int block : outer.blocks_of(group)) width += outer.width(block);
  return width;
}

}  // namespace

ResponseSimulator::ResponseSimulator(Problem& problem, const Vector& theta)
    : q_(problem.stats().inner_q()), k_(problem.stats().k()) {
  const GroupStats& stats = problem.stats();
  if (problem.fixed().fits_exactly || !problem.random().dependent.empty()) return;
  const Vector in_fit = problem.covariance().from_user(theta, problem.random().from_user);
  LmmObjective objective(problem);
  objective.recentre(in_fit);
  objective.evaluate(in_fit);
  const Evaluation& evaluation = objective.last();
  if (!evaluation.finite) return;
  possible_ = true;

  const FixedBasis& fixed = problem.fixed();
  sigma_ = evaluation.residual() / std::sqrt(problem.nu()) * fixed.spread;
  const Matrix loading = sigma_ * problem.random().from_condensed * problem.covariance().lambda(in_fit);
  loading_.resize(q_, q_);
  for (Index c = 0; c < q_; ++c)
    for (Index r = 0; r < q_; ++r) loading_(r, c) = loading(stats.inner[r], stats.inner[c]);
  const Vector beta = condensed_coefficients(fixed, evaluation.beta(), stats.p);
  mean_.resize(q_, stats.m);
  for (Index i = 0; i < stats.m; ++i) mean_.col(i) = stats.B.middleCols(i * k_, stats.p) * beta;
  pooled_mean_ = stats.R0.topLeftCorner(stats.p, stats.p) * beta;
  find_effective_rows(stats);
  if (!stats.outer.empty())
    outer_.emplace(stats, loading, beta, sigma_, static_cast<double>(stats.n_obs) - effective_.sum());
}

void ResponseSimulator::find_effective_rows(const GroupStats& stats) {
  const Index p = stats.p;
  Vector of_U = Vector::Zero(q_), of_X = stats.R0.topLeftCorner(p, p).cwiseAbs().colwise().maxCoeff().transpose();
  for (Index i = 0; i < stats.m; ++i) {
    of_U = of_U.cwiseMax(stats.R.middleCols(i * q_, q_).cwiseAbs().colwise().maxCoeff().transpose());
    of_X = of_X.cwiseMax(stats.B.middleCols(i * k_, p).cwiseAbs().colwise().maxCoeff().transpose());
  }
  effective_ = Matrix::Zero(q_, stats.m);
  pooled_effective_ = Vector::Zero(p);
  Index column = 0;  // of the outer blocks, which are scaled to order one
  for (Index i = 0; i < stats.m; ++i) {
    const Index width = outer_width(stats.outer, i);
    for (Index r = 0; r < q_; ++r)
      effective_(r, i) = has_part(stats.R.block(r, i * q_, 1, q_), of_U) ||
                         has_part(stats.B.block(r, i * k_, 1, p), of_X) ||
                         (width > 0 && !stats.outer.B.row(r).segment(column, width).isZero(nothing));
    column += width;
  }
  for (Index r = 0; r < p; ++r) pooled_effective_[r] = has_part(stats.R0.block(r, 0, 1, p), of_X);
  rest_df_ = std::max(0.0, static_cast<double>(stats.n_obs) - effective_.sum() - pooled_effective_.sum());
}

void ResponseSimulator::draw(RandomDraws& random, GroupStats& stats) const {
  const Vector effects = outer_ ? outer_->draw_effects(stats.outer, random) : Vector();
  Vector z(q_);
  for (Index i = 0; i < stats.m; ++i) {
    for (Index r = 0; r < q_; ++r) z[r] = random.normal();
    auto y = stats.B.col(i * k_ + stats.p);
    y = mean_.col(i);
    y.noalias() += stats.R.middleCols(i * q_, q_) * (loading_ * z);
    if (outer_) y += outer_->in_group(stats.outer, i, effects);
    for (Index r = 0; r < q_; ++r)
      if (effective_(r, i) != 0) y[r] += sigma_ * random.normal();
  }
  if (outer_) {
    outer_->draw_left_over(effects, random, stats);
  } else {
    draw_pooled(random, stats);
  }
}

void ResponseSimulator::draw_pooled(RandomDraws& random, GroupStats& stats) const {
  for (Index r = 0; r < stats.p; ++r)
    stats.R0(r, stats.p) = pooled_mean_[r] + (pooled_effective_[r] != 0 ? sigma_ * random.normal() : 0);
  stats.R0(stats.p, stats.p) = sigma_ * std::sqrt(random.chi_squared(rest_df_));
}

}  // namespace mixest
