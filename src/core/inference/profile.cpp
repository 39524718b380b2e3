#include "profile.h"

#include "../covariance/factory.h"
#include "../optimizer/minimize.h"
#include "held_objective.h"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
const double half_pi = std::acos(0.0);

// A point of the path: the best X for a held value w.
struct PathPoint {
  bool found = false;
  double w = 0;
  Vector free;
  double zeta = 0;     // without sign
  double slope = 0;    // |d zeta / d w|
  Vector tangent;      // d free / d w
};

// Everything about one target: the likelihood in its coordinates and the scale of w.
class Path {
 public:
  // `ceiling`: zeta is never larger.
  Path(const MlPoint& estimate, const ProfileTarget& target, const Execution& execution, double ceiling = infinity)
      : execution_(execution), ceiling_(ceiling), kind_(target.kind), correlation_(target.of.correlation()), sigma_(estimate.sigma()) {
    choose_terms(estimate, target);
    choose_variables(estimate, target);
    likelihood_ = std::make_unique<JointLikelihood>(panels(estimate), estimate.problem().nu(), false, is_coefficient());
    objective_ = std::make_unique<HeldObjective>(*likelihood_, terms_, held_, estimate.log_variance(), is_coefficient());
    optimum_ = solve(start_[held_], without(start_, held_));
    if (!optimum_.found) throw Misuse("the likelihood must be finite at the estimate");
  }

  const PathPoint& optimum() const { return optimum_; }
  double ceiling() const { return ceiling_; }

  double bound(int side) const {
    if (kind_ != ProfileTarget::Kind::covariance) return side * infinity;
    if (correlation_) return side * half_pi;
    return side < 0 ? 0 : infinity;
  }

  // Longer steps could leave the valley that is followed: beside correlations there are others, where a standard deviation is zero.
  double longest_step() const { return correlation_ ? 0.25 : infinity; }

  // In the user's units.
  double value(double w) const {
    switch (kind_) {
      case ProfileTarget::Kind::sigma: return sigma_ * std::exp(w / 2);
      case ProfileTarget::Kind::coefficient: return offset_ + scale_ * w;
      default: break;
    }
    if (!correlation_) return sigma_ * scale_ * w;
    const double share = 0.5 * (1 + std::sin(w));
    return lower_ * (1 - share) + share;
  }

  // The best X at w, looked for from `near`.
  PathPoint move(const PathPoint& near, double w) {
    const PathPoint out = solve(w, near.free + (w - near.w) * near.tangent);
    return out.found ? out : solve(w, near.free);
  }

 private:
  bool is_coefficient() const { return kind_ == ProfileTarget::Kind::coefficient; }

  const Panels& panels(const MlPoint& estimate) const { return is_coefficient() ? rotated_ : estimate.panels(); }

  void choose_terms(const MlPoint& estimate, const ProfileTarget& target) {
    const CovarianceModel& covariance = estimate.problem().covariance();
    for (int t = 0; t < covariance.n_terms(); ++t) {
      const TermSpec& spec = estimate.terms()[static_cast<std::size_t>(t)];
      const Vector user = estimate.theta().segment(covariance.first_parameter(t), covariance.structure(t).n_parameters());
      const int first = covariance.first_column(t);
      const Matrix A = estimate.problem().random().from_user.block(first, first, spec.size, spec.size);
      const bool own = kind_ == ProfileTarget::Kind::covariance && t == target.term;
      terms_.push_back(own ? hold(spec.structure, spec.size, target.of, user, A) : free_term(spec, user, A));
    }
  }

  static HeldTerm free_term(const TermSpec& spec, const Vector& user, const Matrix& A) {
    auto structure = make_structure(spec.structure, spec.size);
    HeldTerm out;
    out.start = structure->from_user(user, A);
    out.to_fit = Matrix::Identity(spec.size, spec.size);
    out.held = 0;
    out.parameters = std::make_unique<StructureParameters>(std::move(structure));
    return out;
  }

