// The correlation matrices Cor of the structures Psi = diag(s) Cor diag(s), as functions of the
// user's correlations r.
//
// All of them are stationary, Cor_ij = c_|i-j| with c_0 = 1, so a pattern is the list of its
// correlations by lag:
//
//                        r              c_1, c_2, .., c_{q-1}      positive semi-definite for
//   uncorrelated         none           0, 0, ..
//   compound symmetry    rho            rho, rho, ..               -1 / (q - 1) <= rho <= 1
//   autoregressive       rho            rho, rho^2, ..             -1 <= rho <= 1
//   Toeplitz             r_1 .. r_q-1   r_1, r_2, ..               all partial autocorrelations
#pragma once

#include <memory>

#include "../base/hyper_dual.h"

namespace mixest {

class CorrelationPattern {
 public:
  virtual ~CorrelationPattern() = default;

  virtual int n_parameters() const = 0;

  // c_0 .. c_{q-1}
  virtual HyperVector lags(const HyperVector& r) const = 0;

  // r that goes with the observed mean correlation at each lag (0 .. q-1); Toeplitz: not
  // necessarily positive semi-definite.
  virtual Vector estimate(const Vector& mean_lags) const = 0;
};

class Uncorrelated : public CorrelationPattern {
 public:
  explicit Uncorrelated(int dim) : dim_(dim) {}
  int n_parameters() const override { return 0; }
  HyperVector lags(const HyperVector& r) const override;
  Vector estimate(const Vector& mean_lags) const override;

 private:
  int dim_;
};

class CompoundSymmetry : public CorrelationPattern {
 public:
  explicit CompoundSymmetry(int dim) : dim_(dim) {}
  int n_parameters() const override { return 1; }
  HyperVector lags(const HyperVector& r) const override;
  Vector estimate(const Vector& mean_lags) const override;

 private:
  int dim_;
};

class Autoregressive : public CorrelationPattern {
 public:
  explicit Autoregressive(int dim) : dim_(dim) {}
  int n_parameters() const override { return 1; }
  HyperVector lags(const HyperVector& r) const override;
  Vector estimate(const Vector& mean_lags) const override;

 private:
  int dim_;
};

class Toeplitz : public CorrelationPattern {
 public:
  explicit Toeplitz(int dim) : dim_(dim) {}
  int n_parameters() const override { return dim_ - 1; }
  HyperVector lags(const HyperVector& r) const override;
  Vector estimate(const Vector& mean_lags) const override;

 private:
  int dim_;
};

}  // namespace mixest
