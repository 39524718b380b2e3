#include "outer_stats.h"

#include <algorithm>
#include <numeric>

namespace mixest {

std::vector<Index> OuterStats::first_columns() const {
  std::vector<Index> out{0};
  for (Index i = 0; i + 1 < length(start); ++i) {
    Index columns = 0;
    for (int block : blocks_of(i)) columns += width(block);
    out.push_back(out.back() + columns);
  }
  return out;
}

int OuterStats::component_of(int block) const {
  return static_cast<int>(std::upper_bound(component.begin(), component.end(), block) - component.begin()) - 1;
}

EffectIndices::EffectIndices(const OuterStats& outer) {
  if (outer.empty()) return;
  for (int c = 0; c < outer.components(); ++c) {
    Index effects = 0;
    for (int b = outer.component[c]; b < outer.component[c + 1]; ++b) {
      first.push_back(effects);
      effects += outer.width(b);
    }
    size.push_back(effects);
  }
}

std::vector<Index> EffectIndices::gram_starts(Index right_columns) const {
  std::vector<Index> out{0};
  for (Index effects : size) out.push_back(out.back() + effects * (effects + right_columns));
  return out;
}

ComponentGroups groups_by_component(const OuterStats& outer) {
  const int components = outer.components();
  const auto groups = static_cast<int>(outer.start.size()) - 1;
  std::vector<int> component_of(groups, -1);
  ComponentGroups out;
  out.begin.assign(components + 1, 0);
  for (int i = 0; i < groups; ++i) {
    const int first = outer.start[i];
    if (first == outer.start[i + 1]) continue;
    const int c = outer.component_of(outer.touched[first]);
    component_of[i] = c;
    ++out.begin[c + 1];
  }
  std::partial_sum(out.begin.begin(), out.begin.end(), out.begin.begin());
  out.group.resize(out.begin.back());
  std::vector<int> next(out.begin.begin(), out.begin.end() - 1);
  for (int i = 0; i < groups; ++i) {
    const int c = component_of[i];
    if (c >= 0) out.group[next[c]++] = i;
  }
  return out;
}

}  // namespace mixest
