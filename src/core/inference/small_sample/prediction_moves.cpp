#include "prediction_moves.h"

namespace mixest {

PredictionMoves prediction_moves(const Problem& problem, const VcovJacobian& moves, const Matrix& lambda,
                                 const EffectRows& rows, const Matrix& Z) {
  const auto predicted = predicted_rows(problem.stats(), problem.fixed(), problem.random(), lambda, rows);
  const Index n = predicted->size(), K = length(moves.directions), p = problem.fixed().rank();
  const auto Tc = moves.triangle.triangularView<Eigen::Upper>();
  PredictionMoves out{Matrix(n, K), Matrix(n, K), Vector(K)};
  for (Index k = 0; k < K; ++k) {
    problem.execution().check_interrupt();
    out.log_sigma2[k] = -moves.m[k];
    predicted->set_direction(moves.directions[k]);
    for (Index row = 0; row < n; ++row) {
      if (row % 4096 == 4095) problem.execution().check_interrupt();
      const RowMove along = predicted->move(row);
      const Vector kappa = Tc.transpose().solve(along.predicted);
      const Vector z = Z.row(row).transpose();
      out.variance(row, k) = along.variance - 2 * kappa.head(p).dot(z) + z.dot(moves.first_order[k] * z);
      out.prediction(row, k) = kappa[p] - z.dot(moves.towards_y[k]);
    }
  }
  return out;
}

}  // namespace mixest
