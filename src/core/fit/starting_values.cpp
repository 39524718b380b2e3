#include "starting_values.h"

#include <Eigen/Eigenvalues>

namespace mixest {

namespace {

Matrix inverse_root(const Matrix& A) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(A);
  const Vector root = eigen.eigenvalues().cwiseMax(1e-8).cwiseSqrt().cwiseInverse();
  return eigen.eigenvectors() * root.asDiagonal() * eigen.eigenvectors().transpose();
}

Matrix with_floor(const Matrix& A, double floor) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(A);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(floor).asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace

Matrix moment_start(const Panels& panels, double variance) {
  const Index q = panels.q;
  Matrix excess = Matrix::Zero(q, q), squares = Matrix::Zero(q, q);
  Matrix R(q, q), A(q, q);
  Vector b(q), Rb(q);
  double m = 0;
  for (Index i = 0; i < panels.m; ++i) {
    const Index lane = i % lanes, first = i / lanes * panels.entries();
    for (Index e = 0; e < q * q; ++e) R.data()[e] = panels.data(lane, first + e);
    for (Index r = 0; r < q; ++r) b[r] = panels.data(lane, first + q * (q + panels.k - 1) + r);
    A.noalias() = R.transpose().lazyProduct(R);
    Rb.noalias() = R.transpose().lazyProduct(b);
    const double count = panels.repeated() ? panels.count(lane, i / lanes) : 1;
    excess += Rb.lazyProduct(Rb.transpose()) / variance - count * A;
    squares += count * A.lazyProduct(A);
    m += count;
  }
  const Matrix root = inverse_root(squares / m);
  constexpr double floor = 0.05;
  return with_floor(root * (excess / m) * root, floor);
}

}  // namespace mixest
