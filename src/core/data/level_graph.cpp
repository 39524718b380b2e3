#include "level_graph.h"

#include <algorithm>
#include <numeric>

namespace mixest {

namespace {

// Disjoint sets of nodes 0..n-1; the root of a set is its smallest node.
class DisjointSets {
 public:
  explicit DisjointSets(int n) : parent_(static_cast<std::size_t>(n)) { std::iota(parent_.begin(), parent_.end(), 0); }

  int root(int node) {
    while (at(node) != node) node = at(node) = at(at(node));
    return node;
  }

  void join(int a, int b) {
    a = root(a);
    b = root(b);
    if (a != b) at(std::max(a, b)) = std::min(a, b);
  }

 private:
  int& at(int node) { return parent_[static_cast<std::size_t>(node)]; }
  std::vector<int> parent_;
};

// The levels of all outer factors as nodes: those of the first factor, of the second, ...
struct Nodes {
  std::vector<int> first;  // of each factor, and the end

  explicit Nodes(const OuterStats& outer) : first{0} {
    for (const OuterFactor& of : outer.factors) first.push_back(first.back() + static_cast<int>(of.levels));
  }
  int count() const { return first.back(); }
};

// The nodes that each group meets, ascending.
void find_touched(const RowOrder& order, Index groups, const std::vector<Grouping>& groupings, const Nodes& nodes,
                  OuterStats& outer) {
  std::vector<std::vector<int>> met(static_cast<std::size_t>(groups));
  std::vector<Index> last_run(static_cast<std::size_t>(nodes.count()), -1);
  for (std::size_t r = 0; r < order.runs.size(); ++r) {
    const Run& run = order.runs[r];
    std::vector<int>& own = met[static_cast<std::size_t>(run.group)];
    for (std::size_t f = 0; f < outer.factors.size(); ++f) {
      const int* codes = groupings[static_cast<std::size_t>(outer.factors[f].factor)].codes;
      for (Index at = run.begin; at < run.end; ++at) {
        const int node = nodes.first[f] + codes[order.row(at)] - 1;
        Index& seen = last_run[static_cast<std::size_t>(node)];
        if (seen != static_cast<Index>(r)) own.push_back(node);
        seen = static_cast<Index>(r);
      }
    }
    std::sort(own.begin(), own.end());
  }
  outer.start.assign(1, 0);
  for (const std::vector<int>& own : met) {
    outer.touched.insert(outer.touched.end(), own.begin(), own.end());
    outer.start.push_back(static_cast<int>(outer.touched.size()));
  }
}

}  // namespace

LevelBlocks connect_levels(const RowOrder& order, Index groups, const std::vector<Grouping>& groupings,
                           OuterStats& outer) {
  const Nodes nodes(outer);
  find_touched(order, groups, groupings, nodes, outer);

  DisjointSets sets(nodes.count());
  std::vector<bool> met(static_cast<std::size_t>(nodes.count()), false);
  for (std::size_t i = 0; i + 1 < outer.start.size(); ++i)
    for (int at = outer.start[i]; at < outer.start[i + 1]; ++at) {
      const int node = outer.touched[static_cast<std::size_t>(at)];
      met[static_cast<std::size_t>(node)] = true;
      sets.join(outer.touched[static_cast<std::size_t>(outer.start[i])], node);
    }

  std::vector<int> blocks;
  for (int node = 0; node < nodes.count(); ++node)
    if (met[static_cast<std::size_t>(node)]) blocks.push_back(node);
  std::stable_sort(blocks.begin(), blocks.end(), [&](int a, int b) { return sets.root(a) < sets.root(b); });

  LevelBlocks out;
  for (const OuterFactor& of : outer.factors) out.emplace_back(static_cast<std::size_t>(of.levels), -1);
  std::vector<int> block_of_node(static_cast<std::size_t>(nodes.count()), -1);
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    const int node = blocks[b];
    const auto f =
        static_cast<int>(std::upper_bound(nodes.first.begin(), nodes.first.end(), node) - nodes.first.begin()) - 1;
    const int level = node - nodes.first[static_cast<std::size_t>(f)];
    if (b == 0 || sets.root(node) != sets.root(blocks[b - 1])) outer.component.push_back(static_cast<int>(b));
    outer.block_factor.push_back(f);
    outer.block_level.push_back(level);
    out[static_cast<std::size_t>(f)][static_cast<std::size_t>(level)] = static_cast<int>(b);
    block_of_node[static_cast<std::size_t>(node)] = static_cast<int>(b);
  }
  outer.component.push_back(static_cast<int>(blocks.size()));
  for (int& node : outer.touched) node = block_of_node[static_cast<std::size_t>(node)];
  for (std::size_t i = 0; i + 1 < outer.start.size(); ++i)
    std::sort(outer.touched.begin() + outer.start[i], outer.touched.begin() + outer.start[i + 1]);
  return out;
}

ComponentGroups groups_by_component(const OuterStats& outer) {
  const int components = outer.components();
  const auto groups = static_cast<int>(outer.start.size()) - 1;
  std::vector<int> component_of(static_cast<std::size_t>(groups), -1);
  ComponentGroups out;
  out.begin.assign(static_cast<std::size_t>(components) + 1, 0);
  for (int i = 0; i < groups; ++i) {
    const int first = outer.start[static_cast<std::size_t>(i)];
    if (first == outer.start[static_cast<std::size_t>(i) + 1]) continue;
    const int block = outer.touched[static_cast<std::size_t>(first)];
    const auto c = static_cast<int>(std::upper_bound(outer.component.begin(), outer.component.end(), block) -
                                    outer.component.begin()) -
                   1;
    component_of[static_cast<std::size_t>(i)] = c;
    ++out.begin[static_cast<std::size_t>(c) + 1];
  }
  std::partial_sum(out.begin.begin(), out.begin.end(), out.begin.begin());
  out.group.resize(static_cast<std::size_t>(out.begin.back()));
  std::vector<int> next(out.begin.begin(), out.begin.end() - 1);
  for (int i = 0; i < groups; ++i) {
    const int c = component_of[static_cast<std::size_t>(i)];
    if (c >= 0) out.group[static_cast<std::size_t>(next[static_cast<std::size_t>(c)]++)] = i;
  }
  return out;
}

}  // namespace mixest
