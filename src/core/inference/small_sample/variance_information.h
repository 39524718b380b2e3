// The joint observed information of the covariance parameters and sigma, by which their standard
// errors are found.
//
// Half of the Hessian of -2 log L, or of the REML criterion, in (theta, log sigma) with theta the
// user's parameters, at the estimate: there the derivatives with respect to log sigma come from the
// same sums as the profiled likelihood (joint_likelihood.h).
#pragma once

#include "../../fit/problem.h"

namespace mixest {

struct VarianceInformation {
  Matrix information;  // (d + 1) x (d + 1): theta, log sigma
  // d: Psi moves with this parameter to first order; where it does not, the estimate is at a
  // boundary
  std::vector<bool> moves;
  bool finite = false;
};

VarianceInformation variance_information(const Problem& problem, const Vector& theta);

}  // namespace mixest
