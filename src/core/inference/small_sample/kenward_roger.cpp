#include "kenward_roger.h"

#include <Eigen/Cholesky>

namespace mixest {

KenwardRoger kenward_roger(const Problem& problem, LmmObjective& objective, const Vector& theta,
                           Information information) {
  KenwardRoger out;
  out.moves = vcov_jacobian(problem, objective, theta, information);
  if (!out.moves.finite) return out;

  const Matrix lambda = problem.covariance().factor(theta);
  Matrix excess = objective.likelihood().sums().kenward_roger_sums(lambda, out.moves.triangle, out.moves.directions);
  for (const Matrix& M : out.moves.first_order) excess -= M * M;
  out.factor = Eigen::LLT<Matrix>(Matrix::Identity(excess.rows(), excess.cols()) + 2 * excess).matrixL();
  return out;
}

}  // namespace mixest
