#include "level_graph.h"

#include <algorithm>
#include <numeric>

namespace mixest {

namespace {

// Disjoint sets of nodes 0..n-1; the root of a set is its smallest node.
class DisjointSets {
 public:
  explicit DisjointSets(int n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }

  int root(int node) {
    while (parent(node) != node) node = parent(node) = parent(parent(node));
    return node;
  }

  void join(int a, int b) {
    a = root(a);
    b = root(b);
    if (a != b) parent(std::max(a, b)) = std::min(a, b);
  }

 private:
  int& parent(int node) { return parent_[node]; }
  std::vector<int> parent_;
};

// The levels of all outer factors as nodes: those of the first factor, of the second, ...
struct Nodes {
  std::vector<int> first;  // of each factor, and the end

  explicit Nodes(const OuterStats& outer) : first{0} {
    for (const OuterFactor& factor : outer.factors) first.push_back(first.back() + static_cast<int>(factor.levels));
  }
  int count() const { return first.back(); }
};

// The nodes that each group meets, ascending.
void find_touched(const RowOrder& order, Index groups, const std::vector<Grouping>& groupings, const Nodes& nodes,
                  OuterStats& outer) {
  std::vector<std::vector<int>> met(groups);
  std::vector<Index> last_run(nodes.count(), -1);
  for (Index r = 0; r < length(order.runs); ++r) {
    const Run& run = order.runs[r];
    std::vector<int>& nodes_of_group = met[run.group];
    for (Index f = 0; f < length(outer.factors); ++f) {
      const int* codes = groupings[outer.factors[f].factor].codes;
      for (Index position = run.begin; position < run.end; ++position) {
        const int node = nodes.first[f] + codes[order.row(position)] - 1;
        Index& seen = last_run[node];
        if (seen != r) nodes_of_group.push_back(node);
        seen = r;
      }
    }
    std::sort(nodes_of_group.begin(), nodes_of_group.end());
  }
  outer.start.assign(1, 0);
  for (const std::vector<int>& nodes_of_group : met) {
    outer.touched.insert(outer.touched.end(), nodes_of_group.begin(), nodes_of_group.end());
    outer.start.push_back(static_cast<int>(outer.touched.size()));
  }
}

}  // namespace

LevelBlocks connect_levels(const RowOrder& order, Index groups, const std::vector<Grouping>& groupings,
                           OuterStats& outer) {
  const Nodes nodes(outer);
  find_touched(order, groups, groupings, nodes, outer);

  DisjointSets sets(nodes.count());
  std::vector<bool> met(nodes.count(), false);
  for (Index i = 0; i + 1 < length(outer.start); ++i)
    for (int node : outer.blocks_of(i)) {
      met[node] = true;
      sets.join(outer.touched[outer.start[i]], node);
    }

  std::vector<int> blocks;
  for (int node = 0; node < nodes.count(); ++node)
    if (met[node]) blocks.push_back(node);
  std::stable_sort(blocks.begin(), blocks.end(), [&](int a, int b) { return sets.root(a) < sets.root(b); });

  LevelBlocks out;
  for (const OuterFactor& factor : outer.factors) out.emplace_back(factor.levels, -1);
  std::vector<int> block_of_node(nodes.count(), -1);
  for (Index b = 0; b < length(blocks); ++b) {
    const int node = blocks[b];
    const auto f =
        static_cast<int>(std::upper_bound(nodes.first.begin(), nodes.first.end(), node) - nodes.first.begin()) - 1;
    const int level = node - nodes.first[f];
    if (b == 0 || sets.root(node) != sets.root(blocks[b - 1])) outer.component.push_back(static_cast<int>(b));
    outer.block_factor.push_back(f);
    outer.block_level.push_back(level);
    out[f][level] = static_cast<int>(b);
    block_of_node[node] = static_cast<int>(b);
  }
  outer.component.push_back(static_cast<int>(blocks.size()));
  for (int& node : outer.touched) node = block_of_node[node];
  for (Index i = 0; i + 1 < length(outer.start); ++i)
    std::sort(outer.touched.begin() + outer.start[i], outer.touched.begin() + outer.start[i + 1]);
  return out;
}

}  // namespace mixest
