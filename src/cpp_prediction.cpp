#include <Eigen/LU>

#include "convert.h"
#include "core/fit/fixed_effects.h"
#include "core/inference/small_sample/prediction_moves.h"

namespace {

// Levels from 1, NA for one without data -> from 0, -1.
Eigen::MatrixXi levels_from_r(const Rcpp::IntegerMatrix& codes) {
  Eigen::MatrixXi levels(codes.nrow(), codes.ncol());
  for (R_xlen_t i = 0; i < codes.size(); ++i) levels.data()[i] = codes[i] == NA_INTEGER ? -1 : codes[i] - 1;
  return levels;
}

}  // namespace

// u'Var(gamma | y)u / sigma^2 for each row, beta as known. `lambda`: in the user's columns;
// `codes`: n x grouping factors, levels from 1, NA for one without data.
// [[Rcpp::export]]
Eigen::VectorXd cpp_conditional_variance(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                         const Eigen::MatrixXd& lambda, const Eigen::MatrixXd& U,
                                         const Rcpp::IntegerMatrix& codes) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const Eigen::MatrixXi levels = levels_from_r(codes);
  const auto rows = mixest::predicted_rows(group_stats, problem.fixed(), problem.random(), lambda, {U, levels});
  Eigen::VectorXd out(U.rows());
  for (Eigen::Index i = 0; i < out.size(); ++i) out[i] = rows->variance(i);
  return out;
}

// u_a'Var(gamma | y)u_b / sigma^2 for all pairs of rows within each block, as far as their
// levels have data. `blocks`: list of row numbers from 1. value: list of matrices.
// [[Rcpp::export]]
Rcpp::List cpp_conditional_covariance(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                      const Eigen::MatrixXd& lambda, const Eigen::MatrixXd& U,
                                      const Rcpp::IntegerMatrix& codes, const Rcpp::List& blocks) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const Eigen::MatrixXi levels = levels_from_r(codes);
  const auto rows = mixest::predicted_rows(group_stats, problem.fixed(), problem.random(), lambda, {U, levels});
  Rcpp::List out;
  for (R_xlen_t b = 0; b < blocks.size(); ++b) {
    const Rcpp::IntegerVector block = blocks[b];
    Eigen::MatrixXd covariance(block.size(), block.size());
    for (Eigen::Index j = 0; j < covariance.cols(); ++j)
      for (Eigen::Index i = 0; i <= j; ++i)
        covariance(i, j) = covariance(j, i) = rows->covariance(block[i] - 1, block[j] - 1);
    out.push_back(covariance);
  }
  return out;
}

// How predictions and their error variances move, see
// core/inference/small_sample/prediction_moves.h; `theta` and `information` as of
// cpp_vcov_moves(). An empty list where the likelihood can't be evaluated.
// [[Rcpp::export]]
Rcpp::List cpp_prediction_moves(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                const Eigen::VectorXd& theta, const std::string& information,
                                const Eigen::MatrixXd& lambda, const Eigen::MatrixXd& U,
                                const Rcpp::IntegerMatrix& codes, const Eigen::MatrixXd& Z) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const Eigen::VectorXd at = problem.covariance().from_user(theta, problem.random().from_user);
  mixest::LmmObjective objective(problem);
  const auto kind = information == "observed" ? mixest::Information::observed : mixest::Information::expected;
  const mixest::VcovJacobian moves = mixest::vcov_jacobian(problem, objective, at, kind);
  if (!moves.finite) return Rcpp::List();
  const Eigen::MatrixXi levels = levels_from_r(codes);
  const mixest::PredictionMoves found = mixest::prediction_moves(problem, moves, lambda, {U, levels}, Z);
  return Rcpp::List::create(Rcpp::Named("variance") = found.variance, Rcpp::Named("prediction") = found.prediction,
                            Rcpp::Named("log_sigma2") = found.log_sigma2);
}

// Generalised least squares at a relative covariance: beta and F with Var(beta^) = sigma^2 F F',
// of the columns kept.
// [[Rcpp::export]]
Rcpp::List cpp_fixed_effects(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                             const Eigen::MatrixXd& lambda) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  const Eigen::MatrixXd in_fit_basis = problem.random().from_user.inverse() * lambda;
  const mixest::FixedEffects found =
      mixest::fixed_effects(problem, problem.likelihood().evaluate(in_fit_basis, mixest::Order::value));
  return Rcpp::List::create(Rcpp::Named("beta") = found.beta, Rcpp::Named("beta_factor") = found.factor);
}

// The columns of X as they were condensed: which are kept (from 1), the triangular factor of
// those, and each dropped column as a combination of them.
// [[Rcpp::export]]
Rcpp::List cpp_condensed_columns(const Rcpp::List& stats) {
  const mixest::FixedBasis fixed = mixest::choose_fixed_basis(mixest::group_stats_from_r(stats), 1);
  const Rcpp::IntegerVector kept(fixed.kept.begin(), fixed.kept.end());
  const Rcpp::IntegerVector dropped(fixed.dropped.begin(), fixed.dropped.end());
  return Rcpp::List::create(Rcpp::Named("kept") = kept + 1, Rcpp::Named("dropped") = dropped + 1,
                            Rcpp::Named("triangle") = fixed.triangle, Rcpp::Named("combination") = fixed.combination);
}
