// The groups as the likelihood reads them: R_i and B_i in the fit's bases, a few groups side by
// side.
//
// A pack holds the groups of one Lane (lane.h); entry (r, c) of the q x (q + k) panels [R_i | B_i]
// of its groups is one Lane, so that the small-matrix algebra of the kernels runs on several groups
// at a time. The last pack is filled up with groups of zeros: such a group has H = I and adds
// nothing to any sum.
//
// Random intercepts (q = 1): groups of the same R_i, that is of the same size, enter the likelihood
// only through their number c and the sum of their B_i'B_i. An orthogonal reduction of their rows
// B_i to k rows keeps that sum; k groups with these rows and one group of zero B_i that counts
// c - k times stand for all of them.
#pragma once

#include "../fixed_basis.h"
#include "../random_basis.h"
#include "lane.h"

namespace mixest {

using LaneArray = Eigen::Array<double, lanes, Eigen::Dynamic>;  // one Lane a column

struct Panels {
  int q = 0;
  int k = 0;        // rank of X, plus 1 for y
  Index m = 0;      // groups in `data`
  LaneArray data;   // pack after pack, each q (q + k) lanes, column-major in (r, c)
  LaneArray count;  // one Lane a pack: how often each group counts; empty when every group counts once
  Matrix pooled;    // R_0'R_0 in the fit's basis, k x k

  Index packs() const { return (m + lanes - 1) / lanes; }
  Index entries() const { return static_cast<Index>(q) * (q + k); }
  bool repeated() const { return count.cols() > 0; }
};

Panels make_panels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, int threads = 1);

// [B_iX b_iy] or R_0, condensed columns -> fit columns. `out`: rows(columns) x (rank + 1).
void to_fixed_basis(const Eigen::Ref<const Matrix>& columns, const FixedBasis& fixed, Eigen::Ref<Matrix> out);

}  // namespace mixest
