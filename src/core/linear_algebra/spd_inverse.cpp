#include "spd_inverse.h"

namespace mixest {

namespace {

using Block = Eigen::Ref<Matrix, 0, Eigen::OuterStride<>>;
constexpr Index small = 48;

// In place, lower triangle; what is above stays as it is.
void invert_triangle(Block L) {
  const Index n = L.rows();
  if (n <= small) {
    Matrix X = Matrix::Identity(n, n);
    L.triangularView<Eigen::Lower>().solveInPlace(X);
    L.triangularView<Eigen::Lower>() = X;
    return;
  }
  const Index half = n / 2, rest = n - half;
  invert_triangle(L.topLeftCorner(half, half));
  invert_triangle(L.bottomRightCorner(rest, rest));
  const Matrix K = L.bottomLeftCorner(rest, half) * L.topLeftCorner(half, half).triangularView<Eigen::Lower>();
  L.bottomLeftCorner(rest, half).noalias() = L.bottomRightCorner(rest, rest).triangularView<Eigen::Lower>() * (-K);
}

// X -> X'X in place, lower triangles.
void square_triangle(Block X) {
  const Index n = X.rows();
  if (n <= small) {
    const Matrix lower = X.triangularView<Eigen::Lower>();
    X.triangularView<Eigen::Lower>() = lower.transpose() * lower;
    return;
  }
  const Index half = n / 2, rest = n - half;
  const Matrix Y = X.bottomLeftCorner(rest, half);
  square_triangle(X.topLeftCorner(half, half));
  X.topLeftCorner(half, half).selfadjointView<Eigen::Lower>().rankUpdate(Y.transpose());
  X.bottomLeftCorner(rest, half).noalias() =
      X.bottomRightCorner(rest, rest).triangularView<Eigen::Lower>().transpose() * Y;
  square_triangle(X.bottomRightCorner(rest, rest));
}

}  // namespace

Matrix inverse_from_factor(const Eigen::Ref<const Matrix>& L) {
  Matrix out = L.triangularView<Eigen::Lower>();
  invert_triangle(out);
  square_triangle(out);
  out.triangularView<Eigen::StrictlyUpper>() = out.transpose();
  return out;
}

}  // namespace mixest
