// A moment estimate of Psi from which the optimiser starts.
//
// For ordinary least squares residuals y (in the fit's basis) and the residual variance s^2 within groups, each factor seen alone,
//     E[U_l'y y'U_l] ~ s^2 (A_l + A_l Psi A_l),   A_l = U_l'U_l,
// summed over the factor's levels and solved with A_l Psi A_l replaced by its average through (mean A_l^2)^{1/2}; eigenvalues are kept
// above a floor, because a start on the boundary has no gradient there.
#pragma once

#include "../likelihood/likelihood_sums.h"

namespace mixest {

// `variance`: s^2 in units of the fit's basis of y, > 0.
Matrix moment_start(LikelihoodSums& sums, double variance);

}  // namespace mixest
