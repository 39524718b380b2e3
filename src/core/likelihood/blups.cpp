#include "blups.h"

#include "panels.h"

#include <Eigen/LU>
#include <Eigen/QR>

namespace mixest {

Blups predict_random_effects(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda,
                             const Vector& b, const Matrix& b_factor) {
  const Index q = stats.q, k = stats.k(), p = fixed.rank();
  const Matrix in_fit_basis = random.from_user.inverse() * lambda;
  const double unit = fixed.spread * stats.y_scale;

  Blups out;
  out.gamma.resize(q, stats.m);
  out.factor.resize(q, q * stats.m);
  out.carried.resize(q, p * stats.m);
  Matrix stacked(2 * q, q), B(q, p + 1), right = Matrix::Zero(2 * q, p + 1);
  for (Index i = 0; i < stats.m; ++i) {
    const Matrix F = stats.R.middleCols(i * q, q) * random.from_condensed * in_fit_basis;
    to_fixed_basis(stats.B.middleCols(i * k, k), fixed, B);
    right.bottomRows(q) << -B.leftCols(p) * b_factor, B.col(p) - B.leftCols(p) * b;

    // Least squares min |e - F u|^2 + |u|^2 gives the standardised effects u, gamma = Lambda u.
    stacked.topRows(q).setIdentity();
    stacked.bottomRows(q) = F;
    const Eigen::HouseholderQR<Matrix> qr(stacked);
    const Matrix effects = lambda * qr.solve(right);
    out.carried.middleCols(i * p, p) = effects.leftCols(p);
    out.gamma.col(i) = unit * effects.col(p);
    Matrix inverse = Matrix::Identity(q, q);
    qr.matrixQR().topRows(q).triangularView<Eigen::Upper>().solveInPlace(inverse);
    out.factor.middleCols(i * q, q) = lambda * inverse;
  }
  return out;
}

}  // namespace mixest
