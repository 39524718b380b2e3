#include "vcov_jacobian.h"

#include <Eigen/Eigenvalues>
#include <cmath>

#include "../../base/index_sets.h"
#include "../../covariance/directions.h"

namespace mixest {

namespace {

// Everything that is linear in the direction A of Psi.
struct FirstOrder {
  Matrix M;     // p x p
  double m;     // what log sigma^2 takes over when Psi moves along A
  Vector to_y;  // a_A, p
};

// Twice the expected REML information on the directions, with that on sigma^2 (row and column 0)
// profiled out.
Matrix expected_information(const DerivativeSums& sums, const std::vector<Matrix>& directions,
                            const std::vector<FirstOrder>& first, double residual_df) {
  const Index d = length(directions);
  Matrix out(d, d);
  for (Index s = 0; s < d; ++s)
    for (Index r = s; r < d; ++r) {
      const double log_det = pair_coordinates(directions[r]).dot(sums.curvature * pair_coordinates(directions[s]));
      out(r, s) = out(s, r) =
          first[r].M.cwiseProduct(first[s].M).sum() - log_det - residual_df * first[r].m * first[s].m;
    }
  return out;
}

// Coefficients K (in columns) of independent combinations of the directions with unit variance:
// K K' = 2 information^{-1}. `scale`: of its diagonal when the data are as informative as they can
// be.
Matrix unit_combinations(const Matrix& information_matrix, const Vector& scale) {
  constexpr double no_information = 1e-8;
  if (information_matrix.rows() == 0) return information_matrix;
  const Vector root = scale.cwiseSqrt().cwiseInverse();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(root.asDiagonal() * information_matrix * root.asDiagonal());
  Matrix out(information_matrix.rows(), information_matrix.rows());
  Index kept = 0;
  for (Index k = 0; k < information_matrix.rows(); ++k)
    if (eigen.eigenvalues()[k] > no_information)
      out.col(kept++) = std::sqrt(2 / eigen.eigenvalues()[k]) * root.cwiseProduct(eigen.eigenvectors().col(k));
  return out.leftCols(kept);
}

// Levels of the grouping factor whose Psi moves along A.
double levels_of(const GroupStats& stats, const Matrix& A) {
  int column = 0;
  while (column + 1 < A.cols() && A.col(column).isZero(0)) ++column;
  return static_cast<double>(stats.levels(column));
}

// Adds the move along a combination of the directions.
void add_combination(const Vector& weights, const Directions& directions, const std::vector<FirstOrder>& first,
                     VcovJacobian& out) {
  Matrix direction = 0 * directions.matrices.front(), M = 0 * first.front().M;
  Vector to_y = 0 * first.front().to_y;
  double m = 0;
  for (Index a = 0; a < length(weights); ++a) {
    direction += weights[a] * directions.matrices[a];
    M += weights[a] * first[a].M;
    m += weights[a] * first[a].m;
    to_y += weights[a] * first[a].to_y;
  }
  out.directions.push_back(direction);
  out.first_order.push_back(M);
  out.towards_y.push_back(to_y);
  out.m.push_back(m);
  out.steps.push_back(M - m * Matrix::Identity(M.rows(), M.cols()));
}

}  // namespace

VcovJacobian vcov_jacobian(const Problem& problem, LmmObjective& objective, const Vector& theta,
                           Information information) {
  VcovJacobian out;
  objective.recentre(theta);
  const ObjectiveValue evaluation = objective.evaluate(theta);
  if (!evaluation.finite) return out;
  out.finite = true;
  out.triangle = objective.last().triangle;

  // With nu = 0 the kernel's sums hold the fixed effects' part alone.
  const CovarianceModel& covariance = problem.covariance();
  const DerivativeSums sums =
      objective.likelihood().sums().derivative_sums(covariance.lambda(theta), {out.triangle, 0, true, true});
  const bool observed = information == Information::observed;
  const Directions directions = observed ? free_directions(covariance, theta) : all_directions(covariance, theta);
  const double residual_df = static_cast<double>(problem.stats().n_obs - problem.fixed().rank());
  const Index p = sums.k() - 1;

  std::vector<FirstOrder> first;
  Vector scale(length(directions.matrices));
  for (const Matrix& A : directions.matrices) {
    const Matrix by_direction = sum_of_squares(sums, A);
    const double h = (sums.S - sums.P).cwiseProduct(A).sum();
    const Matrix SA = sums.S * A;
    scale[length(first)] = SA.cwiseProduct(SA.transpose()).sum() / levels_of(problem.stats(), A);
    first.push_back({by_direction.topLeftCorner(p, p), observed ? by_direction(p, p) : h / residual_df,
                     by_direction.col(p).head(p)});
  }
  const Matrix information_matrix = observed ? select(evaluation.hessian, directions.parameters)
                                             : expected_information(sums, directions.matrices, first, residual_df);
  const Matrix combinations = unit_combinations(information_matrix, scale);

  out.steps.push_back(std::sqrt(2 / (observed ? problem.nu() : residual_df)) * Matrix::Identity(p, p));
  for (Index c = 0; c < combinations.cols(); ++c) add_combination(combinations.col(c), directions, first, out);
  return out;
}

}  // namespace mixest
