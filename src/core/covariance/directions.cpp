#include "directions.h"

namespace mixest {

namespace {

template <class Choose>
Directions term_by_term(const CovarianceModel& covariance, const Vector& theta, const Choose& choose) {
  Directions out;
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const CovarianceStructure& structure = covariance.structure(t);
    const int first = covariance.first_parameter(t), column = covariance.first_column(t), q = structure.dim();
    const Vector parameters = theta.segment(first, structure.n_parameters());
    for (int a = 0; a < structure.n_parameters(); ++a) {
      const Matrix block = choose(structure, parameters, a);
      if (block.isZero(0)) continue;
      Matrix direction = Matrix::Zero(covariance.dim(), covariance.dim());
      direction.block(column, column, q, q) = block;
      out.parameters.push_back(first + a);
      out.matrices.push_back(direction);
    }
  }
  return out;
}

// The a-th matrix of the lower triangle, column by column, with ones at (i, j) and (j, i).
Matrix unit_direction(int q, int a) {
  int column = 0;
  for (; a >= q - column; ++column) a -= q - column;
  Matrix out = Matrix::Zero(q, q);
  out(column + a, column) = out(column, column + a) = 1;
  return out;
}

}  // namespace

Directions free_directions(const CovarianceModel& covariance, const Vector& theta) {
  return term_by_term(covariance, theta, [](const CovarianceStructure& structure, const Vector& parameters, int a) {
    return structure.first_derivative(parameters, a);
  });
}

Directions all_directions(const CovarianceModel& covariance, const Vector& theta) {
  return term_by_term(covariance, theta,
                      [](const CovarianceStructure& structure, const Vector& parameters, int a) -> Matrix {
                        if (structure.invariance() == Invariance::linear) return unit_direction(structure.dim(), a);
                        const Matrix first = structure.first_derivative(parameters, a);
                        return first.isZero(0) ? structure.second_derivative(parameters, a, a) : first;
                      });
}

}  // namespace mixest
