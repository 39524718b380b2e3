#include "group_stats.h"

#include <algorithm>

namespace mixest {

Index GroupStats::levels(int column) const {
  for (const OuterFactor& factor : outer.factors)
    if (std::binary_search(factor.columns.begin(), factor.columns.end(), column)) return factor.levels;
  return m;
}

Vector pack_triangle(const Matrix& triangle) {
  const Index k = triangle.rows();
  Vector out(k * (k + 1) / 2);
  for (Index c = 0; c < k; ++c) out.segment(c * (c + 1) / 2, c + 1) = triangle.col(c).head(c + 1);
  return out;
}

Matrix unpack_triangle(const Eigen::Ref<const Vector>& packed, Index k) {
  Matrix out = Matrix::Zero(k, k);
  for (Index c = 0; c < k; ++c) out.col(c).head(c + 1) = packed.segment(c * (c + 1) / 2, c + 1);
  return out;
}

}  // namespace mixest
