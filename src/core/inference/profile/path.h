// The path of the best values of all other parameters when one of them is held.
//
// The variables are X = (theta of every term, l = log sigma^2[, t the coefficient]), relative to
// the estimated sigma, so that a held standard deviation is one coordinate: Psi = exp(-l) D(theta).
// The others are found by the trust-region Newton method of the fit, started from the tangent of
// the path; with g, H the derivatives of the deviance at the solution
//
//     d'(w) = g_w,    dX/dw = -H_XX^{-1} H_Xw,    d''(w) = H_ww + H_wX dX/dw
//
// w is the held parameter on a scale on which zeta is nearly linear: a standard deviation, the
// angle of a correlation, l, t.
#pragma once

#include <limits>
#include <memory>

#include "../../base/execution.h"
#include "../../fit/problem.h"
#include "objective.h"

namespace mixest {

struct ProfileTarget {
  enum class Kind { covariance, sigma, coefficient };
  Kind kind = Kind::sigma;
  int term = 0;  // of covariance parameters
  TermTarget quantity{0};
  int coefficient = 0;  // place among the columns of X that are kept
};

// The maximum likelihood estimate in a form that every profile starts from.
class MlPoint {
 public:
  // `problem` (ML) must outlive the object; `theta`: the estimate in the user's parameters.
  MlPoint(const Problem& problem, const std::vector<TermSpec>& terms, const Vector& theta);

  // false: the likelihood can't be evaluated at theta, and nothing else is to be asked
  bool finite() const { return sums_ != nullptr; }
  const Problem& problem() const { return problem_; }
  const std::vector<TermSpec>& terms() const { return terms_; }
  const Vector& theta() const { return theta_; }
  const FixedBasis& fixed() const { return fixed_; }  // with the fitted values as the origin of y
  LikelihoodSums& sums() const { return *sums_; }
  double log_variance() const { return log_variance_; }  // in units of the basis of y
  double sigma() const { return sigma_; }                // user's units

 private:
  const Problem& problem_;
  std::vector<TermSpec> terms_;
  Vector theta_;
  FixedBasis fixed_;
  std::unique_ptr<LikelihoodSums> sums_;
  double log_variance_ = 0, sigma_ = 0;
};

// The best X for a held value w.
struct PathPoint {
  bool found = false;
  double w = 0;
  Vector free;
  double zeta = 0;   // without sign
  double slope = 0;  // |d zeta / d w|
  Vector tangent;    // d free / d w
};

class ProfilePath {
 public:
  // `estimate` must be finite. `ceiling`: zeta is never larger.
  ProfilePath(const MlPoint& estimate, const ProfileTarget& target, const Execution& execution,
              double ceiling = std::numeric_limits<double>::infinity());

  // Not found where the likelihood has no maximum: nothing else is to be asked then.
  const PathPoint& optimum() const { return optimum_; }
  double ceiling() const { return ceiling_; }

  // Limits of w; `side`: -1 or 1.
  double bound(int side) const;

  // Longer steps could leave the valley that is followed: beside correlations there are others,
  // where a standard deviation is zero.
  double longest_step() const;

  // How far from the optimum a deviance that has not risen yet will not rise any more.
  double far() const;

  // w in the user's units.
  double value(double w) const;

  // The best X at w, looked for from `near`.
  PathPoint move(const PathPoint& near, double w);

  // The best X at the value of `found`, looked for from other variances of each term and of all
  // together, too.
  PathPoint lowest(const PathPoint& found);

 private:
  bool is_coefficient() const { return kind_ == ProfileTarget::Kind::coefficient; }
  bool is_own(int term) const { return kind_ == ProfileTarget::Kind::covariance && term == target_term_; }
  void choose_terms(const MlPoint& estimate, const ProfileTarget& target);
  void choose_variables(const MlPoint& estimate, const ProfileTarget& target);
  void rotate_to(const MlPoint& estimate, int coefficient);
  PathPoint solve(double w, const Vector& free);
  void add_tangent(PathPoint& point) const;

  const Execution& execution_;
  double ceiling_;
  ProfileTarget::Kind kind_;
  int target_term_;
  bool correlation_;
  double sigma_;
  std::vector<FixedParameterTerm> terms_;
  std::unique_ptr<LikelihoodSums> rotated_;  // for a held coefficient
  Index held_ = 0;                           // place of w in X
  double scale_ = 1, offset_ = 0, lower_ = -1;
  Vector start_;  // X at the estimate
  std::unique_ptr<JointLikelihood> likelihood_;
  std::unique_ptr<FixedParameterObjective> objective_;
  double minimum_ = 0;
  PathPoint optimum_;
};

}  // namespace mixest
