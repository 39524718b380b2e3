// Profile likelihood of one parameter at a time: standard deviations and correlations of the random
// effects, sigma, fixed effects.
//
//     d(w) = min { -2 log L : the parameter is held at w } - min { -2 log L }
//     zeta(w) = sign(w - estimate) sqrt(d(w))
//
// The end of an interval, zeta(w) = c, is found by Newton's method along the path of the best
// values of the other parameters (path.h), kept inside a bracket. zeta is nearly linear in
// w, so that a handful of points is enough. At the limits of the parameter (sd 0, correlation +-1)
// the deviance is finite: an interval ends there when it is below c^2.
//
// Where fit_lmm() looks for a second optimum, the end of an interval is evaluated from other starts
// too: if the deviance is lower in another valley, the interval goes on there.
#pragma once

#include "path.h"

namespace mixest {

struct Interval {
  double lower, upper;  // user's units; an end beyond which the deviance stays below the cutoff is infinite
};

struct ProfileCurve {
  std::vector<double> value;  // increasing, user's units
  std::vector<double> zeta;
};

// zeta at the ends is +-cutoff. Both are NaN when the likelihood has no maximum
// where the estimate is.
Interval profile_interval(const MlPoint& estimate, const ProfileTarget& target, double cutoff,
                          const Execution& execution);

// Points from -largest to largest, about `step` apart in zeta; none when the likelihood has no
// maximum where the estimate is.
ProfileCurve profile_curve(const MlPoint& estimate, const ProfileTarget& target, double largest, double step,
                           const Execution& execution);

}  // namespace mixest
