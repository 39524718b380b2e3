// What one inner group adds beside the outer effects of its component (component_derivatives.h for
// the formulas), q effects, J outer ones:
//
//     P = W_R'W_J,   K = P N P',   alone = W_R'W_R,   S = alone - K,   V = (W_R'W_B - P N G) Tc^{-1}
#pragma once

#include "couplings.h"

namespace mixest {

struct GroupBlocks {
  Matrix P;            // q x J, in the first J columns
  Matrix K, alone, S;  // q x q
  Matrix V;            // k x q: V_i transposed

  GroupBlocks(Index q, Index k) : K(q, q), alone(q, q), S(q, q), V(k, q) {}

  // `W`: the group's whitened panel; `effect`: its outer effects in the component; `NG`:
  // effects x k, or fewer columns of G, as V then has.
  void set(const double* W, const int* effect, Index J, const Matrix& N, const Matrix& NG, const Matrix& triangle);

 private:
  template <int Q>
  void set_sized(const double* W, const int* effect, Index J, const Matrix& N, const Matrix& NG,
                 const Matrix& triangle);

  Matrix NP_;
};

}  // namespace mixest
