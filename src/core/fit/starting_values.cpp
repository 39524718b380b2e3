#include "starting_values.h"

#include <Eigen/Eigenvalues>

#include <vector>

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

// Of the levels of one factor, over all columns of U.
struct Moments {
  std::vector<int> columns;
  Matrix excess, squares;
  double levels = 0;
};

}  // namespace

Matrix moment_start(LikelihoodSums& sums, double variance) {
  std::vector<Moments> factors;
  sums.visit_levels([&](const LevelMoments& level) {
    if (factors.empty() || factors.back().columns != level.columns) {
      const Index q = static_cast<Index>(level.columns.size());
      factors.push_back({level.columns, Matrix::Zero(q, q), Matrix::Zero(q, q), 0});
    }
    Moments& of = factors.back();
    of.excess += level.Uy.lazyProduct(level.Uy.transpose()) / variance - level.count * level.UU;
    of.squares += level.count * level.UU.lazyProduct(level.UU);
    of.levels += level.count;
  });

  constexpr double floor = 0.05;
  Matrix out = Matrix::Identity(sums.q(), sums.q());
  for (const Moments& of : factors) {
    const Matrix root = inverse_root(of.squares / of.levels);
    const Matrix psi = with_floor(root * (of.excess / of.levels) * root, floor);
    for (std::size_t b = 0; b < of.columns.size(); ++b)
      for (std::size_t a = 0; a < of.columns.size(); ++a)
        out(of.columns[a], of.columns[b]) = psi(static_cast<Index>(a), static_cast<Index>(b));
  }
  return out;
}

}  // namespace mixest
