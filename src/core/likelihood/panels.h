// The groups as the likelihood reads them: R_i and B_i in the fit's bases, eight groups side by side.
//
// A pack holds eight groups; entry (r, c) of the q x (q + k) panels [R_i | B_i] of its groups is one Lane of eight numbers, so that
// the small-matrix algebra of the kernels runs on eight groups at a time. The last pack is filled up with groups of zeros: such a
// group has H = I and adds nothing to any sum.
#pragma once

#include "../data/fixed_basis.h"
#include "../data/random_basis.h"

namespace mixest {

constexpr int lanes = 8;
using LaneArray = Eigen::Array<double, lanes, Eigen::Dynamic>;  // one Lane a column

struct Panels {
  int q = 0;
  int k = 0;        // rank of X, plus 1 for y
  Index m = 0;
  LaneArray data;   // pack after pack, each q (q + k) lanes, column-major in (r, c)
  Matrix pooled;    // R_0'R_0 in the fit's basis, k x k

  Index packs() const { return (m + lanes - 1) / lanes; }
  Index entries() const { return static_cast<Index>(q) * (q + k); }
};

Panels make_panels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random);

// [B_iX b_iy] or R_0, condensed columns -> fit columns.
Matrix to_fixed_basis(const Matrix& columns, const FixedBasis& fixed);

}  // namespace mixest
