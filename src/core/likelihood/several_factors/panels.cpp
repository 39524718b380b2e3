#include "panels.h"

#include "../one_factor/panels.h"

namespace mixest {

namespace {

// The change of basis of the outer factors' columns.
std::vector<Matrix> outer_bases(const std::vector<OuterFactor>& factors, const RandomBasis& random) {
  std::vector<Matrix> out;
  for (const OuterFactor& factor : factors) out.push_back(select(random.from_condensed, factor.columns));
  return out;
}

class Builder {
 public:
  Builder(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random)
      : stats_(stats),
        outer_(stats.outer),
        fixed_(fixed),
        inner_basis_(select(random.from_condensed, stats.inner)),
        bases_(outer_bases(stats.outer.factors, random)),
        indices_(stats.outer) {}

  void add_groups(ComponentPanels& out) const {
    const ComponentGroups members = groups_by_component(outer_);
    const std::vector<Index> first_column = outer_.first_columns();
    Index size = 0;
    for (int i : members.group) {
      out.groups.push_back({i, size, length(out.effect), first_column[i + 1] - first_column[i]});
      size += out.inner_q() * out.columns(out.groups.back());
      for (int block : outer_.blocks_of(i)) {
        for (Index j = 0; j < outer_.width(block); ++j)
          out.effect.push_back(static_cast<int>(indices_.first[block] + j));
      }
    }
    out.data.resize(size);
    for (const ComponentPanels::Group& group : out.groups) fill(group, first_column[group.group], out);
    for (int c = 0; c < outer_.components(); ++c) {
      out.components.push_back({members.begin[c], members.begin[c + 1], {}, outer_.component[c], {}, {}});
    }
  }

  void add_grams(ComponentPanels& out) const {
    Index position = 0;
    const Index k = stats_.k();
    for (Index c = 0; c < length(out.components); ++c) {
      ComponentPanels::Component& component = out.components[c];
      const Index effects = indices_.size[c];
      const Eigen::Map<const Matrix> gram(outer_.gram.data() + position, effects, effects + k);
      position += gram.size();
      set_effects(c, component);
      component.gram = gram.leftCols(effects);
      component.rhs.resize(effects, out.k);
      to_fixed_basis(gram.rightCols(k), fixed_, component.rhs);
      change_basis(c, component);
    }
  }

 private:
  void fill(const ComponentPanels::Group& group, Index first_column, ComponentPanels& out) const {
    const Index q = out.inner_q(), i = group.group;
    Eigen::Map<Matrix> panel(out.data.data() + group.first, q, out.columns(group));
    panel.leftCols(q).noalias() = stats_.R.middleCols(i * q, q).lazyProduct(inner_basis_);
    Index column = 0;
    for (int block : outer_.blocks_of(i)) {
      const Index w = outer_.width(block);
      const Matrix& basis = bases_[outer_.block_factor[block]];
      panel.middleCols(q + column, w).noalias() = outer_.B.middleCols(first_column + column, w).lazyProduct(basis);
      column += w;
    }
    to_fixed_basis(stats_.B.middleCols(i * stats_.k(), stats_.k()), fixed_, panel.rightCols(out.k));
  }

  void set_effects(Index c, ComponentPanels::Component& component) const {
    component.first_effect.assign(outer_.factors.size() + 1, 0);
    for (int b = outer_.component[c]; b < outer_.component[c + 1]; ++b)
      component.first_effect[outer_.block_factor[b] + 1] += outer_.width(b);
    for (Index f = 0; f < length(outer_.factors); ++f) component.first_effect[f + 1] += component.first_effect[f];
  }

  void change_basis(Index c, ComponentPanels::Component& component) const {
    for (int b = outer_.component[c]; b < outer_.component[c + 1]; ++b) {
      const Index first = indices_.first[b], w = outer_.width(b);
      const Matrix& basis = bases_[outer_.block_factor[b]];
      component.gram.middleCols(first, w) *= basis;
      component.gram.middleRows(first, w) = (basis.transpose() * component.gram.middleRows(first, w)).eval();
      component.rhs.middleRows(first, w) = (basis.transpose() * component.rhs.middleRows(first, w)).eval();
    }
  }

  const GroupStats& stats_;
  const OuterStats& outer_;
  const FixedBasis& fixed_;
  Matrix inner_basis_;
  std::vector<Matrix> bases_;
  EffectIndices indices_;
};

}  // namespace

ComponentPanels::ComponentPanels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random)
    : q(stats.q), k(fixed.rank() + 1), inner(stats.inner), factors(stats.outer.factors) {
  const Builder builder(stats, fixed, random);
  builder.add_groups(*this);
  builder.add_grams(*this);
  Matrix R0(stats.k(), k);
  to_fixed_basis(stats.R0, fixed, R0);
  pooled = R0.transpose() * R0;
}

}  // namespace mixest
