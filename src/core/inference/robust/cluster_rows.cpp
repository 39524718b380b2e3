#include "cluster_rows.h"

#include <algorithm>
#include <map>
#include <utility>

#include "../../linear_algebra/householder.h"

namespace mixest {

ClusterRowsReader::ClusterRowsReader(const ScaledRows& rows, const std::vector<int>& cluster, Index clusters)
    : rows_(rows), members_(clusters) {
  for (Index i = 0; i < length(cluster); ++i) members_[cluster[i]].push_back(i);
}

GroupRows ClusterRowsReader::read(Index cluster) const {
  const std::vector<Index>& members = members_[cluster];
  const Index n = length(members), q = rows_.UL.cols();

  // The column of UL_c of each effect of each level that the cluster has.
  std::map<std::pair<int, Index>, Index> place;  // (level, column of U)
  const auto level = [&](Index j, Index row) { return rows_.levels[rows_.column_factor[j]][row]; };
  for (Index row : members)
    for (Index j = 0; j < q; ++j) place.emplace(std::make_pair(level(j, row), j), length(place));

  const Index effects = length(place);
  Matrix block = Matrix::Zero(n, effects + rank() + 1);
  for (Index i = 0; i < n; ++i) {
    const Index row = members[i];
    for (Index j = 0; j < q; ++j) block(i, place.at({level(j, row), j})) = rows_.UL(row, j);
    block.row(i).segment(effects, rank()) = rows_.X.row(row);
    block(i, effects + rank()) = rows_.e[row];
  }
  triangularize(block, effects + rank());

  const Index kept = std::min(n, effects + rank());
  return in_principal_axes(block.block(0, effects, kept, rank()), block.col(effects + rank()).head(kept),
                           block.topLeftCorner(std::min(kept, effects), effects));
}

}  // namespace mixest
