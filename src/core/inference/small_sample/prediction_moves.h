// How predictions x'beta^ + u'gamma^ and the variances of their errors move with the covariance
// parameters, in the independent directions of vcov_jacobian.h, each a standard error long.
//
// With z = F'x - (Psi U'V^{-1}X Tc^{-1})'u, the error of beta as it reaches the prediction, the
// error has variance sigma^2 (z'z + u'cov u) (predicted_rows.h). Along A, with
// [kappa_X kappa_y] = d(u'Psi E) Tc^{-1},
//
//     d (z'z + u'cov u) = d u'cov u - 2 kappa_X'z + z'M_A z
//     d (x'beta^ + u'gamma^) = r (kappa_y - z'a_A)
#pragma once

#include "../../random_effects/predicted_rows.h"
#include "kenward_roger.h"

namespace mixest {

struct PredictionMoves {
  Matrix variance;    // rows x directions: of the variance / sigma^2, sigma held
  Matrix prediction;  // rows x directions, in units of r
  Vector log_sigma2;  // of log sigma^2 along each direction: -m
};

// `moves`: at `lambda`, of the problem as it is (its origin of y too); `Z`: rows x p, the z above.
PredictionMoves prediction_moves(const Problem& problem, const VcovJacobian& moves, const Matrix& lambda,
                                 const EffectRows& rows, const Matrix& Z);

}  // namespace mixest
