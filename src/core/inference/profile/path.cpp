#include "path.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "../../covariance/factory.h"
#include "../../likelihood/make_likelihood_sums.h"
#include "../../optimizer/minimize.h"

namespace mixest {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A term of which nothing is held, in the fit's own parameters.
FixedParameterTerm free_term(const TermSpec& spec, const Vector& user, const Matrix& A) {
  auto structure = make_structure(spec.structure, spec.size);
  FixedParameterTerm out;
  out.start = structure->from_user(user, A);
  out.to_fit = Matrix::Identity(spec.size, spec.size);
  out.held = 0;
  out.parameters = std::make_unique<StructureParameters>(std::move(structure));
  return out;
}

}  // namespace

MlPoint::MlPoint(const Problem& problem, const std::vector<TermSpec>& terms, const Vector& theta)
    : problem_(problem), terms_(terms), theta_(theta), fixed_(problem.fixed()) {
  const CovarianceModel& covariance = problem.covariance();
  const Matrix lambda = covariance.lambda(covariance.from_user(theta, problem.random().from_user));
  auto sums = make_likelihood_sums(problem.stats(), fixed_, problem.random(), problem.execution());
  const Matrix Tc = JointLikelihood(*sums, problem.nu(), false, false).triangle(lambda);
  if (Tc.size() == 0) return;
  const Index p = Tc.cols() - 1;
  fixed_.projection += fixed_.spread * Tc.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(Tc.col(p).head(p));
  sums_ = make_likelihood_sums(problem.stats(), fixed_, problem.random(), problem.execution());
  log_variance_ = 2 * std::log(Tc(p, p)) - std::log(problem.nu());
  sigma_ = problem.sigma(Tc(p, p));
}

ProfilePath::ProfilePath(const MlPoint& estimate, const ProfileTarget& target, const Execution& execution,
                         double ceiling)
    : execution_(execution),
      ceiling_(ceiling),
      kind_(target.kind),
      target_term_(target.term),
      correlation_(target.quantity.correlation()),
      sigma_(estimate.sigma()) {
  choose_terms(estimate, target);
  choose_variables(estimate, target);
  LikelihoodSums& sums = is_coefficient() ? *rotated_ : estimate.sums();
  likelihood_ = std::make_unique<JointLikelihood>(sums, estimate.problem().nu(), false, is_coefficient());
  objective_ =
      std::make_unique<FixedParameterObjective>(*likelihood_, terms_, held_, estimate.log_variance(), is_coefficient());
  optimum_ = solve(start_[held_], without(start_, held_));
}

double ProfilePath::bound(int side) const {
  if (kind_ != ProfileTarget::Kind::covariance) return side * infinity;
  if (correlation_) return side * std::acos(0.0);
  return side < 0 ? 0 : infinity;
}

double ProfilePath::longest_step() const { return correlation_ ? 0.25 : infinity; }

double ProfilePath::far() const {
  constexpr double log_variances = 100;  // sigma 1e-22 times its estimate
  return kind_ == ProfileTarget::Kind::sigma ? log_variances : 1e8 * (1 + std::abs(optimum_.w));
}

double ProfilePath::value(double w) const {
  switch (kind_) {
    case ProfileTarget::Kind::sigma: return sigma_ * std::exp(w / 2);
    case ProfileTarget::Kind::coefficient: return offset_ + scale_ * w;
    default: break;
  }
  if (!correlation_) return sigma_ * scale_ * w;
  const double share = 0.5 * (1 + std::sin(w));
  return lower_ * (1 - share) + share;
}

PathPoint ProfilePath::move(const PathPoint& near, double w) {
  const PathPoint out = solve(w, near.free + (w - near.w) * near.tangent);
  return out.found ? out : solve(w, near.free);
}

PathPoint ProfilePath::lowest(const PathPoint& found) {
  constexpr double multiples[] = {0, 0.1, 10};
  PathPoint out = found;
  for (double multiple : multiples)
    for (Index chosen = 0; chosen <= length(terms_); ++chosen) {  // the last: all terms
      Vector free = found.free;
      Index variable = 0;
      for (Index t = 0; t < length(terms_); ++t)
        for (Index a = 0; a < terms_[t].start.size(); ++a, ++variable)
          if (variable != held_ && (chosen == t || chosen == length(terms_)))
            free[variable - (variable > held_)] *= multiple;
      const PathPoint other = solve(found.w, free);
      if (other.found && other.zeta < out.zeta) out = other;
    }
  return out;
}

