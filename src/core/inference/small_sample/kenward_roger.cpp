#include "kenward_roger.h"

#include <Eigen/Cholesky>

namespace mixest {

KenwardRoger kenward_roger(const Problem& problem, LmmObjective& objective, const Vector& theta,
                           Information information) {
  KenwardRoger out;
  out.jacobian = vcov_jacobian(problem, objective, theta, information);
  if (!out.jacobian.finite) return out;

  const Matrix lambda = problem.covariance().lambda(theta);
  Matrix excess =
      objective.likelihood().sums().kenward_roger_sums(lambda, out.jacobian.triangle, out.jacobian.directions);
  for (const Matrix& M : out.jacobian.first_order) excess -= M * M;
  out.root = Eigen::LLT<Matrix>(Matrix::Identity(excess.rows(), excess.cols()) + 2 * excess).matrixL();
  return out;
}

}  // namespace mixest
