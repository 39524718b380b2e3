#include "panels.h"

namespace mixest {

Matrix to_fixed_basis(const Matrix& columns, const FixedBasis& fixed) {
  const Index p = fixed.rank();
  Matrix out(columns.rows(), p + 1);
  for (Index c = 0; c < p; ++c) out.col(c) = columns.col(fixed.kept[static_cast<std::size_t>(c)]);
  fixed.triangle.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(out.leftCols(p));
  out.col(p) = (columns.rightCols(1) - out.leftCols(p) * fixed.projection) / fixed.spread;
  return out;
}

Panels make_panels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random) {
  Panels out;
  out.q = stats.q;
  out.k = fixed.rank() + 1;
  out.m = stats.m;
  const Index q = out.q, k = out.k, entries = out.entries();
  out.data = LaneArray::Zero(lanes, out.packs() * entries);
  Matrix R(q, q), B(q, k);
  for (Index i = 0; i < stats.m; ++i) {
    R.noalias() = stats.R.middleCols(i * q, q) * random.from_condensed;
    B = to_fixed_basis(stats.B.middleCols(i * stats.k(), stats.k()), fixed);
    const Index lane = i % lanes, first = i / lanes * entries;
    for (Index e = 0; e < q * q; ++e) out.data(lane, first + e) = R.data()[e];
    for (Index e = 0; e < q * k; ++e) out.data(lane, first + q * q + e) = B.data()[e];
  }
  const Matrix R0 = to_fixed_basis(stats.R0, fixed);
  out.pooled = R0.transpose() * R0;
  return out;
}

}  // namespace mixest
