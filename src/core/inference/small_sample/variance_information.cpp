#include "variance_information.h"

#include <Eigen/Cholesky>
#include <cmath>

#include "../../base/index_sets.h"
#include "../../covariance/directions.h"
#include "../../likelihood/joint_likelihood.h"
#include "../../likelihood/make_likelihood_sums.h"

namespace mixest {

VarianceInformation variance_information(const Problem& problem, const Vector& theta) {
  const CovarianceModel& covariance = problem.covariance();
  const Matrix& from_user = problem.random().from_user;
  const Vector in_fit = covariance.from_user(theta, from_user);
  const Matrix lambda = covariance.lambda(in_fit);
  const auto sums = make_likelihood_sums(problem.stats(), problem.fixed(), problem.random(), problem.execution());
  JointLikelihood likelihood(*sums, problem.nu(), problem.reml(), false);
  VarianceInformation out;
  const Matrix Tc = likelihood.triangle(lambda);
  if (Tc.size() == 0) return out;

  const double r = Tc(Tc.rows() - 1, Tc.cols() - 1);
  const Directions along = free_directions(covariance, in_fit);
  const JointDerivatives derivatives =
      likelihood.evaluate({lambda, 2 * std::log(r) - std::log(problem.nu()), 0}, along.matrices);
  if (!derivatives.finite) return out;

  const Index d = theta.size(), free = length(along.parameters), pairs = length(covariance.pairs());
  Matrix information = derivatives.hessian / 2;
  information.topLeftCorner(free, free) +=
      select(covariance.hessian(in_fit, derivatives.G, Matrix::Zero(pairs, pairs)), along.parameters) / 2;
  information.row(free) *= 2;  // log sigma^2 = 2 log sigma
  information.col(free) *= 2;
  const Eigen::LLT<Matrix> root(information);
  if (root.info() != Eigen::Success) return out;

  const Matrix all = covariance.user_jacobian(in_fit, from_user);
  Matrix J = Matrix::Zero(d + 1, free + 1);
  for (Index a = 0; a < free; ++a) J.col(a).head(d) = all.col(along.parameters[a]);
  J(d, free) = 1;
  const Matrix half = root.matrixL().solve(J.transpose());
  out.covariance = half.transpose() * half;
  out.finite = true;
  return out;
}

}  // namespace mixest
