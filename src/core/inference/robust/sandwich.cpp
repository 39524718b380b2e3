#include "sandwich.h"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../../linear_algebra/orthogonal_columns.h"
#include "../../linear_algebra/triangular_factor.h"

namespace mixest {

namespace {

// Shares of a direction that the rows of one group leave to the others: below this they leave nothing.
constexpr double estimable = 1e-10;

// A triangle B with B B' = I - W W'. Zero columns stand for directions that are lost.
Matrix triangle_without(const Matrix& W) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(Matrix::Identity(W.rows(), W.rows()) - W * W.transpose());
  const Vector roots =
      eigen.eigenvalues().unaryExpr([](double share) { return share > estimable ? std::sqrt(share) : 0.0; });
  return lower_triangular_factor(eigen.eigenvectors() * roots.asDiagonal(), 0.01 * std::sqrt(estimable));
}

// A V^{-1} X of CR2 = V^{1/2} G^{-1/2} W.
Matrix bias_reduced(const GroupRows& rows, const Matrix& W) {
  const Matrix US = with_orthogonal_columns(rows.variance.asDiagonal() * triangle_without(W));
  Matrix out = Matrix::Zero(W.rows(), W.cols());
  for (Index j = 0; j < US.cols(); ++j) {
    const double root = US.col(j).norm();
    if (!(root > 0)) continue;
    const Vector u = US.col(j) / root;
    out.noalias() += u * (u.transpose() * W / root);
  }
  return rows.variance.cwiseSqrt().asDiagonal() * out;
}

// E_i', r x rank, r the rows of GroupRows; empty when the group alone determines a coefficient.
Matrix estimating_rows(const GroupRows& rows, Correction correction, Index clusters) {
  const Vector root = rows.variance.cwiseSqrt();
  const Matrix W = root.cwiseInverse().asDiagonal() * rows.X;
  const Matrix VX = root.cwiseInverse().asDiagonal() * W;  // V^{-1} X
  switch (correction) {
    case Correction::CR0: return VX;
    case Correction::CR1: return std::sqrt(static_cast<double>(clusters) / static_cast<double>(clusters - 1)) * VX;
    case Correction::CR2: return bias_reduced(rows, W);
    case Correction::CR3: break;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(W.transpose() * W);  // at most I
  const Vector rest = Vector::Ones(W.cols()) - eigen.eigenvalues();
  if (!(rest.minCoeff() > estimable)) return Matrix();
  return VX * eigen.eigenvectors() * rest.cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
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
    const Matrix n = rows.X.transpose() * g;
    own.noalias() = g.transpose() * rows.variance.asDiagonal() * g;
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
