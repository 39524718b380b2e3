// Parts of vectors and matrices by lists of indices.
#pragma once

#include <numeric>
#include <vector>

#include "types.h"

namespace mixest {

// 0..n-1
inline std::vector<int> all_indices(Index n) {
  std::vector<int> out(n);
  std::iota(out.begin(), out.end(), 0);
  return out;
}

inline Vector select(const Vector& a, const std::vector<int>& which) {
  Vector out(length(which));
  for (Index r = 0; r < length(out); ++r) out[r] = a[which[r]];
  return out;
}

// The rows and columns `which`.
inline Matrix select(const Matrix& A, const std::vector<int>& which) {
  const Index size = length(which);
  Matrix out(size, size);
  for (Index c = 0; c < size; ++c)
    for (Index r = 0; r < size; ++r) out(r, c) = A(which[r], which[c]);
  return out;
}

inline Matrix select_rows(const Matrix& A, const std::vector<int>& which) {
  Matrix out(length(which), A.cols());
  for (Index r = 0; r < out.rows(); ++r) out.row(r) = A.row(which[r]);
  return out;
}

inline Matrix select_columns(const Matrix& A, const std::vector<int>& which) {
  Matrix out(A.rows(), length(which));
  for (Index c = 0; c < out.cols(); ++c) out.col(c) = A.col(which[c]);
  return out;
}

}  // namespace mixest
