// A moment estimate of Psi from which the optimiser starts.
//
// For ordinary least squares residuals y (in the fit's basis), with s^2 their variance within
// groups and every direction A_r of Psi,
//     E[y'U A_r U'y] ~ s^2 ( tr(S A_r) + sum_s psi_s tr(S A_r S A_s) ),   S = U'U,
// what X takes of the effects neglected. With the left-hand sides as observed these are linear
// equations for the psi_s (MINQUE(0); Searle, Casella and McCulloch 1992, chapter 11). Eigenvalues
// are kept above a floor, because a start on the boundary has no gradient there.
#pragma once

#include "../likelihood/likelihood_sums.h"

namespace mixest {

// `variance`: s^2 in units of the fit's basis of y, > 0.
Matrix moment_start(LikelihoodSums& sums, double variance);

}  // namespace mixest
