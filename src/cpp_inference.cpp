#include "convert.h"
#include "core/inference/small_sample/kenward_roger.h"
#include "core/likelihood/fixed_columns.h"

// `theta`: the estimate, user's parametrisation. `kenward_roger`: also the factor of its
// covariance, from that information ("observed" or "expected"); the moves are then those of the
// same information.
// [[Rcpp::export]]
Rcpp::List cpp_vcov_moves(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta,
                          const std::string& information, bool kenward_roger) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const Eigen::VectorXd in_fit = problem.covariance().from_user(theta, problem.random().from_user);
  const auto kind = information == "observed" ? mixest::Information::observed : mixest::Information::expected;
  mixest::LmmObjective objective(problem);
  mixest::KenwardRoger found;
  if (kenward_roger) {
    found = mixest::kenward_roger(problem, objective, in_fit, kind);
  } else {
    found.jacobian = mixest::vcov_jacobian(problem, objective, in_fit, kind);
  }
  if (!found.jacobian.finite) return Rcpp::List();
  const std::vector<mixest::Matrix>& moves = found.jacobian.steps;
  return Rcpp::List::create(Rcpp::Named("moves") = Rcpp::List(moves.begin(), moves.end()),
                            Rcpp::Named("factor") = found.root);
}

// The user's columns of X among each other (core/likelihood/fixed_columns.h), columns counted from
// 1.
// [[Rcpp::export]]
Rcpp::List cpp_fixed_columns(const Rcpp::List& stats) {
  mixest::FixedColumns columns = mixest::fixed_columns(mixest::group_stats_from_r(stats), 1);
  for (int& j : columns.kept) ++j;
  for (int& j : columns.dropped) ++j;
  return Rcpp::List::create(Rcpp::Named("kept") = columns.kept, Rcpp::Named("dropped") = columns.dropped,
                            Rcpp::Named("factor") = columns.factor, Rcpp::Named("combination") = columns.combination,
                            Rcpp::Named("length") = columns.lengths);
}
