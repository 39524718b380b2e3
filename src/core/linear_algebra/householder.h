// Orthogonal reduction of a tall block of rows, in place.
//
// One Householder reflection I - tau v v' a column: v = (1, x_2 / u, ..) with u = x_1 + sign(x_1)
// |x|, which never cancels. Golub & Van Loan, Matrix Computations, section 5.1.
#pragma once

#include <cmath>

#include "../base/types.h"

namespace mixest {

using BlockRef = Eigen::Ref<Matrix, 0, Eigen::OuterStride<>>;

// Makes column `j` of `block` zero below row `row`, and applies the same reflection to the columns
// behind it. Returns without effect when there is nothing below.
inline void reflect_column(BlockRef block, Index row, Index j) {
  const Index below = block.rows() - row - 1;
  if (below <= 0) return;
  auto x = block.col(j).segment(row + 1, below);
  const double tail = x.squaredNorm();
  if (tail == 0) return;
  const double head = block(row, j);
  const double norm = std::sqrt(head * head + tail);
  const double u = head >= 0 ? head + norm : head - norm;
  const double tau = u / (head >= 0 ? norm : -norm);
  x /= u;
  for (Index c = j + 1; c < block.cols(); ++c) {
    auto y = block.col(c).segment(row + 1, below);
    const double d = tau * (block(row, c) + x.dot(y));
    block(row, c) -= d;
    y -= d * x;
  }
  block(row, j) = head >= 0 ? -norm : norm;
  x.setZero();
}

// Reduces the first `columns` columns of `block` to upper triangular form.
inline void triangularize(BlockRef block, Index columns) {
  const Index steps = std::min(columns, block.rows());
  for (Index j = 0; j < steps; ++j) reflect_column(block, j, j);
}

}  // namespace mixest
