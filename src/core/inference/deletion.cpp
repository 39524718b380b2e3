#include "deletion.h"

#include "../data/householder.h"
#include "../fit/fit_near.h"
#include "../parallel.h"

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
  out.leftovers = Leftovers();
  out.m = stats.m - 1;
  out.R = without_block(stats.R, group, stats.inner_q());
  out.B = without_block(stats.B, group, stats.k());
  out.R0 = unpack_triangle(R0, stats.k());
  out.n_obs = stats.n_obs - static_cast<Index>(stats.leftovers.n_obs[group]);
  out.sum_log_weights = stats.sum_log_weights - stats.leftovers.log_weights[group];
  return out;
}

std::vector<Fit> leave_each_out(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml,
                                const Vector& theta, const SearchOptions& options, const Execution& execution) {
  if (!stats.leftovers.kept()) throw Misuse("the condensed data must have the leftovers of each group");
  const Matrix pooled = pooled_without_each(stats.leftovers.C, stats.k());
  std::vector<Fit> fits(stats.m);
  const Parts parts = Parts::of(stats.m, 4);
  for_each_part(parts.number, execution.threads, [&](int part, int worker) {
    for (Index i = parts.begin(part); i < parts.end(part); ++i) {
      if (worker == 0) execution.check_interrupt();
      fits[i] = fit_near(without_group(stats, i, pooled.col(i)), terms, reml, theta, options, Execution());
    }
  });
  return fits;
}

}  // namespace mixest
