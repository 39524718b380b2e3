// The directions in which the estimated Psi can move: q x q, symmetric, block diagonal.
#pragma once

#include <vector>

#include "covariance_model.h"

namespace mixest {

struct Directions {
  std::vector<int> parameters;  // of theta, one for each direction
  std::vector<Matrix> matrices;
};

// dPsi / dtheta_a of the parameters that move Psi to first order: at the boundary, the directions
// along it.
Directions free_directions(const CovarianceModel& covariance, const Vector& theta);

// Also those that lead away from the boundary: for `us` every symmetric matrix; for others, where
// the first derivative vanishes (a zero standard deviation), the second, which is then how Psi
// begins to move. Parameters without any influence are left out.
Directions all_directions(const CovarianceModel& covariance, const Vector& theta);

}  // namespace mixest
