// One-sided Jacobi rotations: an orthogonal K that makes the columns of T K orthogonal.
//
// T K = U S then holds the eigenvectors U and the roots S of the eigenvalues of G = T T'. For a
// graded T = diag(d) B, B lower triangular and well conditioned, d descending, each eigenvalue and
// each element of U is accurate relative to its own size, however far apart the d_i are; G itself
// has lost the small ones. Demmel & Veselic (1992), SIAM J. Matrix Anal. Appl. 13, 1204-1245.
#pragma once

#include "../base/types.h"

namespace mixest {

// T K.
Matrix with_orthogonal_columns(Matrix T);

}  // namespace mixest
