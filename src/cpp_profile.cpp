#include "convert.h"
#include "core/inference/profile/profile.h"

namespace {

// list(kind = "sd" | "cor" | "sigma" | "fixed", term, first, second), numbers from 1; second = 0
// where there is none.
mixest::ProfileTarget target_from_r(SEXP element) {
  const Rcpp::List list(element);
  const std::string kind = Rcpp::as<std::string>(list["kind"]);
  mixest::ProfileTarget target;
  if (kind == "sigma") return target;
  const int first = Rcpp::as<int>(list["first"]) - 1;
  if (kind == "fixed") {
    target.kind = mixest::ProfileTarget::Kind::coefficient;
    target.coefficient = first;
    return target;
  }
  target.kind = mixest::ProfileTarget::Kind::covariance;
  target.term = Rcpp::as<int>(list["term"]) - 1;
  target.quantity = {first, kind == "cor" ? Rcpp::as<int>(list["second"]) - 1 : -1};
  return target;
}

}  // namespace

// `theta`: the maximum likelihood estimate. One row (lower, upper) for each target; zeta
// is +-cutoff there.
// [[Rcpp::export]]
Rcpp::NumericMatrix cpp_profile_intervals(const Rcpp::List& stats, const Rcpp::List& terms,
                                          const Eigen::VectorXd& theta, const Rcpp::List& targets, double cutoff) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const std::vector<mixest::TermSpec> specs = mixest::terms_from_r(terms);
  const mixest::Execution execution = mixest::interruptible(1);
  const mixest::Problem problem(group_stats, specs, false, execution);
  const mixest::MlPoint estimate(problem, specs, theta);
  Rcpp::NumericMatrix out(targets.size(), 2);
  for (R_xlen_t i = 0; i < targets.size(); ++i) {
    const mixest::Interval interval = mixest::profile_interval(estimate, target_from_r(targets[i]), cutoff, execution);
    out(i, 0) = interval.lower;
    out(i, 1) = interval.upper;
  }
  return out;
}

// For each target list(value, zeta), zeta from -largest to largest in steps of about `step`.
// [[Rcpp::export]]
Rcpp::List cpp_profile_curves(const Rcpp::List& stats, const Rcpp::List& terms, const Eigen::VectorXd& theta,
                              const Rcpp::List& targets, double largest, double step) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const std::vector<mixest::TermSpec> specs = mixest::terms_from_r(terms);
  const mixest::Execution execution = mixest::interruptible(1);
  const mixest::Problem problem(group_stats, specs, false, execution);
  const mixest::MlPoint estimate(problem, specs, theta);
  Rcpp::List out(targets.size());
  for (R_xlen_t i = 0; i < targets.size(); ++i) {
    const mixest::ProfileCurve curve =
        mixest::profile_curve(estimate, target_from_r(targets[i]), largest, step, execution);
    out[i] = Rcpp::List::create(Rcpp::Named("value") = curve.value, Rcpp::Named("zeta") = curve.zeta);
  }
  return out;
}
