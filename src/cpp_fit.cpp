#include "convert.h"
#include "core/fit/fit_lmm.h"

namespace {

Rcpp::List certificate_with_status(const mixest::Fit& fit) {
  Rcpp::List out = mixest::certificate_to_r(fit.certificate);
  out["status"] = mixest::status_name(fit.status);
  out["converged"] = fit.status == mixest::FitStatus::converged;
  out["iterations"] = fit.iterations;
  out["evaluations"] = fit.evaluations;
  return out;
}

}  // namespace

// [[Rcpp::export]]
Rcpp::List cpp_fit(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                   Rcpp::Nullable<Rcpp::NumericVector> start, const Rcpp::List& control) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Execution execution = mixest::interruptible(Rcpp::as<int>(control["threads"]));
  mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, execution);
  const Eigen::VectorXd from = start.isNull() ? Eigen::VectorXd() : Rcpp::as<Eigen::VectorXd>(start.get());
  const mixest::Fit fit = mixest::fit_lmm(problem, from, mixest::search_options_from_r(control), execution);

  Rcpp::NumericVector beta(group_stats.p, NA_REAL);
  Rcpp::LogicalVector aliased(group_stats.p, true);
  for (mixest::Index j = 0; j < mixest::length(fit.kept); ++j) {
    beta[fit.kept[j]] = fit.beta[static_cast<Eigen::Index>(j)];
    aliased[fit.kept[j]] = false;
  }
  return Rcpp::List::create(
      Rcpp::Named("theta") = Rcpp::NumericVector(fit.theta.data(), fit.theta.data() + fit.theta.size()),
      Rcpp::Named("deviance") = fit.deviance, Rcpp::Named("sigma") = fit.sigma, Rcpp::Named("beta") = beta,
      Rcpp::Named("aliased") = aliased, Rcpp::Named("beta_factor") = fit.beta_factor,
      Rcpp::Named("lambda") = fit.lambda,
      Rcpp::Named("dependent") = Rcpp::IntegerVector(fit.dependent.begin(), fit.dependent.end()) + 1,
      Rcpp::Named("certificate") = certificate_with_status(fit));
}
