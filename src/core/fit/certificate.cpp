#include "certificate.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/index_sets.h"

namespace mixest {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double flat_level = 1e-8;  // of the scaled Hessian: below it the data say nothing about a direction

Matrix scaled(const Matrix& A, const Vector& by) {
  const Vector root = by.cwiseSqrt().cwiseInverse();
  return root.asDiagonal() * A * root.asDiagonal();
}

struct Sorted {
  std::vector<int> free, boundary;
  Vector free_scale, boundary_scale;
};

// Each parameter is free or at the boundary, with the scale of its curvature: tr(S A S A) / m for a
// free one (A = dPsi, S = sum S_i), <S, d2Psi> for one at the boundary. Parameters without any
// influence are left out.
Sorted sort_parameters(const Problem& problem, const Vector& theta, const Matrix& S) {
  const CovarianceModel& covariance = problem.covariance();
  const std::vector<bool> unidentified = covariance.unidentified(theta);
  Sorted out;
  std::vector<double> free_scale, boundary_scale;
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const CovarianceStructure& structure = covariance.structure(t);
    const int first = covariance.first_parameter(t), column = covariance.first_column(t);
    const double m = static_cast<double>(problem.stats().levels(column));
    const Vector parameters = theta.segment(first, structure.n_parameters());
    const Matrix block = S.block(column, column, structure.dim(), structure.dim());
    for (int a = 0; a < structure.n_parameters(); ++a) {
      if (unidentified[first + a]) continue;
      const Matrix direction = structure.first_derivative(parameters, a);
      if (direction.isZero(0)) {
        const double scale = std::abs(block.cwiseProduct(structure.second_derivative(parameters, a, a)).sum());
        if (scale == 0) continue;
        out.boundary.push_back(first + a);
        boundary_scale.push_back(scale);
      } else {
        const Matrix product = block * direction;
        out.free.push_back(first + a);
        free_scale.push_back(product.cwiseProduct(product.transpose()).sum() / m);
      }
    }
  }
  out.free_scale = Eigen::Map<Vector>(free_scale.data(), length(free_scale));
  out.boundary_scale = Eigen::Map<Vector>(boundary_scale.data(), length(boundary_scale));
  return out;
}

void judge_free_directions(const Sorted& sorted, const ObjectiveValue& evaluation, Certificate& out) {
  if (sorted.free.empty()) {
    out.hessian_min_eigen = nan;
    return;
  }
  const Vector root = sorted.free_scale.cwiseSqrt();
  const Vector g = select(evaluation.gradient, sorted.free).cwiseQuotient(root);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(scaled(select(evaluation.hessian, sorted.free), sorted.free_scale));
  out.hessian_min_eigen = eigen.eigenvalues()[0];
  const Vector rotated = eigen.eigenvectors().transpose() * g;
  for (Index i = 0; i < length(rotated); ++i) {
    if (eigen.eigenvalues()[i] > flat_level) {
      out.newton_decrement += 0.5 * rotated[i] * rotated[i] / eigen.eigenvalues()[i];
      continue;
    }
    for (Index a = 0; a < length(rotated); ++a)
      if (std::abs(eigen.eigenvectors()(a, i)) > 0.1) out.add_flat(sorted.free[a]);
  }
  const double floor = std::max(flat_level, std::abs(out.hessian_min_eigen));
  out.gradient = g.cwiseAbs().maxCoeff() / std::sqrt(floor);
}

// Smallest eigenvalue of G on R^q relative to sum S_i, over the terms whose structure is any Psi.
double smallest_of_unstructured(const Problem& problem, const Evaluation& likelihood) {
  const CovarianceModel& covariance = problem.covariance();
  double smallest = std::numeric_limits<double>::infinity();
  for (int t = 0; t < covariance.n_terms(); ++t) {
    if (covariance.structure(t).invariance() != Invariance::linear) continue;
    const Index begin = covariance.first_column(t), size = covariance.structure(t).dim();
    const Matrix G = likelihood.G.block(begin, begin, size, size),
                 S = likelihood.information.block(begin, begin, size, size);
    const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> eigen(G, S, Eigen::EigenvaluesOnly);
    if (eigen.info() == Eigen::Success) smallest = std::min(smallest, eigen.eigenvalues()[0]);
  }
  return smallest;
}

