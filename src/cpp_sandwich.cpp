#include "convert.h"
#include "core/inference/sandwich.h"

namespace {

mixest::Correction correction_of(const std::string& type) {
  if (type == "CR0") return mixest::Correction::CR0;
  if (type == "CR1") return mixest::Correction::CR1;
  if (type == "CR2") return mixest::Correction::CR2;
  if (type == "CR3") return mixest::Correction::CR3;
  throw mixest::Misuse("unknown type of robust covariance matrix");
}

struct Reading {
  mixest::GroupStats stats;
  mixest::Problem problem;
  mixest::GroupRowsReader reader;

  Reading(const Rcpp::List& condensed, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta)
      : stats(mixest::group_stats_from_r(condensed)),
        problem(stats, mixest::terms_from_r(terms), reml),
        reader(problem, problem.covariance().from_user(theta, problem.random().from_user)) {}
};

}  // namespace

// `theta`: the estimate, user's parametrisation. factor: F; scores: rank x m, Var(beta^) = sigma^2 F scores scores' F'; alone: groups
// (from 1) without which beta is not estimable. An empty list when the likelihood can't be evaluated.
// [[Rcpp::export]]
Rcpp::List cpp_sandwich(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta, const std::string& type) {
  const Reading reading(stats, terms, reml, theta);
  if (!reading.reader.finite()) return Rcpp::List();
  const mixest::Sandwich found = mixest::sandwich(reading.reader, correction_of(type));
  Rcpp::IntegerVector alone(found.alone.begin(), found.alone.end());
  return Rcpp::List::create(Rcpp::Named("factor") = reading.reader.user_factor(), Rcpp::Named("scores") = found.scores,
                            Rcpp::Named("alone") = alone + 1);
}

// `L`: contrasts in rows, on the user's columns that are kept.
// [[Rcpp::export]]
Rcpp::List cpp_sandwich_moments(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta,
                                const std::string& type, const Eigen::MatrixXd& L) {
  const Reading reading(stats, terms, reml, theta);
  if (!reading.reader.finite()) return Rcpp::List();
  const mixest::SandwichMoments moments =
      mixest::sandwich_moments(reading.reader, correction_of(type), (L * reading.reader.user_factor()).transpose());
  return Rcpp::List::create(Rcpp::Named("mean") = moments.mean, Rcpp::Named("variance") = moments.variance);
}
