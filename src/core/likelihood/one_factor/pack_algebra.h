// The small-matrix algebra of one pack of groups (see kernel.h for the formulas); every
// number is a Lane.
#pragma once

#include "lane.h"

namespace mixest {

// Q: columns of U at compile time, or Eigen::Dynamic.
template <int Q>
class PackAlgebra {
 public:
  PackAlgebra(Index q, Index k) : q_(q), k_(k), lambda_(q * q), RL_(q * q), Delta_(q * q), W_(q * (q + k)) {}

  Index q() const { return Q == Eigen::Dynamic ? q_ : Q; }
  Index k() const { return k_; }

  void set_lambda(const Matrix& lambda) {
    for (Index e = 0; e < q() * q(); ++e) lambda_[e] = repeat_lane(lambda.data()[e]);
  }

  // W = Delta^{-T} [R | B] of the pack that starts at `panel`.
  void whiten(const double* panel) {
    multiply(panel);
    reduce();
    solve(panel);
  }

  // prod_j Delta_jj
  const Lane& pivots() const { return pivots_; }

  // Columns of [W_R | W_B]: q lanes each.
  const Lane* W(Index column) const { return W_.data() + column * q(); }

  // W_a'W_b of two columns.
  EIGEN_ALWAYS_INLINE Lane dot(const Lane* a, const Lane* b) const {
    Lane sum = a[0] * b[0];
    for (Index r = 1; r < q(); ++r) sum += a[r] * b[r];
    return sum;
  }

 private:
  // RL = R Lambda, kept by rows.
  void multiply(const double* panel) {
    const Lane* lambda = lambda_.data();
    Lane* RL = RL_.data();
    for (Index r = 0; r < q(); ++r)
      for (Index c = 0; c < q(); ++c) {
        Lane sum = load_lane(panel + lanes * r) * lambda[c * q()];
        for (Index s = 1; s < q(); ++s) sum += load_lane(panel + lanes * (s * q() + r)) * lambda[c * q() + s];
        RL[r * q() + c] = sum;
      }
  }

  // Delta, column by column, holds the triangular factor above the diagonal and the reciprocal
  // pivots on it.
  void reduce() {
    Lane* RL = RL_.data();
    Lane* Delta = Delta_.data();
    const Lane one = repeat_lane(1);
    Lane pivots = one;
    for (Index j = 0; j < q(); ++j) {
      const Lane* row = RL + j * q();
      const Lane pivot = sqrt(dot(row, row) + one);
      const Lane inverse = one / pivot;
      pivots *= pivot;
      Delta[j * q() + j] = inverse;
      for (Index l = j + 1; l < q(); ++l) {
        Lane* below = RL + l * q();
        const Lane above = dot(row, below) * inverse;
        Delta[l * q() + j] = above;
        const Lane step = above / (pivot + one);
        for (Index c = 0; c < q(); ++c) below[c] -= step * row[c];
      }
    }
    pivots_ = pivots;
  }

  void solve(const double* panel) {
    const Lane* Delta = Delta_.data();
    Lane* W = W_.data();
    for (Index x = 0; x < q() + k_; ++x, W += q(), panel += lanes * q())
      for (Index r = 0; r < q(); ++r) {
        Lane value = load_lane(panel + lanes * r);
        for (Index s = 0; s < r; ++s) value -= Delta[r * q() + s] * W[s];
        W[r] = value * Delta[r * q() + r];
      }
  }

  Index q_;
  Index k_;
  LaneVector lambda_, RL_, Delta_, W_;
  Lane pivots_;
};

}  // namespace mixest
