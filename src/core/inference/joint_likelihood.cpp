#include "joint_likelihood.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace mixest {

namespace {

// Place of (a, b) in svec: the lower triangle, column by column.
Index pair_index(Index a, Index b, Index q) {
  if (a < b) std::swap(a, b);
  return b * q - b * (b - 1) / 2 + (a - b);
}

// sum tr(S A N B) as <left, B> for every B: left_li = sum_jk S_ij A_jk N_kl.
Matrix log_det_side(const Matrix& S_by_N, const Matrix& A) {
  const Index q = A.rows();
  Matrix left = Matrix::Zero(q, q);
  for (Index l = 0; l < q; ++l)
    for (Index i = 0; i < q; ++i)
      for (Index k = 0; k < q; ++k)
        for (Index j = 0; j < q; ++j) left(l, i) += S_by_N(pair_index(i, j, q), pair_index(k, l, q)) * A(j, k);
  return left;
}

// sum V_i'A V_i, k x k.
Matrix middle(const Matrix& V_by_V, const Matrix& A, Index k) {
  Matrix out = Matrix::Zero(k, k);
  for (Index b = 0; b < A.cols(); ++b)
    for (Index a = 0; a < A.rows(); ++a)
      if (A(a, b) != 0) out += A(a, b) * V_by_V.block(a * k, b * k, k, k);
  return 0.5 * (out + out.transpose());
}

}  // namespace

JointLikelihood::JointLikelihood(const Panels& panels, double nu, bool reml, bool hold)
    : panels_(panels), kernel_(make_group_kernel(panels.q, panels.k)), nu_(nu), reml_(reml), hold_(hold) {
  if (hold && (reml || panels.k < 2)) throw Misuse("a coefficient can be held under ML only, and only where there is one");
}

ValueSums JointLikelihood::value_sums(const Matrix& factor) {
  ValueSums sums = kernel_->value_sums(panels_, {0, panels_.packs()}, factor);
  sums.T += panels_.pooled;
  return sums;
}

Matrix JointLikelihood::triangle(const Matrix& factor) {
  const Eigen::LLT<Matrix, Eigen::Upper> cholesky(value_sums(factor).T);
  return cholesky.info() == Eigen::Success ? Matrix(cholesky.matrixU()) : Matrix();
}

JointDerivatives JointLikelihood::evaluate(const JointPoint& point, const std::vector<Matrix>& directions) {
  JointDerivatives out;
  const ValueSums values = value_sums(point.factor);
  const Eigen::LLT<Matrix, Eigen::Upper> cholesky(values.T);
  if (cholesky.info() != Eigen::Success) return out;
  Matrix Tc = cholesky.matrixU();

  const Index y = panels_.k - 1, held = y - 1;
  const double inverse_variance = std::exp(-point.log_variance);
  double distance = 0, pivot = 0;
  if (hold_) {
    pivot = Tc(held, held);
    distance = Tc(held, y) - point.coefficient * pivot;
    Tc(held, y) -= distance;
    Tc(y, y) = std::hypot(Tc(y, y), distance);
  }
  const double length = Tc(y, y);
  const double N = length * length * inverse_variance;
  out.deviance = values.log_det + nu_ * point.log_variance + N;
  if (reml_) out.deviance += 2 * Tc.diagonal().head(y).array().log().sum();
  out.finite = std::isfinite(out.deviance);
  if (!out.finite) return out;

  const DerivativeSums sums = kernel_->derivative_sums(panels_, {0, panels_.packs()}, point.factor, {Tc, N, reml_, true});
  out.G = sums.S - sums.P;
  out.by_log_variance = nu_ - N;
  out.by_coefficient = -2 * distance * pivot * inverse_variance;

  const Index d = static_cast<Index>(directions.size());
  out.hessian = Matrix::Zero(d + 1 + hold_, d + 1 + hold_);
  out.hessian.topLeftCorner(d, d) = hessian(sums, directions, N, static_cast<int>(y) - hold_);
  for (Index a = 0; a < d; ++a) {
    const Matrix M = middle(sums.V_by_V, directions[static_cast<std::size_t>(a)], panels_.k);
    out.hessian(a, d) = out.hessian(d, a) = N * M(y, y);
    if (hold_) out.hessian(a, d + 1) = out.hessian(d + 1, a) = 2 * pivot * length * inverse_variance * M(held, y);
  }
  out.hessian(d, d) = N;
  if (hold_) {
    out.hessian(d + 1, d + 1) = 2 * pivot * pivot * inverse_variance;
    out.hessian(d, d + 1) = out.hessian(d + 1, d) = -out.by_coefficient;
  }
  out.finite = out.G.allFinite() && out.hessian.allFinite();
  return out;
}

// `profiled`: number of coefficients that take their best values.
Matrix JointLikelihood::hessian(const DerivativeSums& sums, const std::vector<Matrix>& directions, double N, int profiled) const {
  const Index d = static_cast<Index>(directions.size()), y = panels_.k - 1;
  std::vector<Matrix> sides, middles;
  for (const Matrix& A : directions) {
    sides.push_back(log_det_side(sums.S_by_N, A));
    middles.push_back(middle(sums.V_by_V, A, panels_.k));
  }
  Matrix out(d, d);
  for (Index b = 0; b < d; ++b)
    for (Index a = b; a < d; ++a) {
      const Matrix& MA = middles[static_cast<std::size_t>(a)];
      const Matrix& MB = middles[static_cast<std::size_t>(b)];
      double h = 2 * sides[static_cast<std::size_t>(a)].transpose().cwiseProduct(directions[static_cast<std::size_t>(b)]).sum();
      h -= 2 * N * MA.col(y).head(profiled).dot(MB.col(y).head(profiled));
      if (reml_) h -= MA.topLeftCorner(y, y).cwiseProduct(MB.topLeftCorner(y, y)).sum();
      out(a, b) = out(b, a) = h;
    }
  return out;
}

// A Householder reflection of the columns turns the last unit vector into weights / |weights|.
Panels with_last_combination(const Panels& panels, const Vector& weights) {
  const Index p = panels.k - 1;
  if (weights.size() != p || !(weights.norm() > 0)) throw Misuse("the combination must have a weight for each column of X, not all zero");
  Vector h = weights / weights.norm();
  const double sign = h[p - 1] > 0 ? -1 : 1;  // the reflection of e_p is sign * h, without cancellation
  h *= sign;
  h[p - 1] -= 1;
  const double factor = 2 / h.squaredNorm();

  Panels out = panels;
  const Index q = panels.q;
  for (Index pack = 0; pack < panels.packs(); ++pack) {
    const Index first = pack * panels.entries() + q * q;
    for (Index r = 0; r < q; ++r) {
      Eigen::Array<double, lanes, 1> along = Eigen::Array<double, lanes, 1>::Zero();
      for (Index c = 0; c < p; ++c) along += h[c] * panels.data.col(first + c * q + r);
      for (Index c = 0; c < p; ++c) out.data.col(first + c * q + r) -= factor * h[c] * along;
      out.data.col(first + (p - 1) * q + r) *= sign;
    }
  }
  Matrix reflection = Matrix::Identity(panels.k, panels.k);
  reflection.topLeftCorner(p, p) -= factor * h * h.transpose();
  reflection.col(p - 1) *= sign;
  out.pooled = reflection.transpose() * panels.pooled * reflection;
  return out;
}

}  // namespace mixest
