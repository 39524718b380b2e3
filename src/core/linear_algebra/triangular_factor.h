// Lower triangular factors, also of singular matrices.
//
// From a factor M (q x k) of Psi = M M', never formed: an orthogonal Q with M = L Q gives Psi = L
// L'. The rows of M are reduced from the top, each by one Householder reflection of the columns
// that no earlier row has used:
//
//       x x x        l . .        l . .
//   M = x x x   ->   x x x   ->   x l .      the part of a row in the unused columns is its
//       x x x        x x x        x x x      remainder, its norm the pivot
//
// Row i's pivot is the standard deviation of component i given the components above it. A row whose
// remainder is negligible is a combination of the rows above: its pivot becomes an exact zero,
// column i of L is zero, and the unused columns stay for the next row. Among all lower triangular L
// with L L' = Psi, also for singular Psi, this one (pivots >= 0, a zero column under a zero pivot)
// is unique.
//
// Each row's rounding error is relative to that row's own norm, so rows of very different scale
// (columns of U in different units) do not disturb each other. Squaring into Psi first would lose
// half of the digits of a small pivot.
#pragma once

#include "../base/types.h"

namespace mixest {

// L (q x q). The remainder of row i counts as zero when its norm is at most negligible(i).
Matrix lower_triangular_factor(const Matrix& M, const Vector& negligible);

// The same, the remainder of a row compared with `tolerance` times the norm of the whole row.
Matrix lower_triangular_factor(const Matrix& M, double tolerance);

// L for a given positive semi-definite `psi` (q x q), by a Cholesky decomposition with complete
// pivoting of its correlations, so that L L' differs from psi by rounding errors only, singular or
// not. Of a psi with negative eigenvalues it leaves a rest.
Matrix semidefinite_factor(const Matrix& psi);

}  // namespace mixest
