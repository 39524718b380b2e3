#include "convert.h"
#include "core/data/condense.h"

namespace {

mixest::MatrixView view(const Rcpp::NumericMatrix& matrix) { return {matrix.begin(), matrix.nrow(), matrix.ncol()}; }

// Empty for NULL: absent weights or offset.
Rcpp::NumericVector values_or_none(const Rcpp::Nullable<Rcpp::NumericVector>& values) {
  return values.isNull() ? Rcpp::NumericVector(0) : Rcpp::NumericVector(values.get());
}

const double* data_or_null(const Rcpp::NumericVector& values) { return values.size() == 0 ? nullptr : values.begin(); }

}  // namespace

// Residual mean square of y given X within groups, in the user's units; 1 when there is none.
// [[Rcpp::export]]
double cpp_residual_variance(const Rcpp::List& stats) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const double pivot = group_stats.R0(group_stats.p, group_stats.p) * group_stats.y_scale;
  const double df = group_stats.n_obs - group_stats.p - static_cast<double>(group_stats.q) * group_stats.m;
  const double variance = pivot * pivot / std::max(1.0, df);
  return variance > 0 ? variance : 1;
}

// `groups`: codes 1.. of each grouping factor; `n_groups`: their levels; `term_group`: each term's factor, from 1.
// One "group_stats" for each column of Y. `leftovers`: keep what belongs to each group alone?
// [[Rcpp::export]]
Rcpp::List cpp_condense(const Rcpp::NumericMatrix& X, const Rcpp::NumericMatrix& U, const Rcpp::NumericMatrix& Y,
                        const Rcpp::List& groups, const std::vector<int>& n_groups, Rcpp::Nullable<Rcpp::NumericVector> weights,
                        Rcpp::Nullable<Rcpp::NumericVector> offset, const Eigen::VectorXd& constant_x,
                        const Eigen::VectorXd& constant_u, const std::vector<int>& u_term, const std::vector<int>& term_group, bool leftovers, int threads) {
  if (groups.size() != 1 || term_group.empty()) throw mixest::Misuse("there must be one grouping factor");
  const Rcpp::IntegerVector group = groups[0];
  const Rcpp::NumericVector w = values_or_none(weights), o = values_or_none(offset);
  const mixest::Rows rows{view(X), view(U), view(Y), group.begin(), data_or_null(w), data_or_null(o)};
  const mixest::Layout layout{n_groups[0], constant_x, constant_u, u_term};
  const auto keep = leftovers ? mixest::Keep::leftovers : mixest::Keep::pooled;
  const std::vector<mixest::GroupStats> stats = mixest::condense(rows, layout, keep, mixest::interruptible(threads));
  Rcpp::List out(static_cast<R_xlen_t>(stats.size()));
  for (std::size_t j = 0; j < stats.size(); ++j) {
    Rcpp::List one = mixest::group_stats_to_r(stats[j]);
    if (j > 0) one["R"] = Rcpp::as<Rcpp::List>(out[0])["R"];  // the same in all: kept once
    out[static_cast<R_xlen_t>(j)] = one;
  }
  return out;
}
