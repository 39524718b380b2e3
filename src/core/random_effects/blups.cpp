#include "blups.h"

#include <Eigen/LU>

#include "../likelihood/one_factor/panels.h"
#include "several_factors.h"

namespace mixest {

namespace {

Matrix in_fit_basis(const RandomBasis& random, const Matrix& lambda) { return random.from_user.inverse() * lambda; }

}  // namespace

std::vector<LevelEffects> predict_random_effects(const GroupStats& stats, const FixedBasis& fixed,
                                                 const RandomBasis& random, const Matrix& lambda,
                                                 const Matrix& triangle, const Execution& execution) {
  const Coefficients coefficients(stats, fixed, triangle);
  if (!stats.outer.empty()) return SeveralFactorBlups(stats, fixed, random, lambda).effects(coefficients);

  const Index q = stats.q, k = stats.k();
  LevelEffects out = no_effects(lambda, stats.m, fixed.rank());
  GroupPrediction prediction(in_fit_basis(random, lambda), lambda);
  Matrix B(q, fixed.rank() + 1);
  for (Index i = 0; i < stats.m; ++i) {
    if (i % 4096 == 4095) execution.check_interrupt();
    prediction.set_group(stats.R.middleCols(i * q, q) * random.from_condensed);
    to_fixed_basis(stats.B.middleCols(i * k, k), fixed, B);
    coefficients.store(prediction.predict(B), i, out);
    out.root.middleCols(i * q, q) = prediction.root();
  }
  return {out};
}

Vector conditional_variances(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                             const Matrix& lambda, const Eigen::Ref<const Matrix>& U,
                             const Eigen::Ref<const Eigen::MatrixXi>& levels) {
  Vector out(U.rows());
  if (!stats.outer.empty()) {
    const SeveralFactorBlups predictions(stats, fixed, random, lambda);
    for (Index row = 0; row < U.rows(); ++row)
      out[row] = predictions.variance(U.row(row).transpose(), levels.row(row).transpose());
    return out;
  }
  const Index q = stats.q;
  std::vector<Matrix> roots(stats.m);
  GroupPrediction prediction(in_fit_basis(random, lambda), lambda);
  for (Index row = 0; row < U.rows(); ++row) {
    const int i = levels(row, 0);
    if (i < 0) {
      out[row] = (U.row(row) * lambda).squaredNorm();
      continue;
    }
    Matrix& root = roots[i];
    if (root.size() == 0) {
      prediction.set_group(stats.R.middleCols(i * q, q) * random.from_condensed);
      root = prediction.root();
    }
    out[row] = (U.row(row) * root).squaredNorm();
  }
  return out;
}

}  // namespace mixest
