// What the optimiser minimises: a smooth function with exact gradient and Hessian.
#pragma once

#include "../base/types.h"

namespace mixest {

struct ObjectiveValue {
  bool finite = false;  // false: outside the domain; the other members are then not set
  double value = 0;
  Vector gradient;
  Matrix hessian;
};

class Objective {
 public:
  virtual ~Objective() = default;
  virtual ObjectiveValue evaluate(const Vector& x) = 0;

  // Size of the rounding errors in `value`: smaller differences say nothing.
  virtual double value_noise(double value) const = 0;
};

}  // namespace mixest