double smallest_boundary_curvature(const Problem& problem, const Vector& theta, const Matrix& hessian,
                                   const Matrix& S) {
  const Sorted sorted = sort_parameters(problem, theta, S);
  if (sorted.boundary.empty()) return std::numeric_limits<double>::infinity();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(scaled(select(hessian, sorted.boundary), sorted.boundary_scale));
  return eigen.eigenvalues()[0];
}

// With s_i = 0 and all correlations with it at zero Psi does not move with s_i to first order. What
// then decides is the second order, in s_i and whatever else does not move Psi to first order: the
// fold u_i of s_i hides it in the fourth. Positive semi-definite is enough for s_i >= 0.
double smallest_unfolded_curvature(const Problem& problem, const Vector& theta, const Evaluation& likelihood) {
  const CovarianceModel& covariance = problem.covariance();
  double smallest = std::numeric_limits<double>::infinity();
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const auto structure = covariance.structure(t).unfolded();
    if (!structure) continue;
    const int q = structure->dim(), begin = covariance.first_column(t);
    const Matrix G = likelihood.G.block(begin, begin, q, q), S = likelihood.information.block(begin, begin, q, q);
    const Vector parameters =
        covariance.structure(t).unfold(theta.segment(covariance.first_parameter(t), structure->n_parameters()));
    std::vector<int> second_order;
    for (int a = 0; a < structure->n_parameters(); ++a)
      if (structure->first_derivative(parameters, a).isZero(0) &&
          !structure->second_derivative(parameters, a, a).isZero(0))
        second_order.push_back(a);
    const Index size = length(second_order);
    if (size == 0) continue;
    Matrix curvature(size, size);
    Vector scale(size);
    for (Index a = 0; a < size; ++a)
      for (Index b = 0; b < size; ++b) {
        const Matrix direction = structure->second_derivative(parameters, second_order[a], second_order[b]);
        curvature(a, b) = G.cwiseProduct(direction).sum();
        if (a == b) scale[a] = std::abs(S.cwiseProduct(direction).sum());
      }
    if (!(scale.array() > 0).all()) continue;
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(scaled(curvature, scale), Eigen::EigenvaluesOnly);
    smallest = std::min(smallest, eigen.eigenvalues()[0]);
  }
  return smallest;
}

}  // namespace

void Certificate::add_flat(int parameter) {
  const auto place = std::lower_bound(flat.begin(), flat.end(), parameter);
  if (place == flat.end() || *place != parameter) flat.insert(place, parameter);
}

bool Certificate::holds(double tolerance) const {
  return newton_decrement <= tolerance && flat.empty() && !(hessian_min_eigen <= 0) && !(kkt_min_eigen < -1e-6);
}

FalseBoundary worst_boundary(const Problem& problem, const Vector& theta, const Evaluation& likelihood) {
  const CovarianceModel& covariance = problem.covariance();
  const Matrix H = problem.on_model_pairs(likelihood.hessian);
  std::vector<Vector> points = covariance.equivalent_points(theta);
  points.insert(points.begin(), theta);
  FalseBoundary out;
  for (const Vector& point : points) {
    const Matrix hessian = covariance.hessian(point, likelihood.G, H);
    const double multiplier = smallest_boundary_curvature(problem, point, hessian, likelihood.information);
    if (multiplier < out.multiplier) out = {multiplier, point};
  }
  return out;
}

Certificate certify(const Problem& problem, const Vector& theta, const ObjectiveValue& evaluation,
                    const Evaluation& likelihood) {
  Certificate out;
  const Sorted sorted = sort_parameters(problem, theta, likelihood.information);
  judge_free_directions(sorted, evaluation, out);
  const FalseBoundary boundary = worst_boundary(problem, theta, likelihood);
  out.kkt_min_eigen = std::min({smallest_of_unstructured(problem, likelihood), boundary.multiplier,
                                smallest_unfolded_curvature(problem, theta, likelihood)});
  if (!std::isfinite(out.kkt_min_eigen)) out.kkt_min_eigen = nan;
  out.ranks = problem.covariance().ranks(theta);
  for (Index t = 0; t < length(out.ranks); ++t)
    out.at_boundary = out.at_boundary || out.ranks[t] < problem.covariance().structure(static_cast<int>(t)).dim();
  return out;
}

}  // namespace mixest
