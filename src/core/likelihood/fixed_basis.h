// The basis of X in which the likelihood is evaluated, and the way back to the user's columns.
//
// [X y] is known through the triangular factor of its cross-products (the R_0 and all B_i, stacked
// and reduced). With the columns of X that are kept (the first independent ones, in the user's
// order):
//
//     X_kept (condensed) = X_basis R_x,   X_basis'X_basis = I
//     y (condensed)      = X_basis f + spread * y_basis,   y_basis orthogonal to X_basis,
//                                                      of length sqrt(rows)
//
// so that no later product of columns cancels. `user_map` turns coefficients on the condensed
// columns into the user's:
//     beta_user = y_scale * user_map (R_x^{-1} (f + spread * b)) + y_shift a
#pragma once

#include <vector>

#include "../condensed/group_stats.h"

namespace mixest {

struct FixedBasis {
  std::vector<int> kept;      // columns of X, increasing
  std::vector<int> dropped;   // the others
  Matrix combination;         // rank x dropped: these as combinations of those kept, all condensed
  Matrix triangle;            // R_x, rank x rank
  Vector projection;          // f
  double spread = 1;          // scale of y_basis
  bool fits_exactly = false;  // y is in the span of X up to rounding of the data
  Matrix user_map;            // rank x rank
  Vector constant;            // a on the kept columns
  double log_det = 0;         // log |det| of the map X_user,kept = X_basis * map
  Matrix rotation;            // orthogonal: the likelihood sees X_basis * rotation; empty when it sees X_basis itself

  int rank() const { return static_cast<int>(kept.size()); }
};

FixedBasis choose_fixed_basis(const GroupStats& stats, int threads);

// Coefficients in the user's units of the coefficients `b` on X_basis of y_basis.
Vector user_coefficients(const FixedBasis& basis, const GroupStats& stats, const Vector& b);

// The same basis turned so that its last column belongs to the combination `weights` (length rank,
// not zero) of coefficients b: its coefficient is weights'b / |weights|.
FixedBasis with_last_combination(FixedBasis basis, const Vector& weights);

}  // namespace mixest
