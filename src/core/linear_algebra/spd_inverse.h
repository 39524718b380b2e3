// The inverse of a symmetric positive definite matrix, from its triangular factor.
//
// With L = [L1 0; K L2] both steps, X = L^{-1} and X'X, split in halves down to small blocks, so
// that they are products of triangular matrices:
//     L^{-1} = [X1 0; Y  X2],   Y = -X2 K X1,      X'X = [X1'X1 + Y'Y  Y'X2; .  X2'X2]
// Together 2/3 n^3 operations, as LAPACK's potri; solving for the columns of I would take 2 n^3.
#pragma once

#include "../base/types.h"

namespace mixest {

// (L L')^{-1}, both triangles; only the lower triangle of `L` is read.
Matrix inverse_from_factor(const Eigen::Ref<const Matrix>& L);

}  // namespace mixest
