#include "cluster_rows.h"

#include <Eigen/Cholesky>
#include <map>
#include <utility>

#include "../data/householder.h"

namespace mixest {

ClusterRowsReader::ClusterRowsReader(const ScaledRows& rows, const std::vector<int>& cluster, Index clusters)
    : rows_(rows), members_(static_cast<std::size_t>(clusters)) {
  for (std::size_t i = 0; i < cluster.size(); ++i)
    members_[static_cast<std::size_t>(cluster[i])].push_back(static_cast<Index>(i));
}

GroupRows ClusterRowsReader::read(Index cluster) const {
  const std::vector<Index>& members = members_[static_cast<std::size_t>(cluster)];
  const Index n = static_cast<Index>(members.size()), q = rows_.UL.cols();

  // The column of Z of each effect of each level that the cluster has.
  std::map<std::pair<int, Index>, Index> place;  // (level, column of U)
  const auto level = [&](Index j, Index row) {
    return rows_.levels[static_cast<std::size_t>(rows_.column_factor[static_cast<std::size_t>(j)])]
                       [static_cast<std::size_t>(row)];
  };
  for (Index row : members)
    for (Index j = 0; j < q; ++j) place.emplace(std::make_pair(level(j, row), j), static_cast<Index>(place.size()));

  const Index effects = static_cast<Index>(place.size());
  Matrix block = Matrix::Zero(n, effects + rank() + 1);
  for (Index i = 0; i < n; ++i) {
    const Index row = members[static_cast<std::size_t>(i)];
    for (Index j = 0; j < q; ++j) block(i, place.at({level(j, row), j})) = rows_.UL(row, j);
    block.row(i).segment(effects, rank()) = rows_.X.row(row);
    block(i, effects + rank()) = rows_.e[row];
  }
  triangularize(block, effects + rank());

  const Index kept = std::min(n, effects + rank());
  GroupRows out;
  out.X = block.block(0, effects, kept, rank());
  out.e = block.col(effects + rank()).head(kept);
  const Matrix R = block.topLeftCorner(kept, effects);
  out.V = Matrix::Identity(kept, kept);
  out.V.noalias() += R * R.transpose();
  out.L = Eigen::LLT<Matrix>(out.V).matrixL();
  return out;
}

}  // namespace mixest
