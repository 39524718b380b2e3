#include "squared_moves.h"

namespace mixest {

SquaredMoves::SquaredMoves(const Panels& panels, const Matrix& triangle)
    : panels_(panels),
      triangle_(triangle),
      p_(panels.k - 1),
      algebra_(panels.q, panels.k),
      V_(lanes, panels.q * p_),
      AV_(lanes, panels.q),
      Z_(lanes * panels.q, p_),
      sum_(Matrix::Zero(p_, p_)) {}

Matrix SquaredMoves::over_groups(const Matrix& lambda, const std::vector<Matrix>& directions) {
  for (Index pack = 0; pack < panels_.packs(); ++pack) {
    algebra_.whiten(panels_.data.col(pack * panels_.entries()).data(), lambda);
    set_V();
    for (const Matrix& A : directions) {
      set_Z(A);
      sum_.noalias() += Z_.transpose() * Z_;
    }
  }
  return sum_;
}

// A group that stands for several equal ones (panels.h) has E = 0.
void SquaredMoves::set_V() {
  for (int c = 0; c < p_; ++c)
    for (int a = 0; a < q(); ++a) {
      PackAlgebra<Eigen::Dynamic>::Lane value = algebra_.W(0, a) * algebra_.W(0, q() + c);
      for (int r = 1; r < q(); ++r) value += algebra_.W(r, a) * algebra_.W(r, q() + c);
      for (int b = 0; b < c; ++b) value -= V(a, b) * triangle_(b, c);
      V(a, c) = value / triangle_(c, c);
    }
}

// Rows (r, lane).
void SquaredMoves::set_Z(const Matrix& A) {
  for (int c = 0; c < p_; ++c) {
    for (int a = 0; a < q(); ++a) {
      AV_.col(a) = A(a, 0) * V(0, c);
      for (int b = 1; b < q(); ++b) AV_.col(a) += A(a, b) * V(b, c);
    }
    for (int r = 0; r < q(); ++r) {
      PackAlgebra<Eigen::Dynamic>::Lane value = algebra_.W(r, 0) * AV_.col(0);
      for (int a = 1; a < q(); ++a) value += algebra_.W(r, a) * AV_.col(a);
      Z_.col(c).segment<lanes>(r * lanes) = value.matrix();
    }
  }
}

}  // namespace mixest
