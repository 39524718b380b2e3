#include "convert.h"
#include "core/fit/user_deviance.h"

// [[Rcpp::export]]
Rcpp::List cpp_evaluate(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta,
                        int order) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  mixest::MarginalLikelihood likelihood = problem.likelihood();
  const mixest::ObjectiveValue evaluation =
      mixest::user_deviance(problem, likelihood, theta, static_cast<mixest::Order>(order));
  return Rcpp::List::create(Rcpp::Named("value") = evaluation.finite ? evaluation.value : NA_REAL,
                            Rcpp::Named("gradient") = evaluation.gradient, Rcpp::Named("hessian") = evaluation.hessian);
}
