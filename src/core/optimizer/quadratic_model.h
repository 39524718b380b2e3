// The local quadratic model f(x + s) ~ f + g's + s'Hs / 2 and its minimiser inside a ball.
//
// H = Q diag(l) Q' is decomposed once an iteration (there are few parameters). Inside the ball of
// radius d the minimiser is
//     s(mu) = -(H + mu I)^{-1} g,   mu >= 0,  H + mu I positive semi-definite,   mu (|s| - d) = 0,
// and in the `hard case` (g orthogonal to the eigenvectors of the smallest, negative, eigenvalue) a
// multiple of such an eigenvector is added: this is how saddles are left. More & Sorensen (1983),
// SIAM J. Sci. Stat. Comput. 4, 553-572.
#pragma once

#include "../base/types.h"

namespace mixest {

class QuadraticModel {
 public:
  QuadraticModel(const Vector& gradient, const Matrix& hessian);

  // Half of g'H^{-1}g over the directions of positive curvature: what a Newton step would still
  // gain.
  double newton_decrement() const { return decrement_; }

  // No direction of negative curvature beyond rounding.
  bool convex() const { return convex_; }

  // True when the Newton step is short enough and the model is convex.
  bool newton_step_within(double radius) const { return convex_ && newton_length_ <= radius; }

  Vector newton_step() const;
  Vector step_within(double radius) const;

  // f - f(x + s) according to the model.
  double reduction(const Vector& step) const;

 private:
  double length_at(double mu) const;
  Vector rotated_step(double mu) const;
  bool flat(Index i) const { return std::abs(values_[i]) <= flat_level_; }

  const Vector& gradient_;
  const Matrix& hessian_;
  Vector values_;   // l, ascending
  Matrix vectors_;  // Q
  Vector rotated_;  // Q'g, zero in flat directions where it is only noise
  double flat_level_;
  double decrement_;
  double newton_length_;
  bool convex_;
};

}  // namespace mixest