void ProfilePath::choose_terms(const MlPoint& estimate, const ProfileTarget& target) {
  const CovarianceModel& covariance = estimate.problem().covariance();
  for (int t = 0; t < covariance.n_terms(); ++t) {
    const TermSpec& spec = estimate.terms()[t];
    const Vector user = estimate.theta().segment(covariance.first_parameter(t), covariance.structure(t).n_parameters());
    const int first = covariance.first_column(t);
    const Matrix A = estimate.problem().random().from_user.block(first, first, spec.size, spec.size);
    terms_.push_back(is_own(t) ? fix_parameter(spec.structure, spec.size, target.quantity, user, A)
                               : free_term(spec, user, A));
  }
}

void ProfilePath::choose_variables(const MlPoint& estimate, const ProfileTarget& target) {
  std::vector<double> X;
  for (Index t = 0; t < length(terms_); ++t) {
    const FixedParameterTerm& term = terms_[t];
    if (is_own(static_cast<int>(t))) {
      held_ = length(X) + term.held;
      scale_ = term.scale;
      lower_ = term.lower;
    }
    X.insert(X.end(), term.start.data(), term.start.data() + term.start.size());
  }
  if (kind_ != ProfileTarget::Kind::covariance) held_ = length(X) + is_coefficient();
  X.push_back(0);
  if (is_coefficient()) {
    X.push_back(0);
    rotate_to(estimate, target.coefficient);
  }
  start_ = Eigen::Map<Vector>(X.data(), length(X));
}

// beta_j = offset + scale t, with t the last coefficient in the rotated basis (fixed_basis.h);
// t = 0 at the estimate.
void ProfilePath::rotate_to(const MlPoint& estimate, int j) {
  const FixedBasis& fixed = estimate.fixed();
  const GroupStats& stats = estimate.problem().stats();
  const Vector row = fixed.user_map.row(j).transpose();
  const Vector weights = fixed.triangle.transpose().triangularView<Eigen::Lower>().solve(row);
  rotated_ =
      make_likelihood_sums(stats, with_last_combination(fixed, weights), estimate.problem().random(), execution_);
  scale_ = stats.y_scale * fixed.spread * weights.norm();
  offset_ = user_coefficients(fixed, stats, Vector::Zero(fixed.rank()))[j];
}

PathPoint ProfilePath::solve(double w, const Vector& free) {
  execution_.check_interrupt();
  MinimizeOptions options;
  options.tolerance = 1e-9;
  objective_->fix_at(w);
  const MinimizeSummary summary = minimize(*objective_, free, options, execution_);
  PathPoint out;
  out.found = summary.reason == StopReason::converged || summary.reason == StopReason::no_progress;
  if (!out.found) return out;
  objective_->evaluate(summary.x);
  if (optimum_.free.size() == 0) minimum_ = summary.evaluation.value;
  out.w = w;
  out.free = summary.x;
  out.zeta = std::sqrt(std::max(0.0, summary.evaluation.value - minimum_));
  add_tangent(out);
  return out;
}

// Directions in which the deviance is flat are left where they are.
void ProfilePath::add_tangent(PathPoint& point) const {
  const Vector cross = without(Vector(objective_->hessian().col(held_)), held_);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(without(objective_->hessian(), held_));
  const double flat = 1e-10 * eigen.eigenvalues().cwiseAbs().maxCoeff();
  Vector rotated = eigen.eigenvectors().transpose() * cross;
  for (Index i = 0; i < length(rotated); ++i)
    rotated[i] = eigen.eigenvalues()[i] > flat ? -rotated[i] / eigen.eigenvalues()[i] : 0;
  point.tangent = eigen.eigenvectors() * rotated;

  const double curvature = objective_->hessian()(held_, held_) + cross.dot(point.tangent);
  if (point.zeta >= ceiling_) {
    point.zeta = ceiling_;
    return;
  }
  point.slope = point.zeta > 1e-5 ? std::abs(objective_->gradient()[held_]) / (2 * point.zeta)
                                  : std::sqrt(std::max(0.0, curvature / 2));
}

}  // namespace mixest
