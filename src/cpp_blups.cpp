#include "convert.h"
#include "core/likelihood/blups.h"

#include <Eigen/LU>

namespace {

mixest::Blups blups_at(const mixest::Problem& problem, const Eigen::MatrixXd& lambda) {
  const int p = problem.fixed().rank();
  Eigen::VectorXd b = Eigen::VectorXd::Zero(p);
  Eigen::MatrixXd factor = Eigen::MatrixXd::Identity(p, p);
  if (!lambda.isZero(0)) {
    const Eigen::MatrixXd in_fit_basis = problem.random().from_user.inverse() * lambda;
    const mixest::Evaluation at = problem.likelihood().evaluate(in_fit_basis, mixest::Order::value);
    b = at.beta();
    if (p > 0) at.triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(factor);
  }
  return mixest::predict_random_effects(problem.stats(), problem.fixed(), problem.random(), lambda, b, factor);
}

Rcpp::NumericVector as_array(const Eigen::MatrixXd& side_by_side, Eigen::Index columns, Eigen::Index slices) {
  Rcpp::NumericVector out(side_by_side.data(), side_by_side.data() + side_by_side.size());
  out.attr("dim") = Rcpp::IntegerVector::create(static_cast<int>(side_by_side.rows()), static_cast<int>(columns), static_cast<int>(slices));
  return out;
}

}  // namespace

// For each grouping factor gamma (q x m), cond_factor (q x q x m) and carried (q x rank x m), see R/blups.R. `lambda`: relative covariance
// factor in the user's columns.
// [[Rcpp::export]]
Rcpp::List cpp_blups(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::MatrixXd& lambda) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, 1);
  const mixest::Blups blups = blups_at(problem, lambda);
  return Rcpp::List::create(
      Rcpp::Named("gamma") = Rcpp::List::create(blups.gamma),
      Rcpp::Named("cond_factor") = Rcpp::List::create(as_array(blups.factor, group_stats.q, group_stats.m)),
      Rcpp::Named("carried") = Rcpp::List::create(as_array(blups.carried, problem.fixed().rank(), group_stats.m)));
}

// u' Var(gamma | y) u / sigma^2 for the rows u of U, gamma the effects of the levels `codes` (one column for each grouping factor, numbered from 1); NA: a
// level without data.
// [[Rcpp::export]]
Eigen::VectorXd cpp_conditional_variance(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::MatrixXd& lambda,
                                         const Eigen::MatrixXd& U, const Rcpp::IntegerMatrix& codes) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, 1);
  const mixest::Blups blups = blups_at(problem, lambda);
  const Eigen::Index q = group_stats.q;
  Eigen::VectorXd out(U.rows());
  for (Eigen::Index r = 0; r < U.rows(); ++r) {
    const int code = codes(static_cast<int>(r), 0);
    if (code == NA_INTEGER) {
      out[r] = (U.row(r) * lambda).squaredNorm();
    } else {
      out[r] = (U.row(r) * blups.factor.middleCols((code - 1) * q, q)).squaredNorm();
    }
  }
  return out;
}
