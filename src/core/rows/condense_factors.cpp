#include "condense_factors.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "../base/parallel.h"
#include "outer_reducer.h"

namespace mixest {

namespace {

std::vector<int> columns_of(const std::vector<int>& u_factor, int factor) {
  std::vector<int> out;
  for (Index j = 0; j < length(u_factor); ++j)
    if (u_factor[j] == factor) out.push_back(static_cast<int>(j));
  return out;
}

int choose_inner(const std::vector<Grouping>& groupings, const std::vector<int>& u_factor) {
  int best = 0;
  Index most = 0;
  for (Index f = 0; f < length(groupings); ++f) {
    const Index effects = groupings[f].levels * length(columns_of(u_factor, static_cast<int>(f)));
    if (effects > most) best = static_cast<int>(f);
    most = std::max(most, effects);
  }
  return best;
}

void require_codes(const Rows& rows, const std::vector<Grouping>& groupings, const std::vector<int>& u_factor) {
  if (length(u_factor) != rows.U.cols()) throw Misuse("u_factor must have one entry per column of U");
  for (int factor : u_factor)
    if (factor < 0 || factor >= static_cast<int>(groupings.size()))
      throw Misuse("u_factor must number the grouping factors");
  for (const Grouping& grouping : groupings)
    for (Index i = 0; i < rows.n(); ++i)
      if (grouping.codes[i] < 1 || grouping.codes[i] > grouping.levels)
        throw Misuse("group codes must be in 1..levels");
}

// A handful of matrices of that size squared are needed.
void require_few_effects(const EffectIndices& indices) {
  constexpr Index most = 15000;
  for (Index effects : indices.size)
    if (effects > most) throw TooManyEffects(effects, most);
}

// The triangular factor of the columns of U of the outer factors, condensed, over all rows that
// count.
Matrix pool_outer_columns(const Rows& rows, const ColumnUnits& u, const OuterStats& outer) {
  std::vector<int> columns;
  for (const OuterFactor& factor : outer.factors)
    columns.insert(columns.end(), factor.columns.begin(), factor.columns.end());
  RowPool pool(length(columns), 0);
  constexpr Index rows_at_once = 256;
  Matrix block(rows_at_once, length(columns));
  for (Index begin = 0; begin < rows.n(); begin += rows_at_once) {
    const Index count = std::min(rows_at_once, rows.n() - begin);
    for (Index c = 0; c < length(columns); ++c) {
      const int j = columns[c];
      for (Index i = 0; i < count; ++i) {
        const double weight = rows.weights ? std::sqrt(rows.weights[begin + i]) : 1;
        block(i, c) = (rows.U(begin + i, j) - u.shift[j]) / u.scale[j] * weight;
      }
    }
    pool.add(block.topRows(count));
  }
  return pool.triangle();
}

// Parts of components with about equal numbers of groups.
std::vector<int> component_parts(const ComponentGroups& groups) {
  const auto components = static_cast<int>(groups.begin.size()) - 1;
  const int parts = std::min(components, Parts::of(groups.begin.back(), 1 << 10).number);
  std::vector<int> out{0};
  for (int part = 1; part < parts; ++part) {
    int c = out.back();
    while (c < components &&
           static_cast<Index>(groups.begin[c]) * parts < static_cast<Index>(groups.begin.back()) * part)
      ++c;
    out.push_back(c);
  }
  out.push_back(components);
  return out;
}

// Of one response out of several: the outer part of GroupStats shares all but the last column of
// each gram.
Vector gram_of_response(const Vector& gram, const EffectIndices& indices, Index p, Index responses, Index response) {
  if (responses == 1) return gram;
  const std::vector<Index> from = indices.gram_starts(p + responses), to = indices.gram_starts(p + 1);
  Vector out(to.back());
  for (Index c = 0; c < length(indices.size); ++c) {
    const Index effects = indices.size[c];
    out.segment(to[c], effects * (effects + p)) = gram.segment(from[c], effects * (effects + p));
    out.segment(to[c] + effects * (effects + p), effects) =
        gram.segment(from[c] + effects * (effects + p + response), effects);
  }
  return out;
}

struct ReducedFactors {
  Matrix R;      // q x (q m)
  Matrix B;      // q x ((p + r) m)
  RowPool pool;  // [X Y] below the first q rows
};

ReducedFactors reduce_components(const OuterPlan& plan, Index groups, OuterStats& outer, const Execution& execution) {
  const Index q = length(plan.inner), p = plan.rows.X.cols(), xy_columns = p + plan.rows.Y.cols();
  const std::vector<Index> first_column = outer.first_columns();
  const std::vector<Index> gram_start = plan.indices.gram_starts(xy_columns);
  outer.B = Matrix::Zero(q, first_column.back());
  outer.gram = Vector::Zero(gram_start.back());
  ReducedFactors out{Matrix::Zero(q, q * groups), Matrix::Zero(q, xy_columns * groups), RowPool(p, plan.rows.Y.cols())};

  std::vector<const Run*> run_of(groups, nullptr);
  for (const Run& run : plan.order.runs) run_of[run.group] = &run;
  const ComponentGroups members = groups_by_component(outer);
  const std::vector<int> parts = component_parts(members);
  const auto n_parts = static_cast<int>(parts.size()) - 1;
  std::vector<RowPool> pools(n_parts, out.pool);
  std::vector<std::unique_ptr<OuterReducer>> reducers(std::max(1, execution.threads));
  for (auto& reducer : reducers) reducer = std::make_unique<OuterReducer>(plan);
  for_each_part(n_parts, execution.threads, [&](int part, int worker) {
    for (int c = parts[part]; c < parts[part + 1]; ++c) {
      if (worker == 0) execution.check_interrupt();
      const Index effects = plan.indices.size[c];
      Eigen::Map<Matrix> gram(outer.gram.data() + gram_start[c], effects, effects + xy_columns);
      for (int position = members.begin[c]; position < members.begin[c + 1]; ++position) {
        const Index i = members.group[position];
        const Index first = first_column[i], width = first_column[i + 1] - first;
        reducers[worker]->reduce(*run_of[i], {out.R.middleCols(i * q, q), out.B.middleCols(i * xy_columns, xy_columns),
                                              outer.B.middleCols(first, width), gram, pools[part]});
      }
    }
  });
  for (RowPool& pool : pools) out.pool.merge(pool);
  return out;
}

}  // namespace

std::vector<GroupStats> condense_factors(const Rows& rows, const std::vector<Grouping>& groupings,
                                         const std::vector<int>& u_factor, const Layout& layout,
                                         const Execution& execution) {
  require_shapes(rows, layout);
  require_codes(rows, groupings, u_factor);
  const DesignUnits bases = choose_column_units(rows, layout, execution.threads);

  GroupStats common;
  common.inner_factor = choose_inner(groupings, u_factor);
  const Grouping& inner = groupings[common.inner_factor];
  Rows grouped = rows;
  grouped.group = inner.codes;
  const RowOrder order = order_rows(grouped, inner.levels, {}, execution.threads);
  common.q = static_cast<int>(rows.U.cols());
  common.p = static_cast<int>(rows.X.cols());
  common.m = inner.levels;
  common.inner = columns_of(u_factor, common.inner_factor);
  common.x = bases.x;
  common.u = bases.u;
  common.u_term = layout.u_term;
  count_rows(rows, common);
  for (int f = 0; f < static_cast<int>(groupings.size()); ++f)
    if (f != common.inner_factor) common.outer.factors.push_back({f, columns_of(u_factor, f), groupings[f].levels});
  const LevelBlocks blocks = connect_levels(order, inner.levels, groupings, common.outer);
  const EffectIndices indices(common.outer);
  require_few_effects(indices);
  common.outer.pooled = pool_outer_columns(rows, bases.u, common.outer);

  const OuterPlan plan{rows, order, groupings, bases, layout.u_term, common.inner, common.outer, blocks, indices};
  ReducedFactors reduced = reduce_components(plan, inner.levels, common.outer, execution);
  common.R = std::move(reduced.R);
  const Vector gram = std::move(common.outer.gram);
  const Index responses = rows.Y.cols();
  std::vector<GroupStats> out;
  for (Index j = 0; j < responses; ++j) {
    GroupStats stats = j + 1 < responses ? common : std::move(common);
    stats.outer.gram = gram_of_response(gram, indices, stats.p, responses, j);
    stats.R0 = reduced.pool.triangle_with(j);
    set_response(reduced.B, responses, j, bases.y, stats);
    out.push_back(std::move(stats));
  }
  return out;
}

}  // namespace mixest
