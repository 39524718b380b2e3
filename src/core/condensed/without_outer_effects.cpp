#include "without_outer_effects.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// The triangular factor of a positive semi-definite matrix of unit scale, with as small a ridge as
// rounding allows.
struct RidgedFactor {
  Matrix L;
  double ridge = 1e-11;

  explicit RidgedFactor(const Matrix& A) {
    for (;; ridge *= 10) {
      L = A;
      L.diagonal().array() += ridge;
      const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(L);
      if (cholesky.info() == Eigen::Success || !(ridge < 1)) return;
    }
  }
};

// The outer effects of one component are taken out of the rows that the inner ones leave: the sum
// of squares at the least squares coefficients x, which errors in x change in second order only.
// Effects that the inner ones leave nothing of (nested factors) are no loss; the ridge stands for
// finding out which. `size`: U'U of each effect over all rows.
void take_out_component(const Eigen::Ref<const Matrix>& gram, const Vector& size, Matrix& cross_products,
                        double& effects) {
  const Index Q = gram.rows(), k = gram.cols() - Q;
  const Vector scale = size.cwiseSqrt().cwiseInverse();
  const Matrix A = scale.asDiagonal() * gram.leftCols(Q) * scale.asDiagonal(),
               G = scale.asDiagonal() * gram.rightCols(k);
  const RidgedFactor factor(A);
  Matrix x = G;
  factor.L.triangularView<Eigen::Lower>().solveInPlace(x);
  factor.L.triangularView<Eigen::Lower>().transpose().solveInPlace(x);
  const Matrix xG = x.transpose() * G;
  cross_products += x.transpose() * A * x - xG - xG.transpose();
  for (Index j = 0; j < Q; ++j) effects += factor.L(j, j) * factor.L(j, j) > 1e3 * factor.ridge;
}

// What the inner effects take of U'U, component after component.
Vector taken_by_inner(const OuterStats& outer, const EffectIndices& indices) {
  std::vector<Index> first;  // of each block among all effects
  Index before = 0;
  for (Index c = 0; c < length(indices.size); ++c) {
    for (int b = outer.component[c]; b < outer.component[c + 1]; ++b) first.push_back(before + indices.first[b]);
    before += indices.size[c];
  }
  Vector out = Vector::Zero(before);
  Index column = 0;
  for (int block : outer.touched)
    for (Index j = 0; j < outer.width(block); ++j) out[first[block] + j] += outer.B.col(column++).squaredNorm();
  return out;
}

}  // namespace

Matrix without_outer_effects(const GroupStats& stats, const EffectIndices& indices, WithinGroups& left) {
  const std::vector<Index> number = indices.gram_starts(stats.k());
  const Vector taken = taken_by_inner(stats.outer, indices);
  Matrix cross_products = left.factor.transpose() * left.factor;
  Index effect = 0;
  for (Index c = 0; c < length(indices.size); ++c) {
    const Index Q = indices.size[c];
    const Vector not_taken = Eigen::Map<const Matrix>(stats.outer.gram.data() + number[c], Q, Q + stats.k()).diagonal();
    const Vector size = (taken.segment(effect, Q) + not_taken).cwiseMax(std::numeric_limits<double>::min());
    take_out_component(Eigen::Map<const Matrix>(left.gram.data() + number[c], Q, Q + stats.k()), size, cross_products,
                       left.effects);
    effect += Q;
  }
  return cross_products;
}

}  // namespace mixest
