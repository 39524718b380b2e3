// Best linear unbiased predictions of the random effects, from the condensed data alone.
//
// With V = I + U Psi U' (in units of sigma^2), for the effects of any level
//
//     gamma_l = Psi U_l'V^{-1} (y - X beta),      d gamma_l / d beta = -Psi U_l'V^{-1} X
//     Var(gamma | y) = sigma^2 (Psi^{-1} + U'U)^{-1} =: sigma^2 C,   beta as known
//
// One grouping factor, or the inner one: C_ii = M_i M_i',  M_i = Lambda Delta^{-1} with Delta the
// triangular factor of [I; R_i Lambda]; no difference of covariances is formed. Outer effects
// (several_factors/component_derivatives.h): C_22 = N, and for the inner ones beside them
//     gamma_i = Psi_1 U_i'V_1^{-1} (y - X beta - U_2 gamma_2),   C_ii = M_i M_i' + D_i N D_i',   C_i2 = -D_i N,   D_i = Psi_1 P_i
#pragma once

#include <vector>

#include "../base/execution.h"
#include "../likelihood/random_basis.h"
#include "level_effects.h"

namespace mixest {

// The grouping factors in their order. `lambda` (q x q): relative covariance factor in the user's
// columns; `triangle`: Tc there (marginal_likelihood.h), any upper triangle where lambda is zero.
std::vector<LevelEffects> predict_random_effects(const GroupStats& stats, const FixedBasis& fixed,
                                                 const RandomBasis& random, const Matrix& lambda,
                                                 const Matrix& triangle, const Execution& execution);

// u'Cu for rows `U` (n x q, user's columns) that meet the levels `levels` (n x factors, from 0; -1:
// a level without data, whose effects have covariance Psi and are independent of all others).
Vector conditional_variances(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                             const Matrix& lambda, const Eigen::Ref<const Matrix>& U,
                             const Eigen::Ref<const Eigen::MatrixXi>& levels);

}  // namespace mixest
