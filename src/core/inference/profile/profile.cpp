#include "profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A correlation beside a standard deviation of zero has no influence: its deviance is never above
// that of the models without one of its effects, whatever the value at which it is held. (These are
// other local minima than the one that a path follows.)
double ceiling_of(const MlPoint& estimate, const ProfileTarget& target, const Execution& execution) {
  if (target.kind != ProfileTarget::Kind::covariance || !target.quantity.correlation()) return infinity;
  const TermSpec& spec = estimate.terms()[target.term];
  double out = infinity;
  for (int column : columns_of(spec.structure, spec.size, target.quantity)) {
    ProfileTarget sd = target;
    sd.quantity = {column};
    ProfilePath path(estimate, sd, execution);
    if (!path.optimum().found) continue;
    const PathPoint without = path.move(path.optimum(), 0);
    if (without.found) out = std::min(out, without.zeta);
  }
  return out;
}

// How far from `at` zeta is expected to have grown by `gain`, within limits.
double expected_step(const ProfilePath& path, const PathPoint& point, double gain) {
  const double distance = std::abs(point.w - path.optimum().w);
  const double scale =
      path.optimum().slope > 0 ? gain / path.optimum().slope : std::max(1e-3, std::abs(path.optimum().w));
  const double longest = std::min(4 * (distance + scale), path.longest_step());
  if (point.slope * longest > gain) return gain / point.slope;
  return longest;
}

// Newton's step for zeta = cutoff from `at`, kept between `inside` and `outside` (infinite as long
// as none is known).
double next_value(const ProfilePath& path, const PathPoint& point, double inside, double outside, int side,
                  double cutoff) {
  const double missing = cutoff - point.zeta;
  double w =
      point.w + side * (missing > 0 ? expected_step(path, point, missing) : missing / std::max(point.slope, 1e-300));
  if (side * (w - path.bound(side)) >= 0) w = path.bound(side);
  const bool between = side * (w - inside) > 0 && side * (outside - w) > 0;
  return std::isfinite(outside) && !between ? 0.5 * (inside + outside) : w;
}

// Twice as far from the optimum, or halfway between.
double cautious_value(const ProfilePath& path, double inside, double outside, int side) {
  if (std::isfinite(outside)) return 0.5 * (inside + outside);
  const double distance = std::abs(inside - path.optimum().w);
  const double w = path.optimum().w + side * 2 * std::max(distance, 1e-8 * (1 + std::abs(path.optimum().w)));
  return side * (w - path.bound(side)) >= 0 ? path.bound(side) : w;
}

PathPoint end_at(double w) {
  PathPoint out;
  out.w = w;
  return out;
}

// Where zeta = cutoff beyond `inside`, or the bound, or infinity; found only in the first case.
PathPoint end_of_valley(ProfilePath& path, PathPoint inside, int side, double cutoff) {
  // A handful of Newton's steps is usual. Where zeta is not what they expect (a flat likelihood, a
  // jump to another valley, values at rounding level) steps that can't fail finish the search.
  constexpr int newton_steps = 30, most_steps = 120;
  const double bound = path.bound(side);
  PathPoint last = inside;
  double outside = side * infinity;  // zeta > cutoff there, or nothing is found
  for (int step = 0; step < most_steps; ++step) {
    if (std::isfinite(outside) && std::abs(outside - inside.w) <= 1e-12 * (std::abs(outside) + std::abs(inside.w)))
      break;
    const double w = step < newton_steps ? next_value(path, last, inside.w, outside, side, cutoff)
                                         : cautious_value(path, inside.w, outside, side);
    const PathPoint next = path.move(inside, w);
    if (next.found && std::abs(next.zeta - cutoff) <= 1e-9 * cutoff) return next;
    last = next.found ? next : inside;
    if (next.found && next.zeta < cutoff) {
      if (w == bound) return end_at(bound);
      if (std::abs(w - path.optimum().w) > path.far()) return end_at(side * infinity);
      inside = next;
    } else {
      outside = w;
    }
  }
  return end_at(inside.w);
}

// The same from the estimate. With `several` valleys another one may be lower there: the search
// goes on in it.
double find_end(ProfilePath& path, int side, double cutoff, bool several) {
  constexpr int most_valleys = 6;
  const double bound = path.bound(side);
  if (path.optimum().w == bound || path.ceiling() <= cutoff) return bound;
  PathPoint end = end_of_valley(path, path.optimum(), side, cutoff);
  for (int valley = 1; valley < most_valleys && several && end.found; ++valley) {
    const PathPoint lower = path.lowest(end);
    if (!(lower.zeta < (1 - 1e-6) * cutoff)) break;
    end = end_of_valley(path, lower, side, cutoff);
  }
  return end.w;
}

// Where fit_lmm() looks for a second optimum there may be a second valley, too.
bool several_valleys(const MlPoint& estimate) {
  const Problem& problem = estimate.problem();
  const CovarianceModel& covariance = problem.covariance();
  if (problem.stats().m <= 2 * covariance.n_parameters() || !covariance.all_unstructured()) return true;
  const std::vector<int> ranks = covariance.ranks(covariance.from_user(estimate.theta(), problem.random().from_user));
  for (int t = 0; t < covariance.n_terms(); ++t)
    if (ranks[t] < covariance.structure(t).dim()) return true;
  return false;
}

// Points on one side, from the estimate outwards, without it.
std::vector<PathPoint> trace(ProfilePath& path, int side, double largest, double step) {
  constexpr int most_points = 200;
  std::vector<PathPoint> out;
  PathPoint last = path.optimum();
  const double bound = path.bound(side);
  while (last.zeta < largest && last.w != bound && static_cast<int>(out.size()) < most_points) {
    double w = last.w + side * expected_step(path, last, step);
    if (side * (w - bound) >= 0) w = bound;
    last = path.move(last, w);
    if (!last.found) break;
    out.push_back(last);
  }
  return out;
}

}  // namespace

Interval profile_interval(const MlPoint& estimate, const ProfileTarget& target, double cutoff,
                          const Execution& execution) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (!estimate.finite()) return {nan, nan};
  ProfilePath path(estimate, target, execution, ceiling_of(estimate, target, execution));
  if (!path.optimum().found) return {nan, nan};
  const bool several = several_valleys(estimate);
  return {path.value(find_end(path, -1, cutoff, several)), path.value(find_end(path, 1, cutoff, several))};
}

ProfileCurve profile_curve(const MlPoint& estimate, const ProfileTarget& target, double largest, double step,
                           const Execution& execution) {
  if (!estimate.finite()) return ProfileCurve();
  ProfilePath path(estimate, target, execution, ceiling_of(estimate, target, execution));
  if (!path.optimum().found) return ProfileCurve();
  std::vector<PathPoint> below = trace(path, -1, largest, step), above = trace(path, 1, largest, step);
  ProfileCurve out;
  const auto add = [&](const PathPoint& point, int side) {
    out.value.push_back(path.value(point.w));
    out.zeta.push_back(side * point.zeta);
  };
  for (auto point = below.rbegin(); point != below.rend(); ++point) add(*point, -1);
  add(path.optimum(), 0);
  for (const PathPoint& point : above) add(point, 1);
  return out;
}

}  // namespace mixest
