#include "variance_information.h"

#include <Eigen/LU>
#include <cmath>

#include "../../likelihood/joint_likelihood.h"
#include "../../likelihood/make_likelihood_sums.h"

namespace mixest {

namespace {

// dPsi in the fit's columns for each parameter of the user.
std::vector<Matrix> directions(const CovarianceModel& covariance, const Vector& theta, const Matrix& to_fit) {
  std::vector<Matrix> out;
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const CovarianceStructure& structure = covariance.structure(t);
    const int first = covariance.first_column(t), q = structure.dim();
    const Vector own = theta.segment(covariance.first_parameter(t), structure.n_parameters());
    const Matrix C = to_fit.block(first, first, q, q);
    for (int a = 0; a < structure.n_parameters(); ++a) {
      out.push_back(Matrix::Zero(covariance.dim(), covariance.dim()));
      out.back().block(first, first, q, q) = C * structure.first_derivative(own, a) * C.transpose();
    }
  }
  return out;
}

}  // namespace

VarianceInformation variance_information(const Problem& problem, const Vector& theta) {
  const CovarianceModel covariance = problem.covariance().in_user_parameters();
  const Matrix to_fit = problem.random().from_user.inverse();
  const auto sums = make_likelihood_sums(problem.stats(), problem.fixed(), problem.random(), problem.execution());
  JointLikelihood likelihood(*sums, problem.nu(), problem.reml(), false);
  VarianceInformation out;
  const Matrix factor = to_fit * covariance.factor(theta);
  const Matrix Tc = likelihood.triangle(factor);
  if (Tc.size() == 0) return out;

  const double r = Tc(Tc.rows() - 1, Tc.cols() - 1);
  const std::vector<Matrix> along = directions(covariance, theta, to_fit);
  const JointDerivatives at = likelihood.evaluate({factor, 2 * std::log(r) - std::log(problem.nu()), 0}, along);
  out.finite = at.finite;
  if (!at.finite) return out;

  const Index d = theta.size();
  const Index pairs = length(covariance.pairs());
  Matrix hessian = at.hessian;
  hessian.topLeftCorner(d, d) +=
      covariance.hessian(theta, to_fit.transpose() * at.G * to_fit, Matrix::Zero(pairs, pairs));
  hessian.row(d) *= 2;  // log sigma^2 = 2 log sigma
  hessian.col(d) *= 2;
  out.information = hessian / 2;
  for (const Matrix& direction : along) out.moves.push_back(!direction.isZero(0));
  return out;
}

}  // namespace mixest
