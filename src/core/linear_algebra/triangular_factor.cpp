#include "triangular_factor.h"

#include <Eigen/Householder>
#include <cmath>
#include <limits>

namespace mixest {

Matrix lower_triangular_factor(const Matrix& M, const Vector& negligible) {
  const Index q = M.rows(), k = M.cols();
  if (negligible.size() != q) throw Misuse("lower_triangular_factor: `negligible` must have one value per row");

  Matrix L = Matrix::Zero(q, q);
  Matrix W = M.transpose();  // column i is row i of M, so that the reflections run down contiguous columns
  Vector essential(k), workspace(q);
  Index used = 0;
  for (Index i = 0; i < q && used < k; ++i) {
    const Index unused = k - used;
    auto remainder = W.col(i).tail(unused);
    if (remainder.stableNorm() <= negligible(i)) continue;

    double tau, pivot;
    auto reflector = essential.head(unused - 1);
    remainder.makeHouseholder(reflector, tau, pivot);
    const Index below = q - i - 1;
    W.bottomRightCorner(unused, below).applyHouseholderOnTheLeft(reflector, tau, workspace.data());

    const double sign = pivot < 0 ? -1 : 1;
    L(i, i) = sign * pivot;
    L.col(i).tail(below) = sign * W.row(used).tail(below).transpose();
    ++used;
  }
  return L;
}

Matrix lower_triangular_factor(const Matrix& M, double tolerance) {
  Vector negligible(M.rows());
  for (Index i = 0; i < M.rows(); ++i) negligible(i) = tolerance * M.row(i).stableNorm();
  return lower_triangular_factor(M, negligible);
}

Matrix semidefinite_factor(const Matrix& psi) {
  const double rounding = 8 * static_cast<double>(psi.rows()) * std::numeric_limits<double>::epsilon();
  const Vector sd = psi.diagonal().unaryExpr([](double variance) { return variance > 0 ? std::sqrt(variance) : 1.0; });
  const Vector inverse_sd = sd.cwiseInverse();
  Matrix rest = inverse_sd.asDiagonal() * psi * inverse_sd.asDiagonal();

  Matrix M = Matrix::Zero(psi.rows(), psi.rows());
  for (Index k = 0; k < M.cols(); ++k) {
    Index largest;
    const double pivot = rest.diagonal().maxCoeff(&largest);
    if (!(pivot > rounding)) break;
    M.col(k) = rest.col(largest) / std::sqrt(pivot);
    rest -= M.col(k) * M.col(k).transpose();
  }
  return sd.asDiagonal() * lower_triangular_factor(M, rounding);
}

}  // namespace mixest
