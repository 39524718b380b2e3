#include "convert.h"
#include "core/inference/small_sample/variance_information.h"

// Joint observed information of (theta, log sigma); `moves`: for each theta, is it off the
// boundary?
// [[Rcpp::export]]
Rcpp::List cpp_variance_information(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                    const Eigen::VectorXd& theta) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const mixest::VarianceInformation at = mixest::variance_information(problem, theta);
  return Rcpp::List::create(Rcpp::Named("information") = at.information, Rcpp::Named("moves") = at.moves,
                            Rcpp::Named("finite") = at.finite);
}
