#include "rank.h"

#include <limits>

#include "householder.h"

namespace mixest {

RankDecision decide_rank(const Matrix& factor, int candidates, const Vector& magnitude, double rows) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  Matrix work = factor;
  RankDecision out;
  for (int j = 0; j < candidates; ++j) {
    const Index rank = length(out.kept);
    const double left = work.col(j).tail(work.rows() - rank).norm();
    const double noise = std::max(1e-13 * factor.col(j).norm(), 16 * eps * magnitude[j] * std::sqrt(rows));
    if (left > noise) {
      reflect_column(work, rank, j);
      out.kept.push_back(j);
    } else {
      out.dropped.push_back(j);
    }
  }
  const Index rank = length(out.kept);
  out.triangle.resize(rank, rank);
  for (Index c = 0; c < rank; ++c) out.triangle.col(c) = work.col(out.kept[c]).head(rank);
  out.triangle.triangularView<Eigen::StrictlyLower>().setZero();
  out.rest = work.rightCols(work.cols() - candidates);
  out.combination.resize(rank, length(out.dropped));
  for (Index d = 0; d < length(out.dropped); ++d) out.combination.col(d) = work.col(out.dropped[d]).head(rank);
  if (out.combination.size() > 0) out.triangle.triangularView<Eigen::Upper>().solveInPlace(out.combination);
  return out;
}

}  // namespace mixest
