#include "marginal_likelihood.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <vector>

#include "make_likelihood_sums.h"

namespace mixest {

namespace {

constexpr double two_pi = 6.283185307179586476925;

Matrix unit_direction(Index a, Index b, Index q) {
  Matrix out = Matrix::Zero(q, q);
  out(a, b) = out(b, a) = 1;
  return out;
}

Matrix assemble_hessian(const DerivativeSums& sums, double nu, bool reml) {
  const Index q = sums.S.cols(), y = sums.k() - 1;
  std::vector<Matrix> M;
  for (Index b = 0; b < q; ++b)
    for (Index a = b; a < q; ++a) M.push_back(sum_of_squares(sums, unit_direction(a, b, q)));

  Matrix out = sums.curvature;
  for (Index col = 0; col < out.cols(); ++col)
    for (Index row = col; row < out.rows(); ++row) {
      const Matrix& MA = M[row];
      const Matrix& MB = M[col];
      double h = nu * (2 * MA.col(y).head(y).dot(MB.col(y).head(y)) + MA(y, y) * MB(y, y));
      if (reml) h += MA.topLeftCorner(y, y).cwiseProduct(MB.topLeftCorner(y, y)).sum();
      out(row, col) -= h;
      out(col, row) = out(row, col);
    }
  return out;
}

// The triangular factor of T, with a last pivot of zero when rounding has left nothing of r^2;
// empty when XX is not positive definite.
Matrix triangle_of(const Matrix& T) {
  const Index p = T.cols() - 1;
  Matrix out = Matrix::Zero(p + 1, p + 1);
  if (p > 0) {
    const Eigen::LLT<Matrix, Eigen::Upper> XX(T.topLeftCorner(p, p));
    if (XX.info() != Eigen::Success) return {};
    out.topLeftCorner(p, p) = XX.matrixU();
    out.col(p).head(p) = XX.matrixL().solve(T.col(p).head(p));
  }
  const double rest = T(p, p) - out.col(p).squaredNorm();
  out(p, p) = rest > 0 ? std::sqrt(rest) : 0;
  return out;
}

}  // namespace

Vector Evaluation::beta() const {
  const Index p = triangle.cols() - 1;
  return triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(triangle.col(p).head(p));
}

MarginalLikelihood::MarginalLikelihood(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                                       bool reml, const Execution& execution)
    : sums_(make_likelihood_sums(stats, fixed, random, execution)),
      reml_(reml),
      nu_(static_cast<double>(stats.n_obs - (reml ? fixed.rank() : 0))),
      fixed_log_det_(fixed.log_det),
      log_scale_(std::log(fixed.spread) + std::log(stats.y_scale)),
      sum_log_weights_(stats.sum_log_weights) {}

Evaluation MarginalLikelihood::evaluate(const Matrix& lambda, Order order) {
  Evaluation out;
  const ValueSums values = sums_->value_sums(lambda);
  out.triangle = triangle_of(values.T);
  if (out.triangle.size() == 0 || !(out.residual() > 0)) return out;
  out.deviance = deviance(values.log_det, out.triangle);
  out.finite = std::isfinite(out.deviance);
  if (!out.finite || order == Order::value) return out;

  const bool hessian = order == Order::hessian;
  const DerivativeSums sums = sums_->derivative_sums(lambda, {out.triangle, nu_, reml_, hessian});
  out.G = sums.S - sums.P;
  out.information = sums.S;
  if (hessian) out.hessian = assemble_hessian(sums, nu_, reml_);
  return out;
}

DesignInformation MarginalLikelihood::design_information() {
  const Matrix zero = Matrix::Zero(sums_->q(), sums_->q());
  const Matrix T = sums_->value_sums(zero).T;
  Matrix triangle = Matrix::Identity(T.rows(), T.cols());  // any last column will do: y has no part in this
  const Index p = T.cols() - 1;
  triangle.topLeftCorner(p, p) = Eigen::LLT<Matrix, Eigen::Upper>(T.topLeftCorner(p, p)).matrixU();

  DesignInformation out;
  const DerivativeSums fixed = sums_->derivative_sums(zero, {triangle, 0, true, true});
  out.with_fixed = -assemble_hessian(fixed, 0, true);
  out.trace = fixed.S - fixed.P;
  const DerivativeSums none = sums_->derivative_sums(zero, {triangle, 0, false, true});
  out.without_fixed = -assemble_hessian(none, 0, false);
  return out;
}

double MarginalLikelihood::deviance(double log_det, const Matrix& triangle) const {
  const Index p = triangle.cols() - 1;
  const double r = triangle(p, p);
  double out = log_det + nu_ * (1 + std::log(two_pi * (r * r / nu_)) + 2 * log_scale_) - sum_log_weights_;
  if (reml_) out += 2 * (triangle.diagonal().head(p).array().log().sum() + fixed_log_det_);
  return out;
}

}  // namespace mixest
