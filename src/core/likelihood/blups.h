// Best linear unbiased predictions of the random effects and their conditional covariances, from the condensed data alone.
//
//     gamma_i = Psi R_i'H_i^{-1} (b_iy - B_iX beta),     H_i = I + R_i Psi R_i'
//     Var(gamma_i | y) = sigma^2 Lambda (I + F_i'F_i)^{-1} Lambda' = sigma^2 M_i M_i',   F_i = R_i Lambda,   beta as known
//
// M_i = Lambda C^{-1} with C the triangular factor of [I; F_i]: no difference of covariances is formed.
//
// Errors of beta reach the predictions: for vcov(beta) = sigma^2 F F' they move gamma_i by (d gamma_i / d beta') F times a standard normal vector.
#pragma once

#include "../data/fixed_basis.h"
#include "../data/random_basis.h"

namespace mixest {

struct Blups {
  Matrix gamma;   // q x m, user's columns of U, units of y
  Matrix factor;  // q x (q m): the M_i side by side
  Matrix carried; // q x (rank m): the (d gamma_i / d beta') F side by side
};

// `lambda` (q x q): relative covariance factor in the user's columns. `b`: coefficients of y_basis on X_basis (fixed_basis.h), with covariance
// b_factor b_factor' in units of sigma^2.
Blups predict_random_effects(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda,
                             const Vector& b, const Matrix& b_factor);

}  // namespace mixest
