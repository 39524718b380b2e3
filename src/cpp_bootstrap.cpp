#include "convert.h"
#include "core/inference/resampling/bootstrap.h"

namespace {

// `request`: list(terms, REML, theta, type, seed, control, components); type: "parametric" or
// "cases"; components: 2 x c, columns of U from 1.
mixest::BootstrapRequest request_from_r(const Rcpp::List& request) {
  mixest::BootstrapRequest out;
  out.terms = mixest::terms_from_r(request["terms"]);
  out.reml = Rcpp::as<bool>(request["REML"]);
  out.theta = Rcpp::as<Eigen::VectorXd>(request["theta"]);
  const std::string type = Rcpp::as<std::string>(request["type"]);
  out.resampling = type == "cases" ? mixest::Resampling::groups : mixest::Resampling::response;
  out.seed = static_cast<std::uint32_t>(Rcpp::as<double>(request["seed"]));
  out.search = mixest::search_options_from_r(request["control"]);
  const Rcpp::IntegerMatrix components = request["components"];
  for (int c = 0; c < components.ncol(); ++c) out.components.emplace_back(components(0, c) - 1, components(1, c) - 1);
  return out;
}

}  // namespace

// Replicates first .. first + count - 1: estimates (one row each), status, at_boundary; empty when
// nothing can be drawn.
// [[Rcpp::export]]
Rcpp::List cpp_bootstrap(const Rcpp::List& stats, const Rcpp::List& request, double first, int count) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::BootstrapRequest wanted = request_from_r(request);
  const mixest::Draw draw = mixest::make_draw(group_stats, wanted);
  if (!draw) return Rcpp::List();
  const Rcpp::List control = request["control"];
  const mixest::Replicates found = mixest::bootstrap(group_stats, wanted, draw, static_cast<std::uint64_t>(first),
                                                     count, mixest::interruptible(Rcpp::as<int>(control["threads"])));
  Rcpp::CharacterVector status(count);
  for (int r = 0; r < count; ++r) status[r] = mixest::status_name(found.status[r]);
  return Rcpp::List::create(Rcpp::Named("values") = found.values, Rcpp::Named("status") = status,
                            Rcpp::Named("at_boundary") = found.at_boundary);
}

// The condensed data of one replicate; empty when nothing can be drawn.
// [[Rcpp::export]]
Rcpp::List cpp_bootstrap_stats(const Rcpp::List& stats, const Rcpp::List& request, double replicate) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const mixest::BootstrapRequest wanted = request_from_r(request);
  const mixest::Draw draw = mixest::make_draw(group_stats, wanted);
  if (!draw) return Rcpp::List();
  mixest::RandomDraws random(wanted.seed, static_cast<std::uint64_t>(replicate));
  mixest::GroupStats out = group_stats;
  out.remainders = mixest::GroupRemainders();
  draw(random, out);
  return mixest::group_stats_to_r(out);
}
