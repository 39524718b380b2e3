#include "convert.h"
#include "core/inference/robust/cluster_rows.h"
#include "core/inference/robust/group_rows.h"
#include "core/inference/robust/sandwich.h"

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

Rcpp::List scores_to_r(const mixest::Sandwich& found) {
  Rcpp::IntegerVector alone(found.alone.begin(), found.alone.end());
  return Rcpp::List::create(Rcpp::Named("scores") = found.scores, Rcpp::Named("alone") = alone + 1);
}

Rcpp::List moments_to_r(const mixest::SandwichMoments& moments) {
  return Rcpp::List::create(Rcpp::Named("mean") = moments.mean, Rcpp::Named("variance") = moments.variance);
}

// rows: list(X, e, UL, column_factor, levels, cluster, n_clusters), numbers from 1; see
// cluster_rows.h.
struct ClusteredRows {
  mixest::ScaledRows rows;
  mixest::ClusterRowsReader reader;

  explicit ClusteredRows(const Rcpp::List& list)
      : rows{Rcpp::as<Eigen::MatrixXd>(list["X"]), Rcpp::as<Eigen::VectorXd>(list["e"]),
             Rcpp::as<Eigen::MatrixXd>(list["UL"]), from_zero(list["column_factor"]), levels(list["levels"])},
        reader(rows, from_zero(list["cluster"]), Rcpp::as<int>(list["n_clusters"])) {}

 private:
  static std::vector<int> from_zero(SEXP codes) {
    std::vector<int> out = Rcpp::as<std::vector<int>>(codes);
    for (int& code : out) --code;
    return out;
  }

  static std::vector<std::vector<int>> levels(const Rcpp::List& factors) {
    std::vector<std::vector<int>> out;
    for (R_xlen_t f = 0; f < factors.size(); ++f) out.push_back(from_zero(factors[f]));
    return out;
  }
};

}  // namespace

// `theta`: the estimate, user's parametrisation. factor: F; scores: rank x m, Var(beta^) = sigma^2
// F scores scores' F'; alone: groups (from 1) without which beta is not estimable. An empty list
// when the likelihood can't be evaluated.
// [[Rcpp::export]]
Rcpp::List cpp_sandwich(const Rcpp::List& stats, const Rcpp::List& terms, bool reml, const Eigen::VectorXd& theta,
                        const std::string& type) {
  const Reading reading(stats, terms, reml, theta);
  if (!reading.reader.finite()) return Rcpp::List();
  Rcpp::List out = scores_to_r(mixest::sandwich(reading.reader, correction_of(type)));
  out["factor"] = reading.reader.user_beta_root();
  return out;
}

// `L`: contrasts in rows, on the user's columns that are kept.
// [[Rcpp::export]]
Rcpp::List cpp_sandwich_moments(const Rcpp::List& stats, const Rcpp::List& terms, bool reml,
                                const Eigen::VectorXd& theta, const std::string& type, const Eigen::MatrixXd& L) {
  const Reading reading(stats, terms, reml, theta);
  if (!reading.reader.finite()) return Rcpp::List();
  return moments_to_r(
      mixest::sandwich_moments(reading.reader, correction_of(type), (L * reading.reader.user_beta_root()).transpose()));
}

// The same for clusters of several nested factors, from rows. `contrasts`: L F, one contrast a row.
// [[Rcpp::export]]
Rcpp::List cpp_cluster_sandwich(const Rcpp::List& rows, const std::string& type) {
  const ClusteredRows clustered(rows);
  return scores_to_r(mixest::sandwich(clustered.reader, correction_of(type)));
}

// [[Rcpp::export]]
Rcpp::List cpp_cluster_sandwich_moments(const Rcpp::List& rows, const std::string& type,
                                        const Eigen::MatrixXd& contrasts) {
  const ClusteredRows clustered(rows);
  return moments_to_r(mixest::sandwich_moments(clustered.reader, correction_of(type), contrasts.transpose()));
}