  void choose_variables(const MlPoint& estimate, const ProfileTarget& target) {
    std::vector<double> X;
    for (std::size_t t = 0; t < terms_.size(); ++t) {
      const HeldTerm& term = terms_[t];
      if (kind_ == ProfileTarget::Kind::covariance && static_cast<int>(t) == target.term) {
        held_ = static_cast<Index>(X.size()) + term.held;
        scale_ = term.scale;
        lower_ = term.lower;
      }
      X.insert(X.end(), term.start.data(), term.start.data() + term.start.size());
    }
    if (kind_ != ProfileTarget::Kind::covariance) held_ = static_cast<Index>(X.size()) + is_coefficient();
    X.push_back(0);
    if (is_coefficient()) {
      X.push_back(0);
      rotate_to(estimate, target.coefficient);
    }
    start_ = Eigen::Map<Vector>(X.data(), static_cast<Index>(X.size()));
  }

  // beta_j = offset + scale t, with t the last coefficient in the rotated basis (fixed_basis.h); t = 0 at the estimate.
  void rotate_to(const MlPoint& estimate, int j) {
    const FixedBasis& fixed = estimate.fixed();
    const GroupStats& stats = estimate.problem().stats();
    const Vector row = fixed.user_map.row(j).transpose();
    const Vector weights = fixed.triangle.transpose().triangularView<Eigen::Lower>().solve(row);
    rotated_ = with_last_combination(estimate.panels(), weights);
    scale_ = stats.y_scale * fixed.spread * weights.norm();
    offset_ = user_coefficients(fixed, stats, Vector::Zero(fixed.rank()))[j];
  }

  PathPoint solve(double w, const Vector& free) {
    execution_.check_interrupt();
    MinimizeOptions options;
    options.tolerance = 1e-9;
    objective_->hold_at(w);
    const MinimizeSummary summary = minimize(*objective_, free, options, execution_);
    PathPoint out;
    out.found = summary.reason == StopReason::converged || summary.reason == StopReason::no_progress;
    if (!out.found) return out;
    objective_->evaluate(summary.x);
    if (optimum_.free.size() == 0) minimum_ = summary.at.value;
    out.w = w;
    out.free = summary.x;
    out.zeta = std::sqrt(std::max(0.0, summary.at.value - minimum_));
    add_tangent(out);
    return out;
  }

  // Directions in which the deviance is flat are left where they are.
  void add_tangent(PathPoint& point) const {
    const Vector cross = without(Vector(objective_->hessian().col(held_)), held_);
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(without(objective_->hessian(), held_));
    const double flat = 1e-10 * eigen.eigenvalues().cwiseAbs().maxCoeff();
    Vector rotated = eigen.eigenvectors().transpose() * cross;
    for (Index i = 0; i < rotated.size(); ++i) rotated[i] = eigen.eigenvalues()[i] > flat ? -rotated[i] / eigen.eigenvalues()[i] : 0;
    point.tangent = eigen.eigenvectors() * rotated;

    const double curvature = objective_->hessian()(held_, held_) + cross.dot(point.tangent);
    if (point.zeta >= ceiling_) {
      point.zeta = ceiling_;
      return;
    }
    point.slope = point.zeta > 1e-5 ? std::abs(objective_->gradient()[held_]) / (2 * point.zeta) : std::sqrt(std::max(0.0, curvature / 2));
  }

  const Execution& execution_;
  double ceiling_;
  ProfileTarget::Kind kind_;
  bool correlation_;
  double sigma_;
  std::vector<HeldTerm> terms_;
  Panels rotated_;
  Index held_ = 0;
  double scale_ = 1, offset_ = 0, lower_ = -1;
  Vector start_;
  std::unique_ptr<JointLikelihood> likelihood_;
  std::unique_ptr<HeldObjective> objective_;
  double minimum_ = 0;
  PathPoint optimum_;
};

// A correlation beside a standard deviation of zero has no influence: its deviance is never above that of the models without one of
// its effects, whatever the value at which it is held. (These are other local minima than the one that a path follows.)
double ceiling_of(const MlPoint& estimate, const ProfileTarget& target, const Execution& execution) {
  if (target.kind != ProfileTarget::Kind::covariance || !target.of.correlation()) return infinity;
  const TermSpec& spec = estimate.terms()[static_cast<std::size_t>(target.term)];
  double out = infinity;
  for (int column : columns_of(spec.structure, spec.size, target.of)) {
    ProfileTarget sd = target;
    sd.of = {column};
    Path path(estimate, sd, execution);
    const PathPoint without = path.move(path.optimum(), 0);
    if (without.found) out = std::min(out, without.zeta);
  }
  return out;
}

