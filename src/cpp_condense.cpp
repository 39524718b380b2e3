#include "convert.h"
#include "core/data/condense_factors.h"
#include "core/fit/within_groups.h"

namespace {

mixest::MatrixView view(const Rcpp::NumericMatrix& matrix) { return {matrix.begin(), matrix.nrow(), matrix.ncol()}; }

// The columns of a numeric matrix or vector, or of a list of such, as they lie in R's memory.
void add_columns(SEXP x, mixest::Columns& out) {
  if (TYPEOF(x) == VECSXP) {
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) add_columns(VECTOR_ELT(x, i), out);
    return;
  }
  if (TYPEOF(x) != REALSXP || out.rows() == 0 || Rf_xlength(x) % out.rows() != 0) throw mixest::Misuse("columns must be double, of equal length");
  for (R_xlen_t begin = 0; begin < Rf_xlength(x); begin += out.rows()) out.add(REAL(x) + begin);
}

mixest::Columns columns(SEXP x, R_xlen_t rows) {
  mixest::Columns out(rows);
  add_columns(x, out);
  return out;
}

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
  const double variance = mixest::look_within_groups(group_stats, 1 / group_stats.y_scale, true).variance;
  return variance > 0 ? variance : 1;
}

// One "group_stats" for each column of Y. X and U: matrices, vectors or lists of them, side by side. `groups`: codes 1..n_groups[f] of each
// grouping factor; `term_group`: the number of the grouping factor of each term; `leftovers`: keep what belongs to each group alone (one grouping
// factor only)?
// [[Rcpp::export]]
Rcpp::List cpp_condense(SEXP X, SEXP U, const Rcpp::NumericMatrix& Y, const Rcpp::List& groups,
                        const std::vector<int>& n_groups, Rcpp::Nullable<Rcpp::NumericVector> weights,
                        Rcpp::Nullable<Rcpp::NumericVector> offset, const Eigen::VectorXd& constant_x, const Eigen::VectorXd& constant_u,
                        const std::vector<int>& u_term, const std::vector<int>& term_group, bool leftovers, int threads) {
  const Rcpp::NumericVector w = values_or_none(weights), o = values_or_none(offset);
  std::vector<Rcpp::IntegerVector> codes;  // keeps them from the garbage collector
  std::vector<mixest::Grouping> groupings;
  for (R_xlen_t f = 0; f < groups.size(); ++f) {
    codes.push_back(Rcpp::as<Rcpp::IntegerVector>(groups[f]));
    groupings.push_back({codes.back().begin(), n_groups.at(static_cast<std::size_t>(f))});
  }
  const mixest::Rows rows{columns(X, Y.nrow()), columns(U, Y.nrow()), view(Y), groupings.at(0).codes, data_or_null(w), data_or_null(o)};
  const mixest::Layout layout{groupings[0].levels, constant_x, constant_u, u_term};
  const mixest::Execution execution = mixest::interruptible(threads);
  std::vector<mixest::GroupStats> stats;
  if (groupings.size() == 1) {
    stats = mixest::condense(rows, layout, leftovers ? mixest::Keep::leftovers : mixest::Keep::pooled, execution);
  } else {
    std::vector<int> u_factor;
    for (int term : u_term) u_factor.push_back(term_group.at(static_cast<std::size_t>(term) - 1) - 1);
    stats = mixest::condense_factors(rows, groupings, u_factor, layout, execution);
  }
  Rcpp::List out(static_cast<R_xlen_t>(stats.size()));
  for (std::size_t j = 0; j < stats.size(); ++j) {
    Rcpp::List one = mixest::group_stats_to_r(stats[j]);
    if (j > 0) one["R"] = Rcpp::as<Rcpp::List>(out[0])["R"];  // the same in all: kept once
    out[static_cast<R_xlen_t>(j)] = one;
  }
  return out;
}
