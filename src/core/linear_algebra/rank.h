// Which columns of a triangular factor are independent of those before them.
#pragma once

#include <vector>

#include "../base/types.h"

namespace mixest {

struct RankDecision {
  std::vector<int> kept;     // independent columns, in order
  std::vector<int> dropped;  // the others
  Matrix triangle;           // kept columns reduced, rank x rank
  // the columns behind the first `candidates`, in the same basis: all rows, the first `rank` for
  // the kept columns
  Matrix rest;
  Matrix combination;  // rank x dropped: each dropped column as a combination of the kept ones
};

// Goes through the first `candidates` columns of `factor` (any number of rows) in order, as lm()
// does, and keeps a column when what is left of it after the kept ones is above its rounding level
//     max(1e-13 |column|, 16 eps magnitude_j sqrt(rows)),
// `magnitude` being the size of the entries before centring: digits that a shift has cost can't
// make a column independent.
RankDecision decide_rank(const Matrix& factor, int candidates, const Vector& magnitude, double rows);

}  // namespace mixest
