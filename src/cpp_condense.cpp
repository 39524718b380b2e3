#include "convert.h"
#include "core/condensed/within_groups.h"
#include "core/rows/condense_factors.h"

namespace {

// Where the numbers lie in R's memory. To ask for them as Rcpp does, for writing, makes R copy a
// vector that differs from another only in its attributes.
const double* doubles(SEXP x) {
  if (TYPEOF(x) != REALSXP) throw mixest::Misuse("columns must be double");
  return REAL_RO(x);
}

const int* integers(SEXP x, R_xlen_t rows) {
  if (TYPEOF(x) != INTSXP || Rf_xlength(x) != rows) throw mixest::Misuse("codes must be integer, one for each row");
  return INTEGER_RO(x);
}

mixest::MatrixView matrix_or_column(SEXP x) { return {doubles(x), Rf_nrows(x), Rf_ncols(x)}; }

// The columns of a numeric matrix or vector, or of a list of such. A single number stands for a
// column of it.
void add_columns(SEXP x, mixest::Columns& out) {
  if (TYPEOF(x) == VECSXP) {
    for (R_xlen_t i = 0; i < Rf_xlength(x); ++i) add_columns(VECTOR_ELT(x, i), out);
    return;
  }
  const double* const numbers = doubles(x);
  const R_xlen_t length = Rf_xlength(x);
  if (length == 1) return out.add_constant(numbers);
  if (out.rows() == 0 || length % out.rows() != 0) throw mixest::Misuse("columns must be of equal length");
  for (R_xlen_t begin = 0; begin < length; begin += out.rows()) out.add(numbers + begin);
}

mixest::Columns columns(SEXP x, R_xlen_t rows) {
  mixest::Columns out(rows);
  add_columns(x, out);
  return out;
}

// Of weights or offset, which may be absent.
const double* doubles_or_null(SEXP x, R_xlen_t rows) {
  if (Rf_isNull(x)) return nullptr;
  if (Rf_xlength(x) != rows) throw mixest::Misuse("weights and offset must have one value for each row");
  return doubles(x);
}

}  // namespace

// Residual mean square of y given X within groups, in the user's units; 1 when there is none.
// [[Rcpp::export]]
double cpp_residual_variance(const Rcpp::List& stats) {
  const mixest::GroupStats group_stats = mixest::group_stats_from_r(stats);
  const double variance = mixest::within_group_residual(group_stats, 1 / group_stats.y_scale, true).variance;
  return variance > 0 ? variance : 1;
}

// One "group_stats" for each column of Y, a matrix or vector. X and U: matrices, vectors or lists
// of them, side by side, where one number stands for a column. `groups`: codes 1..n_groups[f] of
// each grouping factor; `weights`, `offset`: vectors or NULL; `term_group`: the number of the
// grouping factor of each term; `leftovers`: keep what belongs to each group alone (one grouping
// factor only)?
// [[Rcpp::export]]
Rcpp::List cpp_condense(SEXP X, SEXP U, SEXP Y, const Rcpp::List& groups, const std::vector<int>& n_groups,
                        SEXP weights, SEXP offset, const Eigen::VectorXd& constant_x, const Eigen::VectorXd& constant_u,
                        const std::vector<int>& u_term, const std::vector<int>& term_group, bool leftovers,
                        int threads) {
  const mixest::MatrixView responses = matrix_or_column(Y);
  const Eigen::Index n = responses.rows();
  std::vector<mixest::Grouping> groupings;
  for (R_xlen_t f = 0; f < groups.size(); ++f)
    groupings.push_back({integers(VECTOR_ELT(groups, f), n), n_groups.at(f)});
  const mixest::Rows rows{columns(X, n),
                          columns(U, n),
                          responses,
                          groupings.at(0).codes,
                          doubles_or_null(weights, n),
                          doubles_or_null(offset, n)};
  const mixest::Layout layout{groupings[0].levels, constant_x, constant_u, u_term};
  const mixest::Execution execution = mixest::interruptible(threads);
  std::vector<mixest::GroupStats> stats;
  if (groupings.size() == 1) {
    stats = mixest::condense(rows, layout, leftovers ? mixest::Keep::remainders : mixest::Keep::pooled, execution);
  } else {
    std::vector<int> u_factor;
    for (int term : u_term) u_factor.push_back(term_group.at(term - 1) - 1);
    stats = mixest::condense_factors(rows, groupings, u_factor, layout, execution);
  }
  Rcpp::List out(static_cast<R_xlen_t>(stats.size()));
  for (mixest::Index j = 0; j < mixest::length(stats); ++j) {
    Rcpp::List one = mixest::group_stats_to_r(stats[j]);
    if (j > 0) one["R"] = Rcpp::as<Rcpp::List>(out[0])["R"];  // the same in all: kept once
    out[static_cast<R_xlen_t>(j)] = one;
  }
  return out;
}
