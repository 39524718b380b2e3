// Do the data determine the covariance parameters at all? A question about the design, whatever y
// is.
//
// With N the projection off X, the error contrasts have covariance  sigma^2 N + N U D U'N  (all
// groups together), so a direction dPsi and sigma^2 are told apart only when the matrices
//     N,   N U A_1 U'N,   N U A_2 U'N, ...    A_a: directions in which the structure can move Psi
// are linearly independent. Their Gram matrix is the REML information at Psi = 0; all its entries
// come from the groups. It is singular for groups of one row, for n_i = q rows of one common
// design, for a slope that is constant within groups and has too few values, and when X already
// holds the random effects' columns (a factor both fixed and random).
#pragma once

#include "../likelihood/marginal_likelihood.h"
#include "problem.h"

namespace mixest {

// Parameters (indices into theta) that take part in a direction without information; empty when all
// is well. A structure's directions are asked for at `theta` and at a Psi of no special form (for
// `us` they are the same everywhere). What a design can't tell it can't tell at both: at the
// boundary some parameters lose their direction whatever the design, and elsewhere the directions
// may be all but dependent in the user's units.
std::vector<int> unidentified_parameters(const Problem& problem, MarginalLikelihood& likelihood, const Vector& theta);

}  // namespace mixest
