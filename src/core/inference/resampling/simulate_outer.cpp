#include "simulate_outer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../../base/index_sets.h"

namespace mixest {

namespace {

constexpr double rounding = 1e-12;  // of cross-products

// A root of `gram`, as many columns as its rank beside `size`, the squared lengths from which its
// columns were cut.
Matrix root_of(const Matrix& gram, const Vector& size) {
  const Vector scale = size.cwiseMax(std::numeric_limits<double>::min()).cwiseSqrt();
  Matrix rest = scale.cwiseInverse().asDiagonal() * gram * scale.cwiseInverse().asDiagonal();
  // Eigen's LDLT chooses its pivots before it has updated them: its D is not in descending order.
  Matrix out(rest.rows(), rest.rows());
  Index rank = 0;
  for (; rank < rest.rows(); ++rank) {
    Index largest;
    const double pivot = rest.diagonal().maxCoeff(&largest);
    if (!(pivot > rounding)) break;
    out.col(rank) = rest.col(largest) / std::sqrt(pivot);
    rest.noalias() -= out.col(rank) * out.col(rank).transpose();
  }
  return scale.asDiagonal() * out.leftCols(rank);
}

}  // namespace

OuterSimulator::OuterSimulator(const GroupStats& stats, const Matrix& loading, const Vector& beta, double sigma,
                               double rows)
    : sigma_(sigma), rest_df_(rows) {
  const OuterStats& outer = stats.outer;
  const Index p = stats.p;
  for (const OuterFactor& factor : outer.factors) loading_.push_back(select(loading, factor.columns));
  first_effect_.push_back(0);
  for (Index b = 0; b < length(outer.block_factor); ++b)
    first_effect_.push_back(first_effect_.back() + outer.width(static_cast<int>(b)));

  // Squared lengths of the outer columns over all rows
  Vector size = Vector::Zero(first_effect_.back());
  first_column_.push_back(0);
  for (Index i = 0; i < stats.m; ++i) {
    Index column = first_column_.back();
    for (int block : outer.blocks_of(i)) {
      for (Index j = 0; j < outer.width(block); ++j)
        size[first_effect_[block] + j] += outer.B.col(column++).squaredNorm();
    }
    first_column_.push_back(column);
  }

  const Matrix R0X = stats.R0.topLeftCorner(p, p);
  Matrix left = R0X.transpose() * R0X;
  Vector size_of_X = left.diagonal();
  for (Index i = 0; i < stats.m; ++i)
    for (Index l = 0; l < p; ++l) size_of_X[l] += stats.B.col(i * stats.k() + l).squaredNorm();
  const EffectIndices indices(outer);
  Index effect = 0, number = 0;
  for (Index Q : indices.size) {
    const Eigen::Map<const Matrix> gram(outer.gram.data() + number, Q, Q + stats.k());
    Component component;
    component.root = root_of(gram.leftCols(Q), size.segment(effect, Q) + gram.diagonal());
    component.Y = component.root.cols() > 0 ? Matrix(component.root.colPivHouseholderQr().solve(gram.middleCols(Q, p)))
                                            : Matrix::Zero(0, p);
    component.mean = gram.middleCols(Q, p) * beta;
    left -= component.Y.transpose() * component.Y;
    rest_df_ -= static_cast<double>(component.root.cols());
    components_.push_back(std::move(component));
    effect += Q;
    number += gram.size();
  }
  root_X_ = root_of(left, size_of_X);
  rest_df_ = std::max(0.0, rest_df_ - static_cast<double>(root_X_.cols()));
  if (p > 0) transposed_.compute(R0X.transpose());
  pooled_mean_ = R0X * beta;
}

Vector OuterSimulator::draw_effects(const OuterStats& outer, RandomDraws& random) const {
  Vector out(first_effect_.back());
  for (Index b = 0; b < length(outer.block_factor); ++b) {
    const Matrix& loading = loading_[outer.block_factor[b]];
    Vector z(loading.cols());
    for (Index j = 0; j < length(z); ++j) z[j] = random.normal();
    out.segment(first_effect_[b], z.size()) = loading * z;
  }
  return out;
}

Vector OuterSimulator::in_group(const OuterStats& outer, Index group, const Vector& effects) const {
  Vector out = Vector::Zero(outer.B.rows());
  Index column = first_column_[group];
  for (int block : outer.blocks_of(group)) {
    const Index width = outer.width(block);
    out += outer.B.middleCols(column, width) * effects.segment(first_effect_[block], width);
    column += width;
  }
  return out;
}

void OuterSimulator::draw_left_over(const Vector& effects, RandomDraws& random, GroupStats& stats) const {
  const Index p = stats.p;
  const auto errors = [&](Index count) {
    Vector e(count);
    for (Index j = 0; j < count; ++j) e[j] = sigma_ * random.normal();
    return e;
  };
  Vector Xy = Vector::Zero(p);
  double yy = 0;
  Index effect = 0, number = 0;
  for (const Component& component : components_) {
    const Index Q = component.root.rows();
    const Vector t = component.root.transpose() * effects.segment(effect, Q) + errors(component.root.cols());
    Xy += component.Y.transpose() * t;
    yy += t.squaredNorm();
    stats.outer.gram.segment(number + Q * (Q + p), Q) = component.mean + component.root * t;
    effect += Q;
    number += Q * (Q + stats.k());
  }
  const Vector t = errors(root_X_.cols());
  Xy += root_X_ * t;
  yy += t.squaredNorm() + sigma_ * sigma_ * random.chi_squared(rest_df_);

  // A column of R_0 that has these cross-products with the others and with itself
  const Vector r = p > 0 ? Vector(transposed_.solve(Xy)) : Xy;
  stats.R0.col(p).head(p) = pooled_mean_ + r;
  stats.R0(p, p) = std::sqrt(std::max(0.0, yy - r.squaredNorm()));
}

}  // namespace mixest
