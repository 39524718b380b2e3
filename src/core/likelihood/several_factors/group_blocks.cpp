#include "group_blocks.h"

namespace mixest {

void GroupBlocks::set(const double* W, const int* effect, Index J, const Matrix& cov, const Matrix& cov_rhs,
                      const Matrix& triangle) {
  switch (S.rows()) {
    case 1: return set_sized<1>(W, effect, J, cov, cov_rhs, triangle);
    case 2: return set_sized<2>(W, effect, J, cov, cov_rhs, triangle);
    default: return set_sized<Eigen::Dynamic>(W, effect, J, cov, cov_rhs, triangle);
  }
}

// Q: q at compile time, or Eigen::Dynamic. Plain loops, see component_state.cpp.
template <int Q>
void GroupBlocks::set_sized(const double* W, const int* effect, Index J, const Matrix& cov, const Matrix& cov_rhs,
                            const Matrix& triangle) {
  const Index q = Q == Eigen::Dynamic ? S.rows() : Q;
  const auto product = [W, q](Index a, Index b) {
    double sum = W[a * q] * W[b * q];
    for (Index r = 1; r < q; ++r) sum += W[a * q + r] * W[b * q + r];
    return sum;
  };
  if (cross.cols() < J) cross.resize(q, J);
  if (cov_cross_.rows() < J) cov_cross_.resize(J, q);
  for (Index a = 0; a < J; ++a)
    for (Index c = 0; c < q; ++c) cross(c, a) = product(c, q + a);
  for (Index c = 0; c < q; ++c)
    for (Index a = 0; a < J; ++a) {
      const double* column = cov.col(effect[a]).data();
      double value = 0;
      for (Index b = 0; b < J; ++b) value += column[effect[b]] * cross(c, b);
      cov_cross_(a, c) = value;
    }
  for (Index d = 0; d < q; ++d)
    for (Index c = 0; c < q; ++c) {
      double value = 0;
      for (Index a = 0; a < J; ++a) value += cross(c, a) * cov_cross_(a, d);
      taken(c, d) = value;
      alone(c, d) = product(c, d);
      S(c, d) = alone(c, d) - value;
    }
  for (Index c = 0; c < cov_rhs.cols(); ++c) {
    const double* column = cov_rhs.col(c).data();
    for (Index r = 0; r < q; ++r) {
      double value = product(r, q + J + c);
      for (Index a = 0; a < J; ++a) value -= cross(r, a) * column[effect[a]];
      for (Index b = 0; b < c; ++b) value -= Ew(b, r) * triangle(b, c);
      Ew(c, r) = value / triangle(c, c);
    }
  }
}

}  // namespace mixest
