// Parts of vectors and square matrices by lists of places.
#pragma once

#include <numeric>
#include <vector>

#include "types.h"

namespace mixest {

// 0..n-1
inline std::vector<int> all_places(Index n) {
  std::vector<int> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

inline Vector select(const Vector& a, const std::vector<int>& which) {
  Vector out(static_cast<Index>(which.size()));
  for (Index r = 0; r < out.size(); ++r) out[r] = a[which[static_cast<std::size_t>(r)]];
  return out;
}

// The rows and columns `which`.
inline Matrix select(const Matrix& A, const std::vector<int>& which) {
  const Index size = static_cast<Index>(which.size());
  Matrix out(size, size);
  for (Index c = 0; c < size; ++c)
    for (Index r = 0; r < size; ++r)
      out(r, c) = A(which[static_cast<std::size_t>(r)], which[static_cast<std::size_t>(c)]);
  return out;
}

}  // namespace mixest
