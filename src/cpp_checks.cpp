// Questions about all rows or all levels to which R's own functions take longer to answer than the
// fit takes.
#include <Rcpp.h>

#include <cmath>
#include <cstdint>
#include <vector>

// Is every number finite, neither infinite nor NaN?
// [[Rcpp::export]]
bool cpp_all_finite(SEXP x) {
  if (TYPEOF(x) != REALSXP) Rcpp::stop("x must be double");
  const double* const values = REAL_RO(x);
  const R_xlen_t n = Rf_xlength(x);
  // differences of finite numbers from themselves; four sums, so that none waits for the one before
  double zero[4] = {0, 0, 0, 0};
  R_xlen_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int lane = 0; lane < 4; ++lane) zero[lane] += values[i + lane] - values[i + lane];
  for (; i < n; ++i) zero[0] += values[i] - values[i];
  return std::isfinite(zero[0] + zero[1] + zero[2] + zero[3]);
}

// Which of the codes 1..levels occur? Missing ones are none of them.
// [[Rcpp::export]]
Rcpp::LogicalVector cpp_used_levels(SEXP codes, int levels) {
  if (TYPEOF(codes) != INTSXP) Rcpp::stop("codes must be integer");
  const int* const values = INTEGER_RO(codes);
  std::vector<char> used(levels, 0);
  for (R_xlen_t i = 0, n = Rf_xlength(codes); i < n; ++i)
    if (values[i] >= 1 && values[i] <= levels) used[values[i] - 1] = 1;
  return Rcpp::LogicalVector(used.begin(), used.end());
}

// Place of the first string that stood before, or 0. R keeps each string once, so that the same
// string has the same address.
// [[Rcpp::export]]
int cpp_first_repeated(SEXP strings) {
  if (TYPEOF(strings) != STRSXP) Rcpp::stop("strings must be character");
  const auto n = static_cast<std::size_t>(Rf_xlength(strings));
  int bits = 4;
  while ((std::size_t{1} << bits) < 2 * n) ++bits;
  const std::size_t last = (std::size_t{1} << bits) - 1;
  std::vector<SEXP> seen(last + 1, nullptr);
  for (std::size_t i = 0; i < n; ++i) {
    const SEXP string = STRING_ELT(strings, static_cast<R_xlen_t>(i));
    const std::uint64_t mixed = reinterpret_cast<std::uintptr_t>(string) * std::uint64_t{0x9E3779B97F4A7C15};
    auto place = static_cast<std::size_t>(mixed >> (64 - bits));
    while (seen[place] != nullptr && seen[place] != string) place = (place + 1) & last;
    if (seen[place] == string) return static_cast<int>(i) + 1;
    seen[place] = string;
  }
  return 0;
}
