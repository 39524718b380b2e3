#include "condense.h"

#include <cmath>
#include <memory>
#include <utility>

#include "../base/index_sets.h"
#include "../base/large_pages.h"
#include "../base/parallel.h"
#include "column_units.h"
#include "group_reducer.h"
#include "row_blocks.h"

namespace mixest {

namespace {

// n_obs and log_weights.
GroupRemainders group_sizes(const Rows& rows, const RowOrder& order, Index groups) {
  GroupRemainders out;
  out.n_obs = out.log_weights = Vector::Zero(groups);
  for (const Run& run : order.runs) {
    out.n_obs[run.group] = static_cast<double>(run.end - run.begin);
    if (!rows.weights) continue;
    for (Index position = run.begin; position < run.end; ++position)
      out.log_weights[run.group] += std::log(rows.weights[order.row(position)]);
  }
  return out;
}

// First run of each part, and the end: parts of about equal numbers of rows.
std::vector<Index> part_bounds(const std::vector<Run>& runs, int parts) {
  const Index total = runs.empty() ? 0 : runs.back().end;
  std::vector<Index> bounds{0};
  for (int part = 1; part < parts; ++part) {
    Index run = bounds.back();
    while (run < length(runs) && runs[run].begin < total / parts * part) ++run;
    bounds.push_back(run);
  }
  bounds.push_back(length(runs));
  return bounds;
}

struct Reduced {
  Matrix R;               // q x (q m)
  Matrix B;               // q x ((p + r) m): [B_iX b_iy1 .. b_iyr] side by side
  RowPool pool;           // [X Y] below the first q rows
  std::vector<Matrix> C;  // for each response, its packed triangles of the groups; or nothing
};

// The group's triangles; then its rows go where those of all groups are pooled.
void keep_remainders(RowPool& of_group, const ReductionPlan& plan, Index group, std::vector<Matrix>& C, RowPool& pool) {
  for (Index j = 0; j < length(C); ++j) C[j].col(group) = pack_triangle(plan.spread_out(of_group.triangle_with(j)));
  pool.merge(of_group);
  of_group.clear();
}

Reduced reduce_groups(const Rows& rows, const RowOrder& order, const ReductionPlan& plan, Index groups, Keep keep,
                      const Execution& execution) {
  const int parts = Parts::of(rows.n(), 1 << 16).number;
  const std::vector<Index> bounds = part_bounds(order.runs, parts);
  const Index q = plan.q(), width = plan.p() + plan.responses();

  Reduced out{large_matrix(q, q * groups), large_matrix(q, width * groups), plan.empty_pool(), {}};
  out.R.setZero();
  out.B.setZero();
  std::vector<std::unique_ptr<GroupReducer>> reducers(std::max(1, execution.threads));
  for (auto& reducer : reducers) reducer = std::make_unique<GroupReducer>(rows, order, plan);
  const Index k = plan.p() + 1;
  std::vector<RowPool> group_pools;  // one per thread
  if (keep == Keep::remainders) {
    out.C.assign(plan.responses(), Matrix::Zero(k * (k + 1) / 2, groups));
    group_pools.assign(reducers.size(), out.pool);
  }
  std::vector<RowPool> pools(parts, out.pool);
  for_each_part(parts, execution.threads, [&](int part, int worker) {
    if (worker == 0) execution.check_interrupt();
    GroupReducer& reducer = *reducers[worker];
    RowPool& pool = pools[part];
    for (Index r = bounds[part]; r < bounds[part + 1]; ++r) {
      constexpr Index ahead = 4;
      if (r + ahead < length(order.runs)) reducer.prefetch(order.runs[r + ahead]);
      const Run& run = order.runs[r];
      RowPool& rest = keep == Keep::remainders ? group_pools[worker] : pool;
      reducer.reduce(run, out.R.middleCols(run.group * q, q), out.B.middleCols(run.group * width, width), rest);
      if (keep == Keep::remainders) keep_remainders(rest, plan, run.group, out.C, pool);
    }
  });
  for (RowPool& pool : pools) out.pool.merge(pool);
  return out;
}

// The columns of X and of one response in every group's B.
Matrix columns_of_response(Matrix& B, Index groups, Index p, Index responses, Index response) {
  if (responses == 1) return std::move(B);
  Matrix out(B.rows(), (p + 1) * groups);
  for (Index i = 0; i < groups; ++i) {
    out.middleCols(i * (p + 1), p) = B.middleCols(i * (p + responses), p);
    out.col(i * (p + 1) + p) = B.col(i * (p + responses) + p + response);
  }
  return out;
}

}  // namespace

void require_shapes(const Rows& rows, const Layout& layout) {
  if (rows.X.rows() != rows.U.rows() || rows.X.rows() != rows.Y.rows())
    throw Misuse("X, U and Y must have the same number of rows");
  if (layout.constant_x.size() != rows.X.cols()) throw Misuse("constant_x must have one entry per column of X");
  if (layout.constant_u.size() != rows.U.cols() || length(layout.u_term) != rows.U.cols())
    throw Misuse("constant_u and u_term must have one entry per column of U");
}

void count_rows(const Rows& rows, GroupStats& stats) {
  stats.n_obs = rows.n();
  if (!rows.weights) return;
  stats.n_obs = 0;
  for (Index i = 0; i < rows.n(); ++i)
    if (rows.weights[i] > 0) {
      ++stats.n_obs;
      stats.sum_log_weights += std::log(rows.weights[i]);
    }
}

void set_response(Matrix& B, Index responses, Index response, const ColumnUnits& y, GroupStats& stats) {
  stats.B = columns_of_response(B, stats.m, stats.p, responses, response);
  stats.y_shift = y.shift[response];
  stats.y_scale = y.scale[response];
  stats.y_magnitude = y.magnitude[response];
}

std::vector<GroupStats> condense(const Rows& rows, const Layout& layout, Keep keep, const Execution& execution) {
  require_shapes(rows, layout);
  for (Index i = 0; i < rows.n(); ++i)
    if (rows.group[i] < 1 || rows.group[i] > layout.groups) throw Misuse("group codes must be in 1..m");
  const ReductionPlan plan(rows, choose_column_units(rows, layout, execution.threads), layout.u_term);
  const RowBlocks blocks(rows, layout.groups, execution.threads);
  const RowOrder order = order_rows(blocks.rows(), layout.groups, blocks.blocks(), execution.threads);
  Reduced reduced = reduce_groups(blocks.rows(), order, plan, layout.groups, keep, execution);

  GroupStats common;
  common.q = static_cast<int>(plan.q());
  common.p = static_cast<int>(plan.p());
  common.m = layout.groups;
  common.inner = all_indices(plan.q());
  common.R = std::move(reduced.R);
  common.x = plan.bases().x;
  common.u = plan.bases().u;
  common.u_term = layout.u_term;
  count_rows(rows, common);

  const GroupRemainders sizes =
      keep == Keep::remainders ? group_sizes(blocks.rows(), order, layout.groups) : GroupRemainders();
  std::vector<GroupStats> out;
  for (Index j = 0; j < plan.responses(); ++j) {
    GroupStats stats = j + 1 < plan.responses() ? common : std::move(common);
    stats.R0 = plan.spread_out(reduced.pool.triangle_with(j));
    if (keep == Keep::remainders) stats.remainders = {std::move(reduced.C[j]), sizes.n_obs, sizes.log_weights};
    set_response(reduced.B, plan.responses(), j, plan.bases().y, stats);
    out.push_back(std::move(stats));
  }
  return out;
}

}  // namespace mixest
