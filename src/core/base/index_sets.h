// Parts of vectors and square matrices by lists of indices.
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

}  // namespace mixest
