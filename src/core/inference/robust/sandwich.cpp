#include "sandwich.h"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../../linear_algebra/orthogonal_columns.h"
#include "../../linear_algebra/triangular_factor.h"

namespace mixest {

namespace {

// Shares of a direction that the rows of one group leave to the others: below this they leave
// nothing.
constexpr double estimable = 1e-10;

// A triangular root of I - VX VX'. Zero columns stand for directions that are lost.
Matrix triangle_without(const Matrix& VX) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(Matrix::Identity(VX.rows(), VX.rows()) - VX * VX.transpose());
  const Vector roots =
      eigen.eigenvalues().unaryExpr([](double share) { return share > estimable ? std::sqrt(share) : 0.0; });
  return lower_triangular_factor(eigen.eigenvectors() * roots.asDiagonal(), 0.01 * std::sqrt(estimable));
}

// Adj V^{-1} X of CR2 = V^{1/2} Gap^{-1/2} VX.
Matrix bias_reduced(const GroupRows& rows, const Matrix& VX) {
  const Matrix axes = with_orthogonal_columns(rows.variance.asDiagonal() * triangle_without(VX));
  Matrix out = Matrix::Zero(VX.rows(), VX.cols());
  for (Index j = 0; j < axes.cols(); ++j) {
    const double root = axes.col(j).norm();
    if (!(root > 0)) continue;
    const Vector u = axes.col(j) / root;
    out.noalias() += u * (u.transpose() * VX / root);
  }
  return rows.variance.cwiseSqrt().asDiagonal() * out;
}

// g_i, r x rank, r the rows of GroupRows; empty when the group alone determines a coefficient.
Matrix estimating_rows(const GroupRows& rows, Correction correction, Index clusters) {
  const Vector root = rows.variance.cwiseSqrt();
  const Matrix VX = root.cwiseInverse().asDiagonal() * rows.X;
  const Matrix inverse_V_X = root.cwiseInverse().asDiagonal() * VX;  // V^{-1} X
  switch (correction) {
    case Correction::CR0: return inverse_V_X;
    case Correction::CR1:
      return std::sqrt(static_cast<double>(clusters) / static_cast<double>(clusters - 1)) * inverse_V_X;
    case Correction::CR2: return bias_reduced(rows, VX);
    case Correction::CR3: break;
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(VX.transpose() * VX);  // at most I
  const Vector rest = Vector::Ones(VX.cols()) - eigen.eigenvalues();
  if (!(rest.minCoeff() > estimable)) return Matrix();
  return inverse_V_X * eigen.eigenvectors() * rest.cwiseInverse().asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace

Sandwich sandwich(const ClusterSource& source, Correction correction) {
  Sandwich out;
  out.scores = Matrix::Zero(source.rank(), source.groups());
  if (source.rank() == 0) return out;
  for (Index i = 0; i < source.groups(); ++i) {
    const GroupRows rows = source.read(i);
    const Matrix g = estimating_rows(rows, correction, source.clusters());
    if (g.size() == 0) {
      out.alone.push_back(i);
    } else {
      out.scores.col(i).noalias() = g.transpose() * rows.e;
    }
  }
  return out;
}

SandwichMoments sandwich_moments(const ClusterSource& source, Correction correction, const Matrix& contrasts) {
  const Index c = contrasts.cols(), rank = source.rank(), pairs = c * c;
  const auto pair = [c](Index s, Index t) { return t * c + s; };
  SandwichMoments out;
  out.mean = out.variance = Matrix::Zero(c, c);
  // Sums over groups of x_s x_t' for each pair; the variance gathers the terms of single groups
  // first.
  std::vector<Matrix> sums(pairs, Matrix::Zero(rank, rank));
  Matrix squares(c, c), shared(c, c);
  for (Index i = 0; i < source.groups(); ++i) {
    const GroupRows rows = source.read(i);
    const Matrix g = estimating_rows(rows, correction, source.clusters()) * contrasts;
    const Matrix x = rows.X.transpose() * g;
    squares.noalias() = g.transpose() * rows.variance.asDiagonal() * g;
    shared.noalias() = x.transpose() * x;
    out.mean += squares - shared;
    for (Index t = 0; t < c; ++t)
      for (Index s = 0; s < c; ++s) {
        out.variance(s, t) += squares(s, s) * squares(t, t) - squares(s, s) * shared(t, t) -
                              squares(t, t) * shared(s, s) + squares(s, t) * (squares(s, t) - 2 * shared(s, t));
        sums[pair(s, t)].noalias() += x.col(s) * x.col(t).transpose();
      }
  }
  for (Index t = 0; t < c; ++t)
    for (Index s = 0; s < c; ++s) {
      const Matrix& sum = sums[pair(s, t)];
      out.variance(s, t) += sum.squaredNorm() + sum.cwiseProduct(sum.transpose()).sum();
    }
  return out;
}

}  // namespace mixest
