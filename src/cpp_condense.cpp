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

// One "group_stats" for each column of Y. `leftovers`: keep what belongs to each group alone?
// [[Rcpp::export]]
Rcpp::List cpp_condense(const Rcpp::NumericMatrix& X, const Rcpp::NumericMatrix& U, const Rcpp::NumericMatrix& Y,
                        const Rcpp::IntegerVector& group, int n_groups, Rcpp::Nullable<Rcpp::NumericVector> weights,
                        Rcpp::Nullable<Rcpp::NumericVector> offset, const Eigen::VectorXd& constant_x,
                        const Eigen::VectorXd& constant_u, const std::vector<int>& u_term, bool leftovers, int threads) {
  const Rcpp::NumericVector w = values_or_none(weights), o = values_or_none(offset);
  const mixest::Rows rows{view(X), view(U), view(Y), group.begin(), data_or_null(w), data_or_null(o)};
  const mixest::Layout layout{n_groups, constant_x, constant_u, u_term};
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
