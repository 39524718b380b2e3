// The standard deviations s_1 .. s_q of a structure Psi = diag(s) Cor diag(s), as functions of its
// first parameters u.
//
// What enters Psi are the products s_i s_j; they must be smooth in u and s = 0 must be reached.
//
//   common   s_i = u              one for all columns; the products u^2 do not see the sign of u
//   free     s_i = u_i            the sign of u_i is not seen where Cor = I. With other Cor a
//                                 negative u_i leaves the structure: right for users' parameters,
//                                 wrong for an optimiser without bounds
//   folded   s_i = u_i^2 / |u|    never negative. At s_i = 0 beside other s the line of u is
//                                 folded, so that the first order in s_i becomes the curvature in
//                                 u_i; when all s tend to 0 together, s stays proportional to |u|
//                                 and Psi of second order in u (with s_i = u_i^2 it would be of
//                                 fourth order and the Hessian would vanish at Psi = 0). At u = 0
//                                 itself the second derivatives are those along the axes.
#pragma once

#include <memory>

#include "../base/hyper_dual.h"

namespace mixest {

class StandardDeviations {
 public:
  virtual ~StandardDeviations() = default;

  virtual int n_parameters() const = 0;  // 1 or q
  virtual bool folded() const { return false; }

  // s_i s_j for i = 0 .. q-1, j = 0 .. i: the lower triangle of s s' row by row.
  virtual HyperVector products(const HyperVector& u) const = 0;

  // The distinct standard deviations (as many as parameters), with the sign of u where Psi may see
  // it, and back from s >= 0.
  virtual Vector from_parameters(const Vector& u) const = 0;
  virtual Vector to_parameters(const Vector& s) const = 0;
};

class CommonSd : public StandardDeviations {
 public:
  explicit CommonSd(int dim) : dim_(dim) {}
  int n_parameters() const override { return 1; }
  HyperVector products(const HyperVector& u) const override;
  Vector from_parameters(const Vector& u) const override { return u; }
  Vector to_parameters(const Vector& s) const override { return s; }

 private:
  int dim_;
};

class FreeSds : public StandardDeviations {
 public:
  explicit FreeSds(int dim) : dim_(dim) {}
  int n_parameters() const override { return dim_; }
  HyperVector products(const HyperVector& u) const override;
  Vector from_parameters(const Vector& u) const override { return u; }
  Vector to_parameters(const Vector& s) const override { return s; }

 private:
  int dim_;
};

class FoldedSds : public StandardDeviations {
 public:
  explicit FoldedSds(int dim) : dim_(dim) {}
  int n_parameters() const override { return dim_; }
  bool folded() const override { return true; }
  HyperVector products(const HyperVector& u) const override;
  Vector from_parameters(const Vector& u) const override;
  Vector to_parameters(const Vector& s) const override;

 private:
  int dim_;
};

}  // namespace mixest
