// Best linear unbiased predictions of the random effects, from the condensed data alone.
//
// With V = I + U Psi U' (in units of sigma^2), for the effects of any level
//
//     gamma_l = Psi U_l'V^{-1} (y - X beta),      d gamma_l / d beta = -Psi U_l'V^{-1} X
//     Var(gamma | y) = sigma^2 (Psi^{-1} + U'U)^{-1} =: sigma^2 cov,   beta as known
//
// One grouping factor, or the inner one: cov_ii = root_i root_i', root_i = Lambda Delta_i^{-1} with
// Delta_i the triangular factor of [I; R_i Lambda]; no difference of covariances is formed. Outer
// effects (several_factors/couplings.h): cov_22 = cov there, and for the inner ones beside them,
// with pull_i = Psi_1 U_i'V_1^{-1}U_2,
//     gamma_i = Psi_1 U_i'V_1^{-1} (y - X beta - U_2 gamma_2),
//     cov_ii = root_i root_i' + pull_i cov_22 pull_i',      cov_i2 = -pull_i cov_22
#pragma once

#include <vector>

#include "../base/execution.h"
#include "../likelihood/random_basis.h"
#include "level_effects.h"

namespace mixest {

// The grouping factors in their order. `lambda` (q x q): root of Psi in the user's columns;
// `triangle`: Tc there (marginal_likelihood.h), any upper triangle where lambda is zero.
std::vector<LevelEffects> predict_random_effects(const GroupStats& stats, const FixedBasis& fixed,
                                                 const RandomBasis& random, const Matrix& lambda,
                                                 const Matrix& triangle, const Execution& execution);

}  // namespace mixest
