#include "joint_likelihood.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace mixest {

JointLikelihood::JointLikelihood(LikelihoodSums& sums, double nu, bool reml, bool hold)
    : sums_(sums), nu_(nu), reml_(reml), hold_(hold) {
  if (hold && (reml || sums.k() < 2))
    throw Misuse("a coefficient can be held under ML only, and only where there is one");
}

Matrix JointLikelihood::triangle(const Matrix& lambda) {
  const Eigen::LLT<Matrix, Eigen::Upper> cholesky(sums_.value_sums(lambda).T);
  return cholesky.info() == Eigen::Success ? Matrix(cholesky.matrixU()) : Matrix();
}

JointDerivatives JointLikelihood::evaluate(const JointPoint& point, const std::vector<Matrix>& directions) {
  JointDerivatives out;
  const ValueSums values = sums_.value_sums(point.lambda);
  const Eigen::LLT<Matrix, Eigen::Upper> cholesky(values.T);
  if (cholesky.info() != Eigen::Success) return out;
  Matrix Tc = cholesky.matrixU();

  const Index y = sums_.k() - 1, held = y - 1;
  const double inverse_variance = std::exp(-point.log_variance);
  double distance = 0, pivot = 0;
  if (hold_) {
    pivot = Tc(held, held);
    distance = Tc(held, y) - point.coefficient * pivot;
    Tc(held, y) -= distance;
    Tc(y, y) = std::hypot(Tc(y, y), distance);
  }
  const double root = Tc(y, y);
  const double nu_l = root * root * inverse_variance;
  out.deviance = values.log_det + nu_ * point.log_variance + nu_l;
  if (reml_) out.deviance += 2 * Tc.diagonal().head(y).array().log().sum();
  out.finite = std::isfinite(out.deviance);
  if (!out.finite) return out;

  const DerivativeSums sums = sums_.derivative_sums(point.lambda, {Tc, nu_l, reml_, true});
  out.G = sums.S - sums.P;
  out.by_log_variance = nu_ - nu_l;
  out.by_coefficient = -2 * distance * pivot * inverse_variance;

  const Index d = length(directions);
  out.hessian = Matrix::Zero(d + 1 + hold_, d + 1 + hold_);
  out.hessian.topLeftCorner(d, d) = hessian(sums, directions, nu_l, static_cast<int>(y) - hold_);
  for (Index a = 0; a < d; ++a) {
    const Matrix M = sum_of_squares(sums, directions[a]);
    out.hessian(a, d) = out.hessian(d, a) = nu_l * M(y, y);
    if (hold_) out.hessian(a, d + 1) = out.hessian(d + 1, a) = 2 * pivot * root * inverse_variance * M(held, y);
  }
  out.hessian(d, d) = nu_l;
  if (hold_) {
    out.hessian(d + 1, d + 1) = 2 * pivot * pivot * inverse_variance;
    out.hessian(d, d + 1) = out.hessian(d + 1, d) = -out.by_coefficient;
  }
  out.finite = out.G.allFinite() && out.hessian.allFinite();
  return out;
}

// `profiled`: number of coefficients that take their best values.
Matrix JointLikelihood::hessian(const DerivativeSums& sums, const std::vector<Matrix>& directions, double nu_l,
                                int profiled) const {
  const Index d = length(directions), y = sums_.k() - 1;
  std::vector<Vector> coordinates;
  std::vector<Matrix> middles;
  for (const Matrix& A : directions) {
    coordinates.push_back(pair_coordinates(A));
    middles.push_back(sum_of_squares(sums, A));
  }
  Matrix out(d, d);
  for (Index b = 0; b < d; ++b)
    for (Index a = b; a < d; ++a) {
      const Matrix& MA = middles[a];
      const Matrix& MB = middles[b];
      double h = coordinates[a].dot(sums.curvature * coordinates[b]);
      h -= 2 * nu_l * MA.col(y).head(profiled).dot(MB.col(y).head(profiled));
      if (reml_) h -= MA.topLeftCorner(y, y).cwiseProduct(MB.topLeftCorner(y, y)).sum();
      out(a, b) = out(b, a) = h;
    }
  return out;
}

}  // namespace mixest
