#include "likelihood_sums.h"

#include <utility>

namespace mixest {

Index pair_index(Index a, Index b, Index q) {
  if (a < b) std::swap(a, b);
  return b * q - b * (b - 1) / 2 + (a - b);
}

Vector pair_coordinates(const Matrix& direction) {
  const Index q = direction.rows();
  Vector out(q * (q + 1) / 2);
  Index pair = 0;
  for (Index b = 0; b < q; ++b)
    for (Index a = b; a < q; ++a) out[pair++] = direction(a, b);
  return out;
}

Matrix sum_of_squares(const DerivativeSums& sums, const Matrix& direction) {
  const Index k = sums.k();
  Matrix out = Matrix::Zero(k, k);
  for (Index b = 0; b < direction.cols(); ++b)
    for (Index a = 0; a < direction.rows(); ++a)
      if (direction(a, b) != 0) out += direction(a, b) * sums.Ew_by_Ew.block(a * k, b * k, k, k);
  return 0.5 * (out + out.transpose());
}

}  // namespace mixest
