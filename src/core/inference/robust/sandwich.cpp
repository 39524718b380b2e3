#include "sandwich.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

namespace mixest {

namespace {

constexpr double rounding = 1e-12;

// L G^{-1/2} L'
Matrix bias_reducing(const GroupRows& rows) {
  const Matrix LL = rows.L.transpose() * rows.L;
  const Matrix LX = rows.L.transpose() * rows.X;
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(LL * LL - LX * LX.transpose());
  const double smallest = rounding * eigen.eigenvalues().cwiseAbs().maxCoeff();
  Vector root(eigen.eigenvalues().size());
  for (Index j = 0; j < length(root); ++j)
    root[j] = eigen.eigenvalues()[j] > smallest ? 1 / std::sqrt(std::sqrt(eigen.eigenvalues()[j])) : 0;
  const Matrix half = rows.L * eigen.eigenvectors() * root.asDiagonal();
  return half * half.transpose();
}

// E_i', r x rank, r the rows of GroupRows; empty when the group alone determines a coefficient.
Matrix estimating_rows(const GroupRows& rows, Correction correction, Index clusters) {
  Matrix WX = rows.L.triangularView<Eigen::Lower>().solve(rows.X);
  const Matrix share = WX.transpose() * WX;  // X'V^{-1}X, at most I
  rows.L.triangularView<Eigen::Lower>().transpose().solveInPlace(WX);
  switch (correction) {
    case Correction::CR0: return WX;
    case Correction::CR1: return std::sqrt(static_cast<double>(clusters) / static_cast<double>(clusters - 1)) * WX;
    case Correction::CR2: return bias_reducing(rows) * WX;
    case Correction::CR3: break;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(share);
  const Vector rest = Vector::Ones(share.rows()) - eigen.eigenvalues();
  constexpr double estimable = 1e-10;
  if (!(rest.minCoeff() > estimable)) return Matrix();
  return WX * eigen.eigenvectors() * rest.cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace

Sandwich sandwich(const ClusterSource& source, Correction correction) {
  Sandwich out;
  out.scores = Matrix::Zero(source.rank(), source.groups());
  if (source.rank() == 0) return out;
  for (Index i = 0; i < source.groups(); ++i) {
    const GroupRows rows = source.read(i);
    const Matrix E = estimating_rows(rows, correction, source.clusters());
    if (E.size() == 0) {
      out.alone.push_back(i);
    } else {
      out.scores.col(i).noalias() = E.transpose() * rows.e;
    }
  }
  return out;
}

SandwichMoments sandwich_moments(const ClusterSource& source, Correction correction, const Matrix& contrasts) {
  const Index c = contrasts.cols(), rank = source.rank(), pairs = c * c;
  const auto pair = [c](Index s, Index t) { return t * c + s; };
  SandwichMoments out;
  out.mean = out.variance = Matrix::Zero(c, c);
  // Sums over groups of n_s n_t' for each pair; the variance gathers the terms of single groups
  // first.
  std::vector<Matrix> NN(pairs, Matrix::Zero(rank, rank));
  Matrix own(c, c), inner(c, c);
  for (Index i = 0; i < source.groups(); ++i) {
    const GroupRows rows = source.read(i);
    const Matrix g = estimating_rows(rows, correction, source.clusters()) * contrasts;
    const Matrix Lg = rows.L.transpose() * g, n = rows.X.transpose() * g;
    own.noalias() = Lg.transpose() * Lg;
    inner.noalias() = n.transpose() * n;
    out.mean += own - inner;
    for (Index t = 0; t < c; ++t)
      for (Index s = 0; s < c; ++s) {
        out.variance(s, t) += own(s, s) * own(t, t) - own(s, s) * inner(t, t) - own(t, t) * inner(s, s) +
                              own(s, t) * (own(s, t) - 2 * inner(s, t));
        NN[pair(s, t)].noalias() += n.col(s) * n.col(t).transpose();
      }
  }
  for (Index t = 0; t < c; ++t)
    for (Index s = 0; s < c; ++s) {
      const Matrix& N = NN[pair(s, t)];
      out.variance(s, t) += N.squaredNorm() + N.cwiseProduct(N.transpose()).sum();
    }
  return out;
}

}  // namespace mixest
