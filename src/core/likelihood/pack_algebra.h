// The small-matrix algebra of one pack of groups (see group_kernel.h for the formulas); every number is a Lane.
#pragma once

#include "panels.h"

namespace mixest {

// Q: columns of U at compile time, or Eigen::Dynamic.
template <int Q>
class PackAlgebra {
 public:
  PackAlgebra(Index q, Index k) : q_(q), k_(k), F_(lanes, q * q), C_(lanes, q * q), W_(lanes, q * (q + k)) {}

  Index q() const { return Q == Eigen::Dynamic ? q_ : Q; }
  Index k() const { return k_; }

  using Lane = Eigen::Array<double, lanes, 1>;

  // W = C^{-T} [R | B] of the pack that starts at `panel`.
  void whiten(const double* panel, const Matrix& lambda) {
    multiply(panel, lambda);
    reduce();
    solve(panel);
  }

  // prod_j C_jj
  const Lane& pivots() const { return pivots_; }

  // Entry (r, c) of [W_R | W_B].
  auto W(Index r, Index c) const { return W_.col(c * q() + r); }

 private:
  using LaneView = Eigen::Map<const Lane, Eigen::Aligned16>;

  auto F(Index r, Index c) { return F_.col(r * q() + c); }
  auto C(Index r, Index c) { return C_.col(c * q() + r); }
  LaneView entry(const double* panel, Index r, Index c) const { return LaneView(panel + lanes * (c * q() + r)); }

  void multiply(const double* panel, const Matrix& lambda) {
    for (Index r = 0; r < q(); ++r)
      for (Index c = 0; c < q(); ++c) {
        Lane sum = entry(panel, r, 0) * lambda(0, c);
        for (Index s = 1; s < q(); ++s) sum += entry(panel, r, s) * lambda(s, c);
        F(r, c) = sum;
      }
  }

  // C holds the triangular factor above the diagonal and the reciprocal pivots on it.
  void reduce() {
    pivots_.setOnes();
    for (Index j = 0; j < q(); ++j) {
      Lane length = F(j, 0).square();
      for (Index c = 1; c < q(); ++c) length += F(j, c).square();
      const Lane pivot = (length + 1).sqrt();
      const Lane inverse = pivot.inverse();
      pivots_ *= pivot;
      C(j, j) = inverse;
      for (Index l = j + 1; l < q(); ++l) {
        Lane dot = F(j, 0) * F(l, 0);
        for (Index c = 1; c < q(); ++c) dot += F(j, c) * F(l, c);
        const Lane above = dot * inverse;
        C(j, l) = above;
        const Lane step = above / (pivot + 1);
        for (Index c = 0; c < q(); ++c) F(l, c) -= step * F(j, c);
      }
    }
  }

  void solve(const double* panel) {
    for (Index x = 0; x < q() + k_; ++x)
      for (Index r = 0; r < q(); ++r) {
        Lane value = entry(panel, r, x);
        for (Index s = 0; s < r; ++s) value -= C(s, r) * W_.col(x * q() + s);
        W_.col(x * q() + r) = value * C(r, r);
      }
  }

  Index q_;
  Index k_;
  LaneArray F_, C_, W_;
  Lane pivots_;
};

}  // namespace mixest
