#include "orthogonal_columns.h"

#include <Eigen/Jacobi>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// Makes columns a and b orthogonal; false when they are.
bool rotate(Matrix& T, Index a, Index b) {
  const double rounding = std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(T.rows()));
  const double aa = T.col(a).squaredNorm(), bb = T.col(b).squaredNorm(), ab = T.col(a).dot(T.col(b));
  if (std::abs(ab) <= rounding * std::sqrt(aa) * std::sqrt(bb)) return false;
  Eigen::JacobiRotation<double> rotation;
  rotation.makeJacobi(aa, ab, bb);
  T.applyOnTheRight(a, b, rotation);
  return true;
}

}  // namespace

Matrix with_orthogonal_columns(Matrix T) {
  // five or six are usual
  constexpr int most_sweeps = 60;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    bool rotated = false;
    for (Index a = 0; a < T.cols(); ++a)
      for (Index b = a + 1; b < T.cols(); ++b) rotated = rotate(T, a, b) || rotated;
    if (!rotated) break;
  }
  return T;
}

}  // namespace mixest
