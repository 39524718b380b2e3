#include "standard_deviations.h"

namespace mixest {

HyperVector CommonSd::products(const HyperVector& u) const { return HyperVector(dim_ * (dim_ + 1) / 2, u[0] * u[0]); }

HyperVector FreeSds::products(const HyperVector& u) const {
  HyperVector products;
  for (int i = 0; i < dim_; ++i)
    for (int j = 0; j <= i; ++j) products.push_back(u[i] * u[j]);
  return products;
}

HyperVector FoldedSds::products(const HyperVector& u) const {
  HyperVector squares;
  HyperDual total;
  for (int i = 0; i < dim_; ++i) {
    squares.push_back(u[i] * u[i]);
    total = total + squares[i];
  }
  HyperVector products;
  for (int i = 0; i < dim_; ++i)
    for (int j = 0; j <= i; ++j)
      if (total.value > 0)
        products.push_back(squares[i] / total * squares[j]);
      else
        products.push_back(i == j ? squares[i] : HyperDual(0));
  return products;
}

Vector FoldedSds::from_parameters(const Vector& u) const {
  const double length = u.stableNorm();
  return length > 0 ? Vector(u.cwiseAbs2() / length) : u;
}

// |u| = sum of s, because sum of u_i^2 / |u| = |u|
Vector FoldedSds::to_parameters(const Vector& s) const { return (s * s.sum()).cwiseSqrt(); }

}  // namespace mixest
