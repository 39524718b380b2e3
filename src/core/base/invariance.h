// What covariance structures tell the basis of U about themselves.
#pragma once

namespace mixest {

// Changes of basis U -> U A (A invertible, within a term) under which a structure describes the
// same set of models.
enum class Invariance {
  linear,          // any A
  column_scaling,  // A diagonal
  common_scaling   // A a multiple of the identity
};

}  // namespace mixest
