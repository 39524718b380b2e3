// GroupStats: everything the likelihood needs to know about the rows.
//
// Write [U_i | X_i y_i] for the rows of group i, multiplied by the square roots of their weights.
// With an orthogonal Q_i,
//
//               q     k = p + 1                       rows
//     Q_i' * [ U_i | X_i y_i ]  =  [ R_i | B_i ]      q           kept for every group
//                                  [  0  | C_i ]      n_i - q     pooled: R_0'R_0 = sum_i C_i'C_i
//
// and V_i = sigma^2 (I + U_i Psi U_i') is turned into I + R_i Psi R_i' on the first q rows and I on
// the others, so that (R_i, B_i, R_0) carry the whole likelihood. A group with fewer than q rows
// has zero rows in R_i and B_i.
//
// What asks for single groups (robust covariances, deletion, resampling of groups) needs each C_i
// as well, reduced to its triangle: they are kept on request, since nothing else does.
//
// The columns are condensed after a shift and a scaling that make the reduction lose nothing:
//     x_j -> (x_j - shift_j 1) / scale_j,   and so for U and y,
// where shifts are used only in a design (or a term) with 1 in its span, 1 = X a, and only for
// columns behind those of a.
//
// With several grouping factors this is done for one of them, the `inner` one, whose levels are the
// groups i and whose columns are the U_i above; the columns of the others are taken along beside
// [X y] (outer_stats.h).
#pragma once

#include "outer_stats.h"

namespace mixest {

// How the columns of one matrix were changed before condensation.
struct ColumnUnits {
  Vector shift;      // subtracted, in user units
  Vector scale;      // divided by afterwards; a power of two
  Vector magnitude;  // largest |entry| before the shift, in units of `scale`: the data are rounded to eps * magnitude
  Vector constant;   // a, the combination that gives 1; zeros when none is known
};

// Group by group what GroupStats otherwise holds summed up. Empty when it was not kept.
struct GroupRemainders {
  Matrix C;            // k (k + 1) / 2 x m: the triangles of the C_i, upper, column by column
  Vector n_obs;        // m: rows of positive weight
  Vector log_weights;  // m: sums over these rows

  bool kept() const { return C.cols() > 0; }
};

struct GroupStats {
  int q = 0;               // columns of U
  int p = 0;               // columns of X
  Index m = 0;             // groups
  std::vector<int> inner;  // columns of U of the inner factor, ascending; with one grouping factor all
  int inner_factor = 0;    // its number among the grouping factors
  Matrix R;                // q x (q m): R_i side by side; here and below q stands for inner_q()
  Matrix B;                // q x (k m): B_i side by side
  Matrix R0;               // k x k upper triangular
  Index n_obs = 0;         // rows of positive weight
  double sum_log_weights = 0;
  GroupRemainders remainders;
  ColumnUnits x;            // p
  ColumnUnits u;            // q; `constant` holds each term's own combination in the term's columns
  std::vector<int> u_term;  // term (from 0) of each column of U
  double y_shift = 0;
  double y_scale = 1;
  double y_magnitude = 0;

  OuterStats outer;  // empty with one grouping factor

  int k() const { return p + 1; }
  int inner_q() const { return static_cast<int>(inner.size()); }
  Index levels(int column) const;  // of the grouping factor of a column of U
};

// Upper triangles packed column by column: k (k + 1) / 2 numbers.
Vector pack_triangle(const Matrix& triangle);
Matrix unpack_triangle(const Eigen::Ref<const Vector>& packed, Index k);

}  // namespace mixest
