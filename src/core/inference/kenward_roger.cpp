#include "kenward_roger.h"

#include "../likelihood/pack_algebra.h"

#include <Eigen/Cholesky>

namespace mixest {

namespace {

// sum_k N_kk over the groups, one pack after the other.
class SquaredMoves {
 public:
  SquaredMoves(const Panels& panels, const Matrix& triangle)
      : panels_(panels),
        triangle_(triangle),
        p_(panels.k - 1),
        algebra_(panels.q, panels.k),
        V_(lanes, panels.q * p_),
        AV_(lanes, panels.q),
        Z_(lanes * panels.q, p_),
        sum_(Matrix::Zero(p_, p_)) {}

  Matrix over_groups(const Matrix& lambda, const std::vector<Matrix>& directions) {
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

 private:
  int q() const { return algebra_.q(); }
  auto V(int a, int c) { return V_.col(c * q() + a); }

  // V_X = E_X Tc^{-1}; a group that stands for several equal ones (panels.h) has E = 0.
  void set_V() {
    for (int c = 0; c < p_; ++c)
      for (int a = 0; a < q(); ++a) {
        PackAlgebra<Eigen::Dynamic>::Lane value = algebra_.W(0, a) * algebra_.W(0, q() + c);
        for (int r = 1; r < q(); ++r) value += algebra_.W(r, a) * algebra_.W(r, q() + c);
        for (int b = 0; b < c; ++b) value -= V(a, b) * triangle_(b, c);
        V(a, c) = value / triangle_(c, c);
      }
  }

  // Rows (r, lane).
  void set_Z(const Matrix& A) {
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

  const Panels& panels_;
  const Matrix& triangle_;
  int p_;
  PackAlgebra<Eigen::Dynamic> algebra_;
  LaneArray V_, AV_;
  Matrix Z_, sum_;
};

}  // namespace

KenwardRoger kenward_roger(const Problem& problem, LmmObjective& objective, const Vector& theta, Information information) {
  KenwardRoger out;
  out.moves = vcov_moves(problem, objective, theta, information);
  if (!out.moves.finite) return out;

  const Matrix lambda = problem.covariance().factor(theta);
  Matrix excess = SquaredMoves(objective.likelihood().panels(), out.moves.triangle).over_groups(lambda, out.moves.directions);
  for (const Matrix& M : out.moves.first_order) excess -= M * M;
  out.factor = Eigen::LLT<Matrix>(Matrix::Identity(excess.rows(), excess.cols()) + 2 * excess).matrixL();
  return out;
}

}  // namespace mixest
