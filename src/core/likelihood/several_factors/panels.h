// The condensed data of several grouping factors as the likelihood reads them: in the fit's bases,
// group after group and component after component (condensed/outer_stats.h).
#pragma once

#include <vector>

#include "../../base/index_sets.h"
#include "../fixed_basis.h"
#include "../random_basis.h"

namespace mixest {

struct ComponentPanels {
  ComponentPanels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random);

  Index q = 0;             // columns of U, all factors
  Index k = 0;             // rank of X, plus 1 for y
  std::vector<int> inner;  // columns of the inner factor
  std::vector<OuterFactor> factors;

  // [R_i | B_iJ | B_i] of one group, column-major in `data` from `first` on; its outer columns are
  // effects `effect[first_effect]`, .. of the component, ascending.
  struct Group {
    int group;  // level of the inner factor
    Index first;
    Index first_effect;
    Index width;  // columns of B_iJ
  };
  std::vector<Group> groups;  // in the order of components
  std::vector<int> effect;
  Vector data;

  struct Component {
    int first_group, end_group;       // of `groups`
    std::vector<Index> first_effect;  // of each outer factor, and the end: blocks of a factor lie together
    int first_block;
    Matrix gram, rhs;  // sum C_iJ'C_iJ (lower triangle; effects x effects), sum C_iJ'C_i (effects x k)

    Index effects() const { return first_effect.back(); }
  };
  std::vector<Component> components;
  Matrix pooled;  // R_0'R_0, k x k

  Index inner_q() const { return length(inner); }
  Index columns(const Group& group) const { return inner_q() + group.width + k; }
};

}  // namespace mixest
