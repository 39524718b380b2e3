// The matrices that couple the outer effects of one component at a relative covariance
// (component_state.h):
//
//     cov    = (Psi_2^{-1} + gram)^{-1} = Lambda_2 H_2^{-1} Lambda_2',   Var(gamma_2 | y) / sigma^2
//     shrink = I - cov gram
//     S      = gram - gram cov gram = U_2'V^{-1}U_2
//
// Where Psi_2 is regular and Psi_2 gram nowhere small, S = Psi_2^{-1} - Psi_2^{-1} cov Psi_2^{-1}
// and shrink = cov Psi_2^{-1} save products of large matrices and lose nothing; elsewhere they
// would subtract nearly equal numbers.
#pragma once

#include "component_state.h"

namespace mixest {

struct Couplings {
  Matrix cov, shrink, S;
  bool scaled;  // shrink = cov Psi_2^{-1} holds to full accuracy
  bool zero;    // Psi_2 = 0: cov = 0, shrink = I

  Couplings(const ComponentPanels::Component& component, const ComponentState& state, const LambdaBlocks& lambda);
};

}  // namespace mixest
