#include "row_order.h"

#include <utility>

namespace mixest {

namespace {

bool all_count(const Rows& rows) {
  for (Index i = 0; i < rows.n(); ++i)
    if (!rows.counts(i)) return false;
  return true;
}

// The runs of equal codes, or nothing when a group has more than one.
std::vector<Run> runs_in_place(const Rows& rows, Index groups) {
  std::vector<bool> seen(static_cast<std::size_t>(groups) + 1, false);
  std::vector<Run> out;
  for (Index i = 0; i < rows.n();) {
    const Index begin = i;
    const int group = rows.group[begin];
    if (seen[static_cast<std::size_t>(group)]) return {};
    seen[static_cast<std::size_t>(group)] = true;
    while (i < rows.n() && rows.group[i] == group) ++i;
    out.push_back({begin, i, group - 1});
  }
  return out;
}

RowOrder counting_sort(const Rows& rows, Index groups) {
  std::vector<Index> end(static_cast<std::size_t>(groups) + 1, 0);
  for (Index i = 0; i < rows.n(); ++i)
    if (rows.counts(i)) ++end[static_cast<std::size_t>(rows.group[i])];
  for (std::size_t g = 1; g < end.size(); ++g) end[g] += end[g - 1];

  RowOrder out;
  out.order.resize(static_cast<std::size_t>(end.back()));
  std::vector<Index> next(end.begin(), end.end() - 1);
  for (Index i = 0; i < rows.n(); ++i)
    if (rows.counts(i)) out.order[static_cast<std::size_t>(next[static_cast<std::size_t>(rows.group[i]) - 1]++)] = static_cast<int>(i);

  out.runs.reserve(static_cast<std::size_t>(groups));
  for (Index g = 0; g < groups; ++g) {
    const Index begin = end[static_cast<std::size_t>(g)], stop = end[static_cast<std::size_t>(g) + 1];
    if (begin < stop) out.runs.push_back({begin, stop, g});
  }
  return out;
}

}  // namespace

RowOrder order_rows(const Rows& rows, Index groups) {
  if (!all_count(rows)) return counting_sort(rows, groups);
  std::vector<Run> runs = runs_in_place(rows, groups);
  if (runs.empty()) return counting_sort(rows, groups);
  return {{}, std::move(runs)};
}

}  // namespace mixest
