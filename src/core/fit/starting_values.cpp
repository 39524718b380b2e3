#include "starting_values.h"

#include <Eigen/Eigenvalues>
#include <vector>

namespace mixest {

namespace {

Matrix with_floor(const Matrix& A, double floor) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(A);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(floor).asDiagonal() * eigen.eigenvectors().transpose();
}

// <A, B> for the direction A of each pair of columns.
Vector along_pairs(const Matrix& B) {
  Vector out = pair_coordinates(B);
  Index pair = 0;
  for (Index b = 0; b < B.cols(); ++b)
    for (Index a = b; a < B.rows(); ++a, ++pair)
      if (a != b) out[pair] *= 2;
  return out;
}

// The solution of least length of H x = g for a positive semi-definite H: pairs of different
// factors have zero rows.
Vector solve(const Matrix& H, const Vector& g) {
  constexpr double rounding = 1e-10;
  Vector root = H.diagonal().cwiseMax(0).cwiseSqrt();
  for (Index r = 0; r < length(root); ++r) root[r] = root[r] > 0 ? 1 / root[r] : 0;
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(root.asDiagonal() * H * root.asDiagonal());
  Vector rotated = eigen.eigenvectors().transpose() * root.cwiseProduct(g);
  for (Index i = 0; i < length(rotated); ++i)
    rotated[i] = eigen.eigenvalues()[i] > rounding ? rotated[i] / eigen.eigenvalues()[i] : 0;
  return root.cwiseProduct(eigen.eigenvectors() * rotated);
}

}  // namespace

Matrix moment_start(LikelihoodSums& sums, double variance) {
  const Index q = sums.q();
  const Matrix zero = Matrix::Zero(q, q), identity = Matrix::Identity(sums.k(), sums.k());
  const DerivativeSums design = sums.derivative_sums(zero, {identity, 0, false, true});
  const DerivativeSums observed = sums.derivative_sums(zero, {identity, 1, false, false});  // P: sum of U_l'y y'U_l
  const Vector psi = solve(-design.curvature, along_pairs(observed.P / variance - design.S));

  Matrix out(q, q);
  Index pair = 0;
  for (Index b = 0; b < q; ++b)
    for (Index a = b; a < q; ++a) out(a, b) = out(b, a) = psi[pair++];
  constexpr double floor = 0.05;
  return with_floor(out, floor);
}

}  // namespace mixest
