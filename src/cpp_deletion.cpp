#include "convert.h"
#include "core/inference/resampling/deletion.h"

// Estimates without each group in turn, those of one deletion in a column (or slice): theta, sigma,
// beta (p rows, NA where aliased), vcov (p x p x m, NA where aliased), lambda (q x q x m), status,
// singular, evaluations. All NA where there is no estimate.
// [[Rcpp::export]]
Rcpp::List cpp_leave_each_out(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta,
                              const Rcpp::List& control) {
  const mixest::GroupStats all = mixest::group_stats_from_r(stats);
  const mixest::Execution execution = mixest::interruptible(Rcpp::as<int>(control["threads"]));
  const std::vector<mixest::Fit> fits = mixest::leave_each_out(all, mixest::terms_from_r(terms), reml, theta,
                                                               mixest::search_options_from_r(control), execution);

  const R_xlen_t m = all.m, p = all.p, q = all.q, d = theta.size();
  Rcpp::NumericMatrix thetas(d, m), betas(p, m);
  Rcpp::NumericVector sigmas(m, NA_REAL), vcov(p * p * m, NA_REAL), lambdas(q * q * m, NA_REAL);
  Rcpp::IntegerVector evaluations(m);
  Rcpp::LogicalVector singular(m, NA_LOGICAL);
  Rcpp::CharacterVector status(m);
  std::fill(thetas.begin(), thetas.end(), NA_REAL);
  std::fill(betas.begin(), betas.end(), NA_REAL);
  for (R_xlen_t i = 0; i < m; ++i) {
    const mixest::Fit& fit = fits[i];
    status[i] = mixest::status_name(fit.status);
    evaluations[i] = fit.evaluations;
    if (fit.theta.size() == 0) continue;
    std::copy(fit.theta.data(), fit.theta.data() + d, thetas.begin() + i * d);
    std::copy(fit.lambda.data(), fit.lambda.data() + q * q, lambdas.begin() + i * q * q);
    sigmas[i] = fit.sigma;
    singular[i] = fit.certificate.at_boundary;
    const Eigen::MatrixXd factor = fit.sigma * fit.beta_factor;
    for (mixest::Index r = 0; r < mixest::length(fit.kept); ++r) {
      const auto row = static_cast<Eigen::Index>(r);
      betas(fit.kept[r], i) = fit.beta[row];
      for (mixest::Index c = 0; c < mixest::length(fit.kept); ++c)
        vcov[(i * p + fit.kept[c]) * p + fit.kept[r]] = factor.row(row).dot(factor.row(static_cast<Eigen::Index>(c)));
    }
  }
  vcov.attr("dim") = Rcpp::IntegerVector::create(p, p, m);
  lambdas.attr("dim") = Rcpp::IntegerVector::create(q, q, m);
  return Rcpp::List::create(Rcpp::Named("theta") = thetas, Rcpp::Named("sigma") = sigmas, Rcpp::Named("beta") = betas,
                            Rcpp::Named("vcov") = vcov, Rcpp::Named("lambda") = lambdas, Rcpp::Named("status") = status,
                            Rcpp::Named("singular") = singular, Rcpp::Named("evaluations") = evaluations);
}
