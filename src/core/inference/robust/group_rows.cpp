#include "group_rows.h"

#include <cmath>

namespace mixest {

namespace {

// Rows of zeros for the columns that were dropped.
Matrix with_dropped(const Matrix& kept_rows, const std::vector<int>& kept, Index p) {
  Matrix out = Matrix::Zero(p, kept_rows.cols());
  for (Index j = 0; j < length(kept); ++j) out.row(kept[j]) = kept_rows.row(j);
  return out;
}

}  // namespace

GroupRowsReader::GroupRowsReader(Problem& problem, const Vector& theta) : stats_(problem.stats()) {
  if (!stats_.remainders.kept()) throw Misuse("the condensed data must have the remainders of each group");
  LmmObjective objective(problem);
  objective.recentre(theta);
  finite_ = objective.evaluate(theta).finite;
  if (!finite_) return;

  const FixedBasis& fixed = problem.fixed();
  const Evaluation& evaluation = objective.last();
  const Index rank = fixed.rank();
  const auto from_basis = fixed.triangle.triangularView<Eigen::Upper>();
  Matrix beta_root = Matrix::Identity(rank, rank);
  if (rank > 0) {
    evaluation.triangle.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solveInPlace(beta_root);
    from_basis.solveInPlace(beta_root);
  }
  const Vector beta = from_basis.solve(fixed.projection + fixed.spread * evaluation.beta());
  user_beta_root_ = fixed.user_map * beta_root;
  beta_root_ = with_dropped(beta_root, fixed.kept, stats_.p);
  beta_ = with_dropped(beta, fixed.kept, stats_.p);
  sigma_ = evaluation.residual() / std::sqrt(problem.nu()) * fixed.spread;
  lambda_ = problem.random().from_condensed * problem.covariance().lambda(theta);
}

GroupRows GroupRowsReader::read(Index group) const {
  const Index q = stats_.q, p = stats_.p, k = stats_.k();
  Matrix rows(q + p, k);
  rows.topRows(q) = stats_.B.middleCols(group * k, k);
  rows.bottomRows(p) = unpack_triangle(stats_.remainders.C.col(group), k).topRows(p);

  return in_principal_axes(rows.leftCols(p) * beta_root_, (rows.col(p) - rows.leftCols(p) * beta_) / sigma_,
                           stats_.R.middleCols(group * q, q) * lambda_);
}

}  // namespace mixest
