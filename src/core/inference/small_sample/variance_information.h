// The covariance matrix of the estimated covariance parameters and log sigma, by which standard
// errors are found.
//
// The joint observed information is half of the Hessian of -2 log L, or of the REML criterion, in
// (theta, log sigma) at the estimate: there the derivatives with respect to log sigma come from the
// same sums as the profiled likelihood (joint_likelihood.h). It is inverted in the fit's parameters
// and basis, over those that move Psi to first order, so that what is at the boundary is held there
// in every structure; its inverse goes to the user's parameters by J, the derivative of the map
// between the two.
#pragma once

#include "../../fit/problem.h"

namespace mixest {

struct VarianceInformation {
  Matrix covariance;    // (d + 1) x (d + 1): the user's theta, log sigma; zero for what is held
  bool finite = false;  // false: the likelihood can't be evaluated, or its information is singular
};

// `theta`: the estimate in the user's parameters.
VarianceInformation variance_information(const Problem& problem, const Vector& theta);

}  // namespace mixest
