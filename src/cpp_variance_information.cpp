#include "convert.h"
#include "core/inference/small_sample/variance_information.h"

// Covariance matrix of (theta, log sigma), the user's parameters; zero for what is held at the
// boundary.
// [[Rcpp::export]]
Rcpp::List cpp_variance_information(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                    const Eigen::VectorXd& theta) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const mixest::VarianceInformation found = mixest::variance_information(problem, theta);
  return Rcpp::List::create(Rcpp::Named("covariance") = found.covariance, Rcpp::Named("finite") = found.finite);
}
