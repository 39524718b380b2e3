#include <Eigen/LU>

#include "convert.h"
#include "core/random_effects/blups.h"

namespace {

// At Psi = 0 nothing is predicted, and for a perfect fit there is no likelihood to evaluate.
mixest::Matrix triangle_at(const mixest::Problem& problem, const mixest::Matrix& lambda) {
  const Eigen::Index k = problem.fixed().rank() + 1;
  if (lambda.isZero(0)) return mixest::Matrix::Identity(k, k);
  return problem.likelihood().evaluate(problem.random().from_user.inverse() * lambda, mixest::Order::value).triangle;
}

Rcpp::NumericVector array(const mixest::Matrix& columns, Eigen::Index width, Eigen::Index slices) {
  Rcpp::NumericVector out(columns.data(), columns.data() + columns.size());
  out.attr("dim") = Rcpp::IntegerVector::create(columns.rows(), width, slices);
  return out;
}

}  // namespace

// Lists with one element for each grouping factor. `lambda`: relative covariance factor in the
// user's columns.
// [[Rcpp::export]]
Rcpp::List cpp_blups(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::MatrixXd& lambda) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::Problem problem(group_stats, mixest::terms_from_r(terms), reml, mixest::interruptible(1));
  Rcpp::List gamma, factor, carried;
  for (const mixest::LevelEffects& effects : mixest::predict_random_effects(
           group_stats, problem.fixed(), problem.random(), lambda, triangle_at(problem, lambda), problem.execution())) {
    const Eigen::Index w = effects.gamma.rows(), levels = effects.gamma.cols();
    gamma.push_back(effects.gamma);
    factor.push_back(array(effects.root, w, levels));
    carried.push_back(array(effects.beta_sensitivity, problem.fixed().rank(), levels));
  }
  return Rcpp::List::create(Rcpp::Named("gamma") = gamma, Rcpp::Named("cond_factor") = factor,
                            Rcpp::Named("carried") = carried);
}
