// Generalised least squares at one relative covariance, in the user's columns of X.
#pragma once

#include "problem.h"

namespace mixest {

struct FixedEffects {
  Vector beta;    // of the columns kept
  Matrix factor;  // F with Var(beta^) = sigma^2 F F'
};

FixedEffects fixed_effects(const Problem& problem, const Evaluation& evaluation);

// F, from the factor for the basis of X.
Matrix user_beta_factor(const FixedBasis& fixed, Matrix factor);

}  // namespace mixest
