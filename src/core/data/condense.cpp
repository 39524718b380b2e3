#include "condense.h"

#include "../parallel.h"
#include "column_basis.h"
#include "group_reducer.h"

#include <cmath>
#include <memory>

namespace mixest {

namespace {

void require_shapes(const Rows& rows, const Layout& layout) {
  if (rows.X.rows() != rows.U.rows()) throw Misuse("X and U must have the same number of rows");
  if (layout.constant_x.size() != rows.X.cols()) throw Misuse("constant_x must have one entry per column of X");
  if (layout.constant_u.size() != rows.U.cols() || static_cast<Index>(layout.u_term.size()) != rows.U.cols())
    throw Misuse("constant_u and u_term must have one entry per column of U");
  for (Index i = 0; i < rows.n(); ++i)
    if (rows.group[i] < 1 || rows.group[i] > layout.groups) throw Misuse("group codes must be in 1..m");
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
  stats.n_zero_weight = rows.n() - stats.n_obs;
}

// First run of each part, and the end: parts of about equal numbers of rows.
std::vector<std::size_t> part_bounds(const std::vector<Run>& runs, int parts) {
  const Index total = runs.empty() ? 0 : runs.back().end;
  std::vector<std::size_t> bounds{0};
  for (int part = 1; part < parts; ++part) {
    std::size_t run = bounds.back();
    while (run < runs.size() && runs[run].begin < total / parts * part) ++run;
    bounds.push_back(run);
  }
  bounds.push_back(runs.size());
  return bounds;
}

// R_i and B_i of every group and the pooled R_0.
void reduce_groups(const Rows& rows, const RowOrder& order, const Execution& execution, GroupStats& stats) {
  constexpr Index rows_per_part = 1 << 16;
  constexpr Index most_parts = 64;
  const ReductionPlan plan(rows, stats);
  const int parts = static_cast<int>(std::min(most_parts, 1 + rows.n() / rows_per_part));
  const std::vector<std::size_t> bounds = part_bounds(order.runs, parts);

  std::vector<std::unique_ptr<GroupReducer>> reducers(static_cast<std::size_t>(std::max(1, execution.threads)));
  for (auto& reducer : reducers) reducer = std::make_unique<GroupReducer>(rows, order, plan, stats);
  std::vector<Matrix> factors(static_cast<std::size_t>(parts));
  const Index q = stats.q, k = stats.k();
  for_each_part(parts, execution.threads, [&](int part, int worker) {
    if (worker == 0) execution.check_interrupt();
    RowPool pool(plan.own());
    for (std::size_t r = bounds[static_cast<std::size_t>(part)]; r < bounds[static_cast<std::size_t>(part) + 1]; ++r) {
      const Run& run = order.runs[r];
      reducers[static_cast<std::size_t>(worker)]->reduce(run, stats.R.middleCols(run.group * q, q), stats.B.middleCols(run.group * k, k), pool);
    }
    factors[static_cast<std::size_t>(part)] = pool.factor();
  });

  RowPool pool(plan.own());
  for (const Matrix& factor : factors) pool.add(factor);
  stats.R0 = plan.spread_out(pool.factor());
}

}  // namespace

GroupStats condense(const Rows& rows, const Layout& layout, const Execution& execution) {
  require_shapes(rows, layout);

  GroupStats stats;
  stats.q = static_cast<int>(rows.U.cols());
  stats.p = static_cast<int>(rows.X.cols());
  stats.m = layout.groups;
  stats.u_term = layout.u_term;
  stats.R = Matrix::Zero(stats.q, stats.q * stats.m);
  stats.B = Matrix::Zero(stats.q, stats.k() * stats.m);
  count_rows(rows, stats);
  choose_column_bases(rows, layout, stats);
  reduce_groups(rows, order_rows(rows, layout.groups), execution, stats);
  return stats;
}

}  // namespace mixest
