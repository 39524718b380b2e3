#include "level_effects.h"

#include <utility>

namespace mixest {

LevelEffects no_effects(const Matrix& lambda, Index levels, Index rank) {
  const Index w = lambda.rows();
  return {Matrix::Zero(w, levels), lambda.replicate(1, levels), Matrix::Zero(w, rank * levels)};
}

Coefficients::Coefficients(const GroupStats& stats, const FixedBasis& fixed, const Matrix& triangle)
    : unit(fixed.spread * stats.y_scale) {
  const Index p = fixed.rank();
  inverse = Matrix::Identity(p, p);
  triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(inverse);
  b = inverse * triangle.col(p).head(p);
}

void Coefficients::store(const Matrix& predicted, Index level, LevelEffects& out) const {
  const Index p = b.size();
  out.gamma.col(level) = unit * (predicted.col(p) - predicted.leftCols(p) * b);
  out.beta_sensitivity.middleCols(level * p, p) = -predicted.leftCols(p) * inverse;
}

GroupPrediction::GroupPrediction(Matrix in_fit_basis, Matrix lambda)
    : in_fit_basis_(std::move(in_fit_basis)), lambda_(std::move(lambda)), q_(lambda_.cols()), stacked_(2 * q_, q_) {}

void GroupPrediction::set_group(const Matrix& R) {
  stacked_.topRows(q_).setIdentity();
  stacked_.bottomRows(q_) = R * in_fit_basis_;
  qr_.compute(stacked_);
}

Matrix GroupPrediction::root() const {
  Matrix inverse = Matrix::Identity(q_, q_);
  qr_.matrixQR().topRows(q_).triangularView<Eigen::Upper>().solveInPlace(inverse);
  return lambda_ * inverse;
}

Matrix GroupPrediction::predict(const Matrix& e) const {
  Matrix right = Matrix::Zero(2 * q_, e.cols());
  right.bottomRows(q_) = e;
  return lambda_ * qr_.solve(right);
}

}  // namespace mixest
