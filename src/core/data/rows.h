// The rows of one block of data as they arrive: views of memory that belongs to the caller.
#pragma once

#include "../types.h"

#include <vector>

namespace mixest {

using MatrixView = Eigen::Map<const Matrix>;

struct Rows {
  MatrixView X;           // n x p
  MatrixView U;           // n x q
  MatrixView Y;           // n x r: one or more responses
  const int* group;       // n, 1..m: levels of the grouping factor, with several of the inner one
  const double* weights;  // n, >= 0, or null: all 1
  const double* offset;   // n, or null: all 0

  Index n() const { return X.rows(); }
  double response(Index i, Index j) const { return offset ? Y(i, j) - offset[i] : Y(i, j); }
  bool counts(Index i) const { return !weights || weights[i] > 0; }
};

// What is known of the design before the rows are read.
struct Layout {
  Index groups;              // m, of `group`
  Vector constant_x;         // p: a with X a = 1 on every row, or zeros
  Vector constant_u;         // q: the same within each term's columns
  std::vector<int> u_term;   // q: the term (from 0) of each column of U
};

}  // namespace mixest
