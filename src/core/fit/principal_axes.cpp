#include "principal_axes.h"

#include <Eigen/SVD>
#include <limits>

#include "../linear_algebra/triangular_factor.h"

namespace mixest {

namespace {

// theta is then the lower triangle of a factor, column by column (unstructured.h).
bool has_axes(const CovarianceStructure& structure) {
  return structure.dim() > 1 && structure.invariance() == Invariance::linear;
}

Matrix axes_of(const CovarianceModel& covariance, const Vector& theta) {
  const Matrix lambda = covariance.lambda(theta);
  Matrix axes = Matrix::Identity(covariance.dim(), covariance.dim());
  for (int t = 0; t < covariance.n_terms(); ++t) {
    if (!has_axes(covariance.structure(t))) continue;
    const int begin = covariance.first_column(t), q = covariance.structure(t).dim();
    const Eigen::JacobiSVD<Matrix> svd(lambda.block(begin, begin, q, q), Eigen::ComputeFullU);
    axes.block(begin, begin, q, q) = svd.matrixU();
  }
  return axes;
}

// E_r has ones in (a, b) and (b, a).
Matrix turned_pairs(const std::vector<Pair>& pairs, const Matrix& Q) {
  const Index size = length(pairs);
  Matrix out(size, size);
  for (Index r = 0; r < size; ++r)
    for (Index s = 0; s < size; ++s) {
      const Pair from = pairs[r], to = pairs[s];
      const double one = Q(to.a, from.a) * Q(to.b, from.b), other = Q(to.a, from.b) * Q(to.b, from.a);
      out(s, r) = from.a == from.b ? one : one + other;
    }
  return out;
}

}  // namespace

bool PrincipalAxesObjective::possible(const CovarianceModel& covariance) {
  for (int t = 0; t < covariance.n_terms(); ++t)
    if (has_axes(covariance.structure(t))) return true;
  return false;
}

PrincipalAxesObjective::PrincipalAxesObjective(const Problem& problem, LmmObjective& objective, const Vector& theta)
    : problem_(problem),
      objective_(objective),
      axes_(axes_of(problem.covariance(), theta)),
      on_pairs_(turned_pairs(problem.covariance().pairs(), axes_)) {}

// theta of the factor Q Lambda(theta)
Vector PrincipalAxesObjective::times_factor(const Matrix& Q, const Vector& theta) const {
  const CovarianceModel& covariance = problem_.covariance();
  const Matrix product = Q * covariance.lambda(theta);
  const double rounding = 4 * static_cast<double>(covariance.dim()) * std::numeric_limits<double>::epsilon();
  Vector out = theta;
  for (int t = 0; t < covariance.n_terms(); ++t) {
    if (!has_axes(covariance.structure(t))) continue;
    const int begin = covariance.first_column(t), q = covariance.structure(t).dim();
    const Matrix L = lower_triangular_factor(product.block(begin, begin, q, q), rounding);
    Index a = covariance.first_parameter(t);
    for (int j = 0; j < q; ++j)
      for (int i = j; i < q; ++i) out[a++] = L(i, j);
  }
  return out;
}

ObjectiveValue PrincipalAxesObjective::evaluate(const Vector& theta) {
  const CovarianceModel& covariance = problem_.covariance();
  const Evaluation evaluation = objective_.likelihood().evaluate(axes_ * covariance.lambda(theta), Order::hessian);
  ObjectiveValue out;
  out.finite = evaluation.finite && evaluation.G.allFinite() && evaluation.hessian.allFinite();
  if (!out.finite) return out;
  const Matrix G = axes_.transpose() * evaluation.G * axes_;
  out.value = evaluation.deviance;
  out.gradient = covariance.gradient(theta, G);
  out.hessian =
      covariance.hessian(theta, G, on_pairs_.transpose() * problem_.on_model_pairs(evaluation.hessian) * on_pairs_);
  return out;
}

}  // namespace mixest
