#include "without_group.h"

#include "../linear_algebra/householder.h"

namespace mixest {

namespace {

Vector merge(const Eigen::Ref<const Vector>& a, const Eigen::Ref<const Vector>& b, Index k) {
  Matrix stack(2 * k, k);
  stack << unpack_triangle(a, k), unpack_triangle(b, k);
  triangularize(stack, k);
  return pack_triangle(stack.topRows(k));
}

// `blocks` (width columns for each of m groups) without those of one group.
Matrix without_block(const Matrix& blocks, Index group, Index width) {
  Matrix out(blocks.rows(), blocks.cols() - width);
  const Index before = group * width;
  out << blocks.leftCols(before), blocks.rightCols(out.cols() - before);
  return out;
}

}  // namespace

Matrix pooled_without_each(const Matrix& C, Index k) {
  const Index m = C.cols();
  Index leaves = 1;
  while (leaves < m) leaves *= 2;
  // Node 1 is the root, 2 n and 2 n + 1 are the children of n; the leaves behind those of the
  // groups are empty.
  Matrix below = Matrix::Zero(C.rows(), 2 * leaves), beside = below;
  below.middleCols(leaves, m) = C;
  for (Index node = leaves - 1; node >= 1; --node)
    below.col(node) = merge(below.col(2 * node), below.col(2 * node + 1), k);
  for (Index node = 2; node < leaves + m; ++node)
    beside.col(node) = merge(beside.col(node / 2), below.col(node ^ 1), k);
  return beside.middleCols(leaves, m);
}

GroupStats without_group(const GroupStats& stats, Index group, const Eigen::Ref<const Vector>& R0) {
  GroupStats out = stats;
  out.remainders = GroupRemainders();
  out.m = stats.m - 1;
  out.R = without_block(stats.R, group, stats.inner_q());
  out.B = without_block(stats.B, group, stats.k());
  out.R0 = unpack_triangle(R0, stats.k());
  out.n_obs = stats.n_obs - static_cast<Index>(stats.remainders.n_obs[group]);
  out.sum_log_weights = stats.sum_log_weights - stats.remainders.log_weights[group];
  return out;
}

}  // namespace mixest
