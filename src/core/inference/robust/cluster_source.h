// Clusters: groups of rows that are independent of each other, read one by one.
#pragma once

#include "../../base/types.h"

namespace mixest {

// Orthogonally reduced rows [X e] with Var(e) = V in units of sigma^2, the columns of X such that
// the sum of X'V^{-1}X over clusters is the identity. Rows that are left out have X = 0 and V = I.
struct GroupRows {
  Matrix X;  // r x rank
  Vector e;  // r
  Matrix V;  // r x r
  Matrix L;  // lower triangular, V = L L'
};

class ClusterSource {
 public:
  virtual ~ClusterSource() = default;
  virtual Index groups() const = 0;
  virtual Index clusters() const = 0;  // groups that have rows of positive weight
  virtual Index rank() const = 0;
  virtual GroupRows read(Index group) const = 0;
};

}  // namespace mixest
