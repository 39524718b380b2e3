// Clusters: groups of rows that are independent of each other, read one by one.
#pragma once

#include "../../base/types.h"

namespace mixest {

// Orthogonally reduced rows [X e] in the axes of their covariance, Var(e) = diag(variance) in units
// of sigma^2, the columns of X such that the sum of X'V^{-1}X over clusters is the identity. Rows
// that are left out have X = 0 and V = I.
struct GroupRows {
  Matrix X;         // r x rank
  Vector e;         // r
  Vector variance;  // r, descending, at least 1
};

// From rows with Var(e) = I + RL RL' in the first rows, as many as RL has, and I in the others; RL
// has at least as many columns as rows. Its singular values keep the digits that I + RL RL' would
// lose.
GroupRows in_principal_axes(const Matrix& X, const Vector& e, const Matrix& RL);

class ClusterSource {
 public:
  virtual ~ClusterSource() = default;
  virtual Index groups() const = 0;
  virtual Index clusters() const = 0;  // groups that have rows of positive weight
  virtual Index rank() const = 0;
  virtual GroupRows read(Index group) const = 0;
};

}  // namespace mixest
