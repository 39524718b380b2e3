// Numbers that carry their exact derivatives in two directions.
//
//   f(x + h_a a + h_b b)  =  value + h_a da + h_b db + h_a h_b dab      with h_a^2 = h_b^2 = 0
//
// A function written once in hyper-dual numbers returns its value, its first derivatives da and db
// and its mixed second derivative dab, without truncation or cancellation: the rules of
// differentiation, not a difference quotient. For f(g) of one variable: da = f' g_a, db = f' g_b,
// dab = f' g_ab + f'' g_a g_b.
//
// Fike & Alonso (2011), The development of hyper-dual numbers for exact second-derivative
// calculations, AIAA 2011-886.
#pragma once

#include <cmath>
#include <vector>

#include "types.h"

namespace mixest {

struct HyperDual {
  double value = 0, da = 0, db = 0, dab = 0;

  HyperDual(double constant = 0) : value(constant) {}  // implicit: constants mix with variables in formulas
  HyperDual(double value, double da, double db, double dab) : value(value), da(da), db(db), dab(dab) {}
};

using HyperVector = std::vector<HyperDual>;

inline HyperDual operator+(const HyperDual& x, const HyperDual& y) {
  return {x.value + y.value, x.da + y.da, x.db + y.db, x.dab + y.dab};
}

inline HyperDual operator-(const HyperDual& x, const HyperDual& y) {
  return {x.value - y.value, x.da - y.da, x.db - y.db, x.dab - y.dab};
}

inline HyperDual operator*(const HyperDual& x, const HyperDual& y) {
  return {x.value * y.value, x.da * y.value + x.value * y.da, x.db * y.value + x.value * y.db,
          x.dab * y.value + x.da * y.db + x.db * y.da + x.value * y.dab};
}

inline HyperDual operator/(const HyperDual& x, const HyperDual& y) {
  const double r = 1 / y.value;
  return x * HyperDual{r, -r * r * y.da, -r * r * y.db, r * r * (2 * r * y.da * y.db - y.dab)};
}

// An exact zero at +-pi/2, which the cosine of the rounded pi/2 is not: derivatives that vanish
// there vanish exactly.
inline double exact_cosine(double x) { return std::abs(x) == std::acos(0.0) ? 0 : std::cos(x); }

inline HyperDual sine(const HyperDual& x) {
  const double s = std::sin(x.value), c = exact_cosine(x.value);
  return {s, c * x.da, c * x.db, c * x.dab - s * x.da * x.db};
}

inline HyperDual cosine(const HyperDual& x) {
  const double s = std::sin(x.value), c = exact_cosine(x.value);
  return {c, -s * x.da, -s * x.db, -s * x.dab - c * x.da * x.db};
}

// `x` as constants; as_constants(x)[a].da = 1 then makes x_a the first direction.
inline HyperVector as_constants(const Vector& x) { return HyperVector(x.data(), x.data() + x.size()); }

inline Vector values(const HyperVector& x) {
  Vector values(x.size());
  for (Index i = 0; i < length(x); ++i) values(i) = x[i].value;
  return values;
}

}  // namespace mixest
