// Cross-products of rows of lanes: sums over many groups of products of two of their numbers.
#pragma once

#include "lane.h"

namespace mixest {

enum class Triangle { lower, full };

namespace lane_products {

// out(a, b) += sum over rows and lanes of A(row, a) B(row, b), for a block of NA x NB columns whose
// sums stay in registers.
template <int NA, int NB>
EIGEN_ALWAYS_INLINE void add_block(const Lane* A, Index stride_a, const Lane* B, Index stride_b, Index rows,
                                   double* out, Index stride_out) {
  Lane s00 = repeat_lane(0), s01 = s00, s10 = s00, s11 = s00;
  for (Index row = 0; row < rows; ++row, A += stride_a, B += stride_b) {
    s00 += A[0] * B[0];
    if constexpr (NA > 1) s10 += A[1] * B[0];
    if constexpr (NB > 1) s01 += A[0] * B[1];
    if constexpr (NA > 1 && NB > 1) s11 += A[1] * B[1];
  }
  out[0] += sum(s00);
  if constexpr (NA > 1) out[1] += sum(s10);
  if constexpr (NB > 1) out[stride_out] += sum(s01);
  if constexpr (NA > 1 && NB > 1) out[stride_out + 1] += sum(s11);
}

}  // namespace lane_products

// out += A'B summed over lanes, for `rows` rows of out.rows() and out.cols() lanes. With
// Triangle::lower only entries a >= b are meant; some of those above the diagonal are changed too.
inline void add_cross_products(const Lane* A, const Lane* B, Index rows, Triangle part, Matrix& out) {
  using lane_products::add_block;
  const Index na = out.rows(), nb = out.cols();
  for (Index b = 0; b < nb; b += 2) {
    const bool two_b = b + 1 < nb;
    for (Index a = part == Triangle::lower ? b : 0; a < na; a += 2) {
      double* to = &out(a, b);
      if (a + 1 < na) {
        if (two_b)
          add_block<2, 2>(A + a, na, B + b, nb, rows, to, na);
        else
          add_block<2, 1>(A + a, na, B + b, nb, rows, to, na);
      } else {
        if (two_b)
          add_block<1, 2>(A + a, na, B + b, nb, rows, to, na);
        else
          add_block<1, 1>(A + a, na, B + b, nb, rows, to, na);
      }
    }
  }
}

}  // namespace mixest
