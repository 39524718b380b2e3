// The profiled deviance and its derivatives at parameters given by the user, in the user's
// parametrisation.
#pragma once

#include "../likelihood/marginal_likelihood.h"
#include "../optimizer/objective.h"
#include "problem.h"

namespace mixest {

// `user`: standard deviations and correlations, or Cholesky factors, in the user's columns
// (structure.h). Throws Misuse when `user` is outside a structure's parameter space. The gradient
// and the Hessian are set as far as `order` asks.
ObjectiveValue user_deviance(const Problem& problem, MarginalLikelihood& likelihood, const Vector& user, Order order);

}  // namespace mixest
