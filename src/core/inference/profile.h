// Profile likelihood of one parameter at a time: standard deviations and correlations of the random effects, sigma, fixed effects.
//
//     d(w) = min { -2 log L : the parameter is held at w } - min { -2 log L },      zeta(w) = sign(w - estimate) sqrt(d(w))
//
// The variables are X = (theta of every term, l = log sigma^2[, t the coefficient]), relative to the estimated sigma, so that a held
// standard deviation is one coordinate: Psi = exp(-l) D(theta). The others are found by the trust-region Newton method of the fit,
// started from the tangent of the path; with g, H the derivatives of the deviance at the solution
//
//     d'(w) = g_w,    dX/dw = -H_XX^{-1} H_Xw,    d''(w) = H_ww + H_wX dX/dw
//
// and the end of an interval, zeta(w) = c, is found by Newton's method in w, kept inside a bracket. zeta is nearly linear in w, so that
// a handful of points is enough. At the limits of the parameter (sd 0, correlation +-1) the deviance is finite: an interval ends there
// when it is below c^2.
#pragma once

#include "../execution.h"
#include "../fit/problem.h"
#include "term_parameters.h"

namespace mixest {

struct ProfileTarget {
  enum class Kind { covariance, sigma, coefficient };
  Kind kind = Kind::sigma;
  int term = 0;               // of covariance parameters
  TermTarget of{0};
  int coefficient = 0;        // place among the columns of X that are kept
};

struct Interval {
  double lower, upper;        // user's units; an end beyond which the deviance stays below the cutoff is infinite
};

struct ProfileCurve {
  std::vector<double> value;  // increasing, user's units
  std::vector<double> zeta;
};

// The maximum likelihood estimate in a form that every profile starts from.
class MlPoint {
 public:
  // `problem` (ML) must outlive the object; `theta`: the estimate in the user's parameters.
  MlPoint(const Problem& problem, const std::vector<TermSpec>& terms, const Vector& theta);

  const Problem& problem() const { return problem_; }
  const std::vector<TermSpec>& terms() const { return terms_; }
  const Vector& theta() const { return theta_; }
  const FixedBasis& fixed() const { return fixed_; }     // with the fitted values as the origin of y
  const Panels& panels() const { return panels_; }
  double log_variance() const { return log_variance_; }  // in units of the basis of y
  double sigma() const { return sigma_; }                // user's units

 private:
  const Problem& problem_;
  std::vector<TermSpec> terms_;
  Vector theta_;
  FixedBasis fixed_;
  Panels panels_;
  double log_variance_, sigma_;
};

// zeta at the ends is +-cutoff. Throws Misuse when the likelihood can't be evaluated at the estimate.
Interval profile_interval(const MlPoint& estimate, const ProfileTarget& target, double cutoff, const Execution& execution);

// Points from -largest to largest, about `step` apart in zeta.
ProfileCurve profile_curve(const MlPoint& estimate, const ProfileTarget& target, double largest, double step, const Execution& execution);

}  // namespace mixest
