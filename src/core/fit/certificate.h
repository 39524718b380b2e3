// Is this the optimum? The conditions at a canonical theta, in numbers that do not depend on units.
//
// A parameter is at the boundary when Psi does not move with it to first order (a zero standard
// deviation, a zero pivot of the Cholesky factor, a correlation at its limit: every structure is
// parametrised so). There the gradient vanishes by itself and the curvature is the multiplier of
// the boundary. On the other, free, parameters the usual conditions hold. For `us` the multiplier
// is checked where the parametrisation does not matter, in Psi itself: G Psi = 0 and G positive
// semi-definite on all of R^q.
#pragma once

#include <limits>

#include "../optimizer/objective.h"
#include "problem.h"

namespace mixest {

struct Certificate {
  double gradient = 0;  // largest |g_a| / sqrt(curvature_a): the distance to the optimum in standard errors, about
  double newton_decrement = 0;   // g'H^{-1}g / 2 on the free directions: what is left in the deviance
  double hessian_min_eigen = 0;  // on the free directions, each scaled by its share of log|H|; NaN when there is none
  double kkt_min_eigen = 0;      // smallest multiplier, scaled by sum S_i
  std::vector<int> ranks;        // of Psi, per term
  std::vector<int> flat;         // parameters that take part in a direction without curvature, ascending
  bool at_boundary = false;

  void add_flat(int parameter);
  bool holds(double tolerance) const;
};

// The point with the Psi of `theta` from which the deviance falls most steeply: where a parameter
// has lost its influence (a correlation beside a zero standard deviation) each of its values is to
// be tried. `multiplier`, scaled as above, is infinite in the interior.
struct FalseBoundary {
  double multiplier = std::numeric_limits<double>::infinity();
  Vector point;
};

FalseBoundary worst_boundary(const Problem& problem, const Vector& theta, const Evaluation& likelihood);

Certificate certify(const Problem& problem, const Vector& theta, const ObjectiveValue& evaluation,
                    const Evaluation& likelihood);

}  // namespace mixest
