// Condensed data without one group, for every group in turn.
//
// R_i, B_i of the others are taken as they are. Their pooled rows, R_0'R_0 = sum of C_j'C_j over
// j != i, are never a difference: the triangles are merged along a binary tree of the groups, first
// upwards (what lies below each node), then downwards (what lies beside it),
//
//     beside(left child) = merge(beside(node), below(right child)),        beside(root) = nothing,
//
// so that all m of them cost 3 m merges of two triangles.
#pragma once

#include "group_stats.h"

namespace mixest {

// For packed triangles C (group_stats.h) of m groups, the triangle of all but one, for each in
// turn; packed, k (k + 1) / 2 x m.
Matrix pooled_without_each(const Matrix& C, Index k);

// Condensed data of all groups but one. `R0`: packed, from pooled_without_each(). There are no
// remainders.
GroupStats without_group(const GroupStats& stats, Index group, const Eigen::Ref<const Vector>& R0);

}  // namespace mixest
