// The matrices that couple the outer effects of one component at a relative covariance
// (component_state.h):
//
//     N = (Psi_2^{-1} + A)^{-1} = Lambda M^{-1} Lambda',      Z = I - N A,      S = A - A N A = U_2'V^{-1}U_2
//
// Where Psi_2 is regular and Psi_2 A nowhere small, S = Psi_2^{-1} - Psi_2^{-1} N Psi_2^{-1} and
// Z = N Psi_2^{-1} save products of large matrices and lose nothing; elsewhere they would subtract
// nearly equal numbers.
#pragma once

#include "component_state.h"

namespace mixest {

struct Couplings {
  Matrix N, Z, S;
  bool scaled;  // Z = N Psi_2^{-1} holds to full accuracy
  bool zero;    // Psi_2 = 0: N = 0, Z = I

  Couplings(const ComponentPanels::Component& component, const ComponentState& state, const LambdaBlocks& lambda);
};

}  // namespace mixest
