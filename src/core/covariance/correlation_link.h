// The user's correlations r as functions of the optimiser's unconstrained t.
//
//   identity   r = t: users' parameters as they are
//   sine       r = lower + (1 - lower) (1 + sin t) / 2, every value in [lower, 1]
//   partial    the partial autocorrelations are sin t_m (partial_autocorrelations.h)
//
// Angles reach their limits at t = +-pi/2, where the first derivative is zero, exactly: an optimum
// at a limit is a stationary point with non-negative curvature, a limit that is no optimum has
// negative curvature, and a Newton method with exact Hessian leaves it. Near a limit the distance
// of the correlation goes with the square of the distance of the angle, as a variance goes with the
// square of a standard deviation.
#pragma once

#include <memory>

#include "../base/hyper_dual.h"

namespace mixest {

class CorrelationLink {
 public:
  virtual ~CorrelationLink() = default;

  virtual HyperVector correlations(const HyperVector& t) const = 0;

  // t for `r`, or for correlations in the range where `r` is not.
  virtual Vector inverse(const Vector& r) const = 0;

  // t within [-pi/2, pi/2], exactly at a limit when nearer to it than `tolerance`.
  virtual Vector canonical(const Vector& t, double tolerance) const = 0;
};

class IdentityLink : public CorrelationLink {
 public:
  HyperVector correlations(const HyperVector& t) const override { return t; }
  Vector inverse(const Vector& r) const override { return r; }
  Vector canonical(const Vector& t, double) const override { return t; }
};

class SineLink : public CorrelationLink {
 public:
  explicit SineLink(double lower) : lower_(lower) {}
  HyperVector correlations(const HyperVector& t) const override;
  Vector inverse(const Vector& r) const override;
  Vector canonical(const Vector& t, double tolerance) const override;

 private:
  double lower_;
};

class PartialLink : public CorrelationLink {
 public:
  HyperVector correlations(const HyperVector& t) const override;
  Vector inverse(const Vector& r) const override;
  Vector canonical(const Vector& t, double tolerance) const override;
};

}  // namespace mixest
