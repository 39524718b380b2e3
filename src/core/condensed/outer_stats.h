// What GroupStats hold of the grouping factors beside the inner one.
//
// The effects of one level of an outer factor make a block of columns, zero in the rows of other
// levels. Group i of the inner factor meets the blocks J_i. With the orthogonal Q_i of
// group_stats.h
//
//              q     J_i    k                               rows
//     Q_i' * [ U_i | U_J | X_i y_i ]  =  [ R_i | B_iJ | B_i ]  q        kept for every group
//                                        [  0  | C_iJ | C_i ]  n_i - q  pooled: sum C_iJ'[C_iJ C_i]
//                                                                       and R_0 as before
//
// Blocks that are met by one group belong to one component: V falls apart into components. Nested
// factors have one component for each level of the outermost, crossed ones a single one. Everything
// is kept component by component.
#pragma once

#include <vector>

#include "../base/types.h"

namespace mixest {

struct OuterFactor {
  int factor;                // its number among the grouping factors
  std::vector<int> columns;  // of U, ascending
  Index levels;

  Index width() const { return length(columns); }
};

// The blocks that one group meets.
struct BlockRange {
  const int* first;
  const int* last;

  const int* begin() const { return first; }
  const int* end() const { return last; }
};

struct OuterStats {
  std::vector<OuterFactor> factors;

  // Blocks in the order of components, then factors, then levels.
  std::vector<int> block_factor;  // index into `factors`
  std::vector<int> block_level;   // from 0
  std::vector<int> component;     // first block of each component, and the end

  // Group i meets the blocks touched[start[i]] .. touched[start[i + 1] - 1], ascending; none when
  // all its rows have weight zero.
  std::vector<int> start;
  std::vector<int> touched;
  Matrix B;  // q x columns of all touched blocks: the B_iJ side by side

  Vector gram;    // for each component sum C_iJ'[C_iJ C_i], effects x (effects + k), column-major
  Matrix pooled;  // triangular factor of the columns of U of `factors`, one factor after the other, over all rows

  bool empty() const { return factors.empty(); }
  Index width(int block) const { return factors[block_factor[block]].width(); }
  BlockRange blocks_of(Index group) const { return {touched.data() + start[group], touched.data() + start[group + 1]}; }
  std::vector<Index> first_columns() const;  // of each group in B, and the end
  int component_of(int block) const;
  int components() const { return static_cast<int>(component.size()) - 1; }
};

// Where the effects of blocks and components are.
struct EffectIndices {
  std::vector<Index> first;  // first effect of each block, counted in its component
  std::vector<Index> size;   // effects of each component

  explicit EffectIndices(const OuterStats& outer);

  // Where the numbers of each component begin in a list of matrices,
  // effects x (effects + right_columns) for each component (OuterStats::gram), and the end.
  std::vector<Index> gram_starts(Index right_columns) const;
};

// Groups of each component, component after component; groups without rows are left out.
struct ComponentGroups {
  std::vector<int> group;
  std::vector<int> begin;  // components + 1
};

ComponentGroups groups_by_component(const OuterStats& outer);

}  // namespace mixest
