#include "without_inner_effects.h"

#include <cmath>

#include "../linear_algebra/rank.h"
#include "../linear_algebra/row_pool.h"

namespace mixest {

namespace {

// Is every effect of the group seen beside those before it?
bool tells_all_apart(const Eigen::Ref<const Matrix>& R) {
  for (Index j = 0; j < R.cols(); ++j)
    if (!(std::abs(R(j, j)) > 1e-9 * R.col(j).norm())) return false;
  return true;
}

// Adds C_J'[C_J C] of rows [C_J C] of group i.
void add_to_gram(const GroupStats& stats, const EffectIndices& indices, Index i, const Matrix& rows, Vector& gram) {
  const OuterStats& outer = stats.outer;
  std::vector<Index> effect;
  int component = 0;
  for (int block : outer.blocks_of(i)) {
    component = outer.component_of(block);
    for (Index j = 0; j < outer.width(block); ++j) effect.push_back(indices.first[block] + j);
  }
  const Index J = length(effect), k = stats.k();
  const Index Q = indices.size[component];
  Eigen::Map<Matrix> component_gram(gram.data() + indices.gram_starts(k)[component], Q, Q + k);
  const Matrix products = rows.leftCols(J).transpose() * rows;
  for (Index c = 0; c < J + k; ++c)
    for (Index r = 0; r < J; ++r) component_gram(effect[r], c < J ? effect[c] : Q + c - J) += products(r, c);
}

}  // namespace

// The rows of [B_iJ B_i] beside which R_i has nothing are left over too.
WithinGroups without_inner_effects(const GroupStats& stats, const EffectIndices& indices) {
  const Index q = stats.inner_q(), k = stats.k();
  const std::vector<Index> first = stats.outer.first_columns();
  Vector magnitude(q);
  for (Index j = 0; j < q; ++j) magnitude[j] = stats.u.magnitude[stats.inner[j]];
  RowPool pool(stats.p, 1);
  pool.add(stats.R0);
  WithinGroups out{Matrix(), 0, stats.outer.gram};
  for (Index i = 0; i < stats.m; ++i) {
    const auto R = stats.R.middleCols(i * q, q);
    if (tells_all_apart(R)) {
      out.effects += static_cast<double>(q);
      continue;
    }
    const Index J = stats.outer.empty() ? 0 : first[i + 1] - first[i];
    Matrix group(q, q + J + k);
    group.leftCols(q) = R;
    if (J > 0) group.middleCols(q, J) = stats.outer.B.middleCols(first[i], J);
    group.rightCols(k) = stats.B.middleCols(i * k, k);
    const RankDecision rank = decide_rank(group, static_cast<int>(q), magnitude, static_cast<double>(q));
    const Index seen = length(rank.kept);
    out.effects += static_cast<double>(seen);
    const Matrix rest = rank.rest.bottomRows(q - seen);
    pool.add(rest.rightCols(k));
    if (J > 0) add_to_gram(stats, indices, i, rest, out.gram);
  }
  out.factor = pool.triangle_with(0);
  return out;
}

}  // namespace mixest
