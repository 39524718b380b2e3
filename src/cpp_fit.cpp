#include "convert.h"
#include "core/fit/fit_lmm.h"

namespace {

const char* status_name(mixest::FitStatus status) {
  switch (status) {
    case mixest::FitStatus::converged: return "converged";
    case mixest::FitStatus::flat: return "flat";
    case mixest::FitStatus::max_iterations: return "max_iterations";
    case mixest::FitStatus::no_progress: return "no_progress";
    case mixest::FitStatus::perfect_fit: return "perfect_fit";
    case mixest::FitStatus::perfect_groups: return "perfect_groups";
    case mixest::FitStatus::dependent_columns: return "dependent_columns";
    case mixest::FitStatus::no_residual_df: return "no_residual_df";
    case mixest::FitStatus::not_finite: return "not_finite";
  }
  return "";
}

Rcpp::List certificate_with_status(const mixest::Fit& fit) {
  Rcpp::List out = mixest::certificate_to_r(fit.certificate);
  out["status"] = status_name(fit.status);
  out["converged"] = fit.status == mixest::FitStatus::converged;
  out["iterations"] = fit.iterations;
  out["evaluations"] = fit.evaluations;
  return out;
}

}  // namespace

// [[Rcpp::export]]
Rcpp::List cpp_fit(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, Rcpp::Nullable<Rcpp::NumericVector> start,
                   const Rcpp::List& control) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Execution execution = mixest::interruptible(Rcpp::as<int>(control["threads"]));
  mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, execution.threads);
  mixest::SearchOptions options;
  options.tolerance = Rcpp::as<double>(control["tolerance"]);
  options.max_iterations = Rcpp::as<int>(control["max_iterations"]);
  options.starts = Rcpp::as<int>(control["starts"]);
  const Eigen::VectorXd from = start.isNull() ? Eigen::VectorXd() : Rcpp::as<Eigen::VectorXd>(start.get());
  const mixest::Fit fit = mixest::fit_lmm(problem, from, options, execution);

  Rcpp::NumericVector beta(group_stats.p, NA_REAL);
  Rcpp::LogicalVector aliased(group_stats.p, true);
  for (std::size_t j = 0; j < fit.kept.size(); ++j) {
    beta[fit.kept[j]] = fit.beta[static_cast<Eigen::Index>(j)];
    aliased[fit.kept[j]] = false;
  }
  return Rcpp::List::create(
      Rcpp::Named("theta") = Rcpp::NumericVector(fit.theta.data(), fit.theta.data() + fit.theta.size()),
      Rcpp::Named("deviance") = fit.deviance, Rcpp::Named("sigma") = fit.sigma, Rcpp::Named("beta") = beta,
      Rcpp::Named("aliased") = aliased, Rcpp::Named("beta_factor") = fit.beta_factor, Rcpp::Named("lambda") = fit.lambda,
      Rcpp::Named("dependent") = Rcpp::IntegerVector(fit.dependent.begin(), fit.dependent.end()) + 1,
      Rcpp::Named("certificate") = certificate_with_status(fit));
}
