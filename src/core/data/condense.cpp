#include "condense.h"

#include "../parallel.h"
#include "column_basis.h"
#include "group_reducer.h"

#include <cmath>
#include <memory>
#include <utility>

namespace mixest {

namespace {

void require_shapes(const Rows& rows, const Layout& layout) {
  if (rows.X.rows() != rows.U.rows() || rows.X.rows() != rows.Y.rows()) throw Misuse("X, U and Y must have the same number of rows");
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

struct Reduced {
  Matrix R;      // q x (q m)
  Matrix B;      // q x ((p + r) m): [B_iX b_iy1 .. b_iyr] side by side
  RowPool pool;  // [X Y] below the first q rows
};

Reduced reduce_groups(const Rows& rows, const RowOrder& order, const ReductionPlan& plan, Index groups, const Execution& execution) {
  const int parts = Parts::of(rows.n(), 1 << 16).number;
  const std::vector<std::size_t> bounds = part_bounds(order.runs, parts);
  const Index q = plan.q(), width = plan.p() + plan.responses();

  Reduced out{Matrix::Zero(q, q * groups), Matrix::Zero(q, width * groups), plan.empty_pool()};
  std::vector<std::unique_ptr<GroupReducer>> reducers(static_cast<std::size_t>(std::max(1, execution.threads)));
  for (auto& reducer : reducers) reducer = std::make_unique<GroupReducer>(rows, order, plan);
  std::vector<RowPool> pools(static_cast<std::size_t>(parts), out.pool);
  for_each_part(parts, execution.threads, [&](int part, int worker) {
    if (worker == 0) execution.check_interrupt();
    GroupReducer& reducer = *reducers[static_cast<std::size_t>(worker)];
    RowPool& pool = pools[static_cast<std::size_t>(part)];
    for (std::size_t r = bounds[static_cast<std::size_t>(part)]; r < bounds[static_cast<std::size_t>(part) + 1]; ++r) {
      constexpr std::size_t ahead = 4;
      if (r + ahead < order.runs.size()) reducer.prefetch(order.runs[r + ahead]);
      const Run& run = order.runs[r];
      reducer.reduce(run, out.R.middleCols(run.group * q, q), out.B.middleCols(run.group * width, width), pool);
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

std::vector<GroupStats> condense(const Rows& rows, const Layout& layout, const Execution& execution) {
  require_shapes(rows, layout);
  const ReductionPlan plan(rows, choose_column_bases(rows, layout, execution.threads), layout.u_term);
  Reduced reduced = reduce_groups(rows, order_rows(rows, layout.groups, execution.threads), plan, layout.groups, execution);

  GroupStats common;
  common.q = static_cast<int>(plan.q());
  common.p = static_cast<int>(plan.p());
  common.m = layout.groups;
  common.R = std::move(reduced.R);
  common.x = plan.bases().x;
  common.u = plan.bases().u;
  common.u_term = layout.u_term;
  count_rows(rows, common);

  std::vector<GroupStats> out;
  for (Index j = 0; j < plan.responses(); ++j) {
    GroupStats stats = j + 1 < plan.responses() ? common : std::move(common);
    stats.B = columns_of_response(reduced.B, layout.groups, plan.p(), plan.responses(), j);
    stats.R0 = plan.spread_out(reduced.pool.factor(j));
    stats.y_shift = plan.bases().y.shift[j];
    stats.y_scale = plan.bases().y.scale[j];
    stats.y_magnitude = plan.bases().y.magnitude[j];
    out.push_back(std::move(stats));
  }
  return out;
}

}  // namespace mixest
