// A moment estimate of Psi from which the optimiser starts.
//
// For ordinary least squares residuals b_i (the y-column of B_i in the fit's basis) and the residual variance s^2 within groups,
//     E[R_i'b_i b_i'R_i] ~ s^2 (A_i + A_i Psi A_i),   A_i = R_i'R_i,
// summed over groups and solved with A_i Psi A_i replaced by its average through (mean A_i^2)^{1/2}; eigenvalues are kept above a
// floor, because a start on the boundary has no gradient there.
#pragma once

#include "../likelihood/panels.h"

namespace mixest {

// `variance`: s^2 in units of the fit's basis of y, > 0.
Matrix moment_start(const Panels& panels, double variance);

}  // namespace mixest
