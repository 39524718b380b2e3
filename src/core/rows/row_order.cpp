#include "row_order.h"

#include <utility>

#include "../base/large_pages.h"
#include "../base/parallel.h"

namespace mixest {

namespace {

bool all_count(const Rows& rows) {
  for (Index i = 0; i < rows.n(); ++i)
    if (!rows.counts(i)) return false;
  return true;
}

// The runs of equal codes, or nothing when a group has more than one.
std::vector<Run> runs_in_place(const Rows& rows, Index groups) {
  std::vector<bool> seen(groups + 1, false);
  std::vector<Run> out;
  for (Index i = 0; i < rows.n();) {
    const Index begin = i;
    const int group = rows.group[begin];
    if (seen[group]) return {};
    seen[group] = true;
    while (i < rows.n() && rows.group[i] == group) ++i;
    out.push_back({begin, i, group - 1});
  }
  return out;
}

// Blocks are sorted by themselves. Without them each thread looks at all codes and serves the
// groups of its own range. Either way no two write to the same place.
RowOrder counting_sort(const Rows& rows, Index groups, std::vector<RowBlock> blocks, int threads) {
  if (blocks.empty()) {
    const Parts ranges{static_cast<std::ptrdiff_t>(groups), std::max(1, threads)};
    for (int range = 0; range < ranges.number; ++range)
      blocks.push_back({0, rows.n(), ranges.begin(range) + 1, ranges.end(range)});
  }
  const auto for_each_row = [&](const auto& act) {
    for_each_part(static_cast<int>(blocks.size()), threads, [&](int part, int) {
      const RowBlock block = blocks[part];
      for (Index i = block.begin; i < block.end; ++i)
        if (rows.group[i] >= block.first && rows.group[i] <= block.last && rows.counts(i)) act(i, rows.group[i]);
    });
  };
  std::vector<int> end(groups + 1, 0);
  for_each_row([&end](Index, Index group) { ++end[group]; });
  for (Index g = 1; g < length(end); ++g) end[g] += end[g - 1];

  RowOrder out;
  const Index size = end.back();
  out.order.reserve(size);
  prefer_large_pages(out.order.data(), sizeof(int) * size);
  out.order.resize(size);
  std::vector<int> next(end.begin(), end.end() - 1);
  for_each_row([&](Index i, Index group) { out.order[next[group - 1]++] = static_cast<int>(i); });

  out.runs.reserve(groups);
  for (Index g = 0; g < groups; ++g) {
    const Index begin = end[g], stop = end[g + 1];
    if (begin < stop) out.runs.push_back({begin, stop, g});
  }
  return out;
}

}  // namespace

RowOrder order_rows(const Rows& rows, Index groups, const std::vector<RowBlock>& blocks, int threads) {
  if (!all_count(rows)) return counting_sort(rows, groups, blocks, threads);
  std::vector<Run> runs = runs_in_place(rows, groups);
  if (runs.empty()) return counting_sort(rows, groups, blocks, threads);
  return {{}, std::move(runs)};
}

}  // namespace mixest
