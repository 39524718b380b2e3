// The origin of each column within a group, subtracted before the group is reduced and put back
// afterwards.
//
// Where the columns of U of the grouping factor have 1 in their span, 1 = U a, a group's first
// value v of a column may be subtracted before the orthogonal reduction and put back in the reduced
// column as v R a: differences within the group keep their digits however far the groups lie apart.
#pragma once

#include "../condensed/group_stats.h"
#include "../linear_algebra/householder.h"

namespace mixest {

// Condensed numbers are (x - value) / scale + pilot.
struct Origin {
  double value;
  double pilot;
};

class GroupOrigins {
 public:
  // `columns`: those of U of the grouping factor, in the order of the block that is reduced; `u`
  // and `u_term` are about all columns of U.
  GroupOrigins(const ColumnUnits& u, const std::vector<int>& columns, const std::vector<int>& u_term);

  // Of the j-th column of U in the block, whose first value in the group is `first`.
  Origin of_random(Index j, double first, double shift, double scale) const {
    return origin(first, shift, scale, j >= first_centred_);
  }

  // Of a column of X or y.
  Origin of_fixed(double first, double shift, double scale) const { return origin(first, shift, scale, spans_one_); }

  // `filled`: rows of the reduced block [R ..]; `column(c)`: where the column of origins[c] stands
  // in it.
  template <typename Place>
  void put_back(const std::vector<Origin>& origins, Index filled, const Place& column, Matrix& block) const {
    const Vector one = block.topLeftCorner(filled, combination_.size()) * combination_;  // the reduced column of ones
    for (Index c = 0; c < length(origins); ++c)
      if (origins[c].pilot != 0) block.col(column(c)).head(filled) += origins[c].pilot * one;
  }

 private:
  Origin origin(double first, double shift, double scale, bool centred) const {
    return centred ? Origin{first, (first - shift) / scale} : Origin{shift, 0};
  }

  Vector combination_;   // a in condensed units; zeros when there is none
  Index first_centred_;  // first column behind those of a; their number when there is none
  bool spans_one_;
};

}  // namespace mixest