// How far from `at` zeta is expected to have grown by `gain`, within limits.
double expected_step(const Path& path, const PathPoint& at, double gain) {
  const double distance = std::abs(at.w - path.optimum().w);
  const double scale = path.optimum().slope > 0 ? gain / path.optimum().slope : std::max(1e-3, std::abs(path.optimum().w));
  const double longest = std::min(4 * (distance + scale), path.longest_step());
  if (at.slope * longest > gain) return gain / at.slope;
  return longest;
}

// Newton's step for zeta = cutoff from `at`, kept between `inside` and `outside` (infinite as long as none is known).
double next_value(const Path& path, const PathPoint& at, double inside, double outside, int side, double cutoff) {
  const double missing = cutoff - at.zeta;
  double w = at.w + side * (missing > 0 ? expected_step(path, at, missing) : missing / std::max(at.slope, 1e-300));
  if (side * (w - path.bound(side)) >= 0) w = path.bound(side);
  const bool between = side * (w - inside) > 0 && side * (outside - w) > 0;
  return std::isfinite(outside) && !between ? 0.5 * (inside + outside) : w;
}

// w where zeta = cutoff, or the bound, or infinity.
double find_end(Path& path, int side, double cutoff) {
  const double bound = path.bound(side), far = 1e8 * (1 + std::abs(path.optimum().w));
  if (path.optimum().w == bound || path.ceiling() <= cutoff) return bound;
  PathPoint inside = path.optimum(), last = inside;
  double outside = side * infinity;  // zeta > cutoff there, or nothing is found
  while (std::isinf(outside) || std::abs(outside - inside.w) > 1e-12 * (std::abs(outside) + std::abs(inside.w))) {
    const double w = next_value(path, last, inside.w, outside, side, cutoff);
    const PathPoint next = path.move(inside, w);
    if (next.found && std::abs(next.zeta - cutoff) <= 1e-9 * cutoff) return w;
    last = next.found ? next : inside;
    if (next.found && next.zeta < cutoff) {
      if (w == bound) return bound;
      if (std::abs(w) > far) return side * infinity;
      inside = next;
    } else {
      outside = w;
    }
  }
  return inside.w;
}

// Points on one side, from the estimate outwards, without it.
std::vector<PathPoint> trace(Path& path, int side, double largest, double step) {
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

MlPoint::MlPoint(const Problem& problem, const std::vector<TermSpec>& terms, const Vector& theta)
    : problem_(problem), terms_(terms), theta_(theta), fixed_(problem.fixed()) {
  const CovarianceModel& covariance = problem.covariance();
  const Matrix factor = covariance.factor(covariance.from_user(theta, problem.random().from_user));
  panels_ = make_panels(problem.stats(), fixed_, problem.random());
  const Matrix Tc = JointLikelihood(panels_, problem.nu(), false, false).triangle(factor);
  if (Tc.size() == 0) throw Misuse("the likelihood must be finite at the estimate");
  const Index p = Tc.cols() - 1;
  fixed_.projection += fixed_.spread * Tc.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(Tc.col(p).head(p));
  panels_ = make_panels(problem.stats(), fixed_, problem.random());
  log_variance_ = 2 * std::log(Tc(p, p)) - std::log(problem.nu());
  sigma_ = problem.sigma(Tc(p, p));
}

Interval profile_interval(const MlPoint& estimate, const ProfileTarget& target, double cutoff, const Execution& execution) {
  Path path(estimate, target, execution, ceiling_of(estimate, target, execution));
  return {path.value(find_end(path, -1, cutoff)), path.value(find_end(path, 1, cutoff))};
}

ProfileCurve profile_curve(const MlPoint& estimate, const ProfileTarget& target, double largest, double step, const Execution& execution) {
  Path path(estimate, target, execution, ceiling_of(estimate, target, execution));
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
