// What one inner group adds beside the outer effects of its component (component_derivatives.h for
// the formulas), q effects, J outer ones:
//
//     cross = W_R'W_J,   alone = W_R'W_R,   taken = cross cov cross',   S = alone - taken
//     Ew = (W_R'W_B - cross cov rhs) Tc^{-1}
#pragma once

#include "couplings.h"

namespace mixest {

struct GroupBlocks {
  Matrix cross;            // q x J, in the first J columns
  Matrix taken, alone, S;  // q x q
  Matrix Ew;               // k x q: Ew_i transposed

  GroupBlocks(Index q, Index k) : taken(q, q), alone(q, q), S(q, q), Ew(k, q) {}

  // `W`: the group's whitened panel; `effect`: its outer effects in the component;
  // `cov_rhs`: effects x k, or fewer columns of rhs, as Ew then has.
  void set(const double* W, const int* effect, Index J, const Matrix& cov, const Matrix& cov_rhs,
           const Matrix& triangle);

 private:
  template <int Q>
  void set_sized(const double* W, const int* effect, Index J, const Matrix& cov, const Matrix& cov_rhs,
                 const Matrix& triangle);

  Matrix cov_cross_;
};

}  // namespace mixest
