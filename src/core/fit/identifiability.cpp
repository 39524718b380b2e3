#include "identifiability.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace mixest {

namespace {

// The directions in Psi as columns over the pairs of the covariance model, and the parameter each
// belongs to.
struct Directions {
  Matrix over_pairs;
  std::vector<int> parameter;
};

// Unequal variances, correlations of a half.
Vector of_no_special_form(const CovarianceModel& covariance) {
  const Index q = covariance.dim();
  const Vector s = Vector::LinSpaced(q, 1, 2);
  Matrix psi = 0.5 * s * s.transpose();
  psi.diagonal() *= 2;
  return covariance.start(psi);
}

Directions directions_of(const CovarianceModel& covariance, const Vector& theta) {
  const auto& pairs = covariance.pairs();
  std::vector<Vector> columns;
  Directions out;
  Index first_pair = 0;
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const CovarianceStructure& structure = covariance.structure(t);
    const int first = covariance.first_parameter(t), begin = covariance.first_column(t), q = structure.dim();
    const Index n_pairs = q * (q + 1) / 2;
    const Vector parameters = theta.segment(first, structure.n_parameters());
    for (int a = 0; a < structure.n_parameters(); ++a) {
      Vector column = Vector::Zero(length(pairs));
      if (structure.invariance() == Invariance::linear) {
        column[first_pair + a] = 1;
      } else {
        Matrix direction = structure.first_derivative(parameters, a);
        // at a boundary, see certificate.h
        if (direction.isZero(0)) direction = structure.second_derivative(parameters, a, a);
        for (Index r = first_pair; r < first_pair + n_pairs; ++r)
          column[r] = direction(pairs[r].a - begin, pairs[r].b - begin);
      }
      if (column.isZero(0)) continue;
      columns.push_back(column);
      out.parameter.push_back(first + a);
    }
    first_pair += n_pairs;
  }
  out.over_pairs.resize(length(pairs), length(columns));
  for (Index c = 0; c < length(columns); ++c) out.over_pairs.col(c) = columns[c];
  return out;
}

Vector trace_with_pairs(const std::vector<Pair>& pairs, const Matrix& G) {
  Vector out(length(pairs));
  for (Index r = 0; r < length(pairs); ++r) out[r] = (pairs[r].a == pairs[r].b ? 1 : 2) * G(pairs[r].a, pairs[r].b);
  return out;
}

// Parameters of the directions that take part in one without information.
std::vector<int> without_information(const Problem& problem, const DesignInformation& design,
                                     const Directions& directions) {
  constexpr double no_information = 1e-9;  // of the information without X
  // Of a direction beside the others. Rounding leaves 1e-15, columns a thousand times as far from
  // zero as they vary 1e-12.
  constexpr double nothing_of_its_own = 1e-13;
  const Index size = length(directions.parameter);
  if (size == 0) return {};

  const Matrix& D = directions.over_pairs;
  Matrix gram(size + 1, size + 1);
  gram.topLeftCorner(size, size) = D.transpose() * problem.on_model_pairs(design.with_fixed) * D;
  gram.col(size).head(size) = D.transpose() * trace_with_pairs(problem.covariance().pairs(), design.trace);
  gram.row(size).head(size) = gram.col(size).head(size).transpose();
  gram(size, size) = static_cast<double>(problem.stats().n_obs - problem.fixed().rank());

  const Vector without_fixed = (D.transpose() * problem.on_model_pairs(design.without_fixed) * D).diagonal();
  std::vector<int> out;
  Vector scale = gram.diagonal();
  for (Index a = 0; a < size; ++a)
    if (scale[a] <= no_information * without_fixed[a]) {
      out.push_back(directions.parameter[a]);
      scale[a] = without_fixed[a];
    }
  if (!out.empty()) return out;

  const Vector root = scale.cwiseSqrt().cwiseInverse();
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(root.asDiagonal() * gram * root.asDiagonal());
  for (Index a = 0; a < size; ++a)
    for (Index i = 0; i <= size && eigen.eigenvalues()[i] <= nothing_of_its_own; ++i)
      if (std::abs(eigen.eigenvectors()(a, i)) > 0.05) {
        out.push_back(directions.parameter[a]);
        break;
      }
  return out;
}

}  // namespace

std::vector<int> unidentified_parameters(const Problem& problem, MarginalLikelihood& likelihood, const Vector& theta) {
  const CovarianceModel& covariance = problem.covariance();
  const DesignInformation design = likelihood.design_information();
  const std::vector<int> here = without_information(problem, design, directions_of(covariance, theta));
  if (here.empty() ||
      without_information(problem, design, directions_of(covariance, of_no_special_form(covariance))).empty())
    return {};
  return here;
}

}  // namespace mixest
