#include "convert.h"
#include "core/likelihood/blups.h"

#include <Eigen/LU>

// `lambda`: relative covariance factor in the user's columns.
// [[Rcpp::export]]
Rcpp::List cpp_blups(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::MatrixXd& lambda) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, 1);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(problem.fixed().rank());
  if (!lambda.isZero(0)) {
    const Eigen::MatrixXd in_fit_basis = problem.random().from_user.inverse() * lambda;
    b = problem.likelihood().evaluate(in_fit_basis, mixest::Order::value).beta();
  }
  const mixest::Blups blups = mixest::predict_random_effects(group_stats, problem.fixed(), problem.random(), lambda, b);
  Rcpp::NumericVector factor(blups.factor.data(), blups.factor.data() + blups.factor.size());
  factor.attr("dim") = Rcpp::IntegerVector::create(group_stats.q, group_stats.q, static_cast<int>(group_stats.m));
  return Rcpp::List::create(Rcpp::Named("gamma") = blups.gamma, Rcpp::Named("cond_factor") = factor);
}
