// Stationary correlation matrices Cor_ij = c_|i-j| (c_0 = 1) and their partial autocorrelations
// p_m = sin t_m.
//
// p_m is the correlation of two values m steps apart given those between them. (p_1, .., p_{q-1})
// in [-1, 1]^{q-1} <-> positive semi-definite Cor: one to one inside, and onto with the boundary,
// where a p_m = +-1 makes Cor singular and the later p without influence.
//
// The map by rotations. Write the values of a stationary series as vectors y_0, y_1, .. with
// <y_i, y_j> = c_|i-j|, in the orthonormal basis e_0, e_1, .. that their Gram-Schmidt process
// gives (so that the y_m are the rows of Cor's triangular factor). The step from each value to the
// next is one orthogonal map,
//
//   y_{m+1} = Rot_1 Rot_2 .. Rot_{m+1} y_m,    y_0 = e_0,    c_m = <e_0, y_m>
//
//   Rot_j on (e_{j-1}, e_j):  | sin t_j    cos t_j |
//                             | cos t_j   -sin t_j |
//
// and since the last coordinate of y_m is cos t_1 .. cos t_m, c_{m+1} is linear in p_{m+1} with the
// slope v_m = (cos t_1 .. cos t_m)^2, the variance of a value given the m before it. The
// Durbin-Levinson recursion computes the same, but its coefficients grow like 2^m when partial
// autocorrelations are near +-1 and cancel in c; vectors of length 1 do not.
//
// Barndorff-Nielsen & Schou (1973), Journal of Multivariate Analysis 3, 408-419, for the
// parametrisation.
#pragma once

#include "../base/hyper_dual.h"

namespace mixest {

// (t_1, .., t_n) -> (c_0, .., c_n)
HyperVector lags_from_angles(const HyperVector& angles);

// (c_0, .., c_n) -> t in [-pi/2, pi/2]^n; p is cut to [-1, 1] where Cor is not positive
// semi-definite, 0 where it has no influence.
Vector angles_from_lags(const Vector& lags);

}  // namespace mixest
