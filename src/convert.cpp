#include "convert.h"

#include <algorithm>

#include "core/base/index_sets.h"
#include "core/base/large_pages.h"

namespace mixest {

namespace {

Rcpp::NumericVector array(const Matrix& columns, int rows, int width, Index slices) {
  Rcpp::NumericVector out = Rcpp::no_init(columns.size());
  prefer_large_pages(out.begin(), sizeof(double) * out.size());
  std::copy(columns.data(), columns.data() + columns.size(), out.begin());
  out.attr("dim") = Rcpp::IntegerVector::create(rows, width, static_cast<int>(slices));
  return out;
}

Matrix from_array(SEXP array, Index rows) {
  const Rcpp::NumericVector values(array);
  Matrix out = large_matrix(rows, rows > 0 ? values.size() / rows : 0);
  std::copy(values.begin(), values.begin() + out.size(), out.data());
  return out;
}

Rcpp::List basis_to_r(const ColumnUnits& basis) {
  return Rcpp::List::create(Rcpp::Named("shift") = basis.shift, Rcpp::Named("scale") = basis.scale,
                            Rcpp::Named("magnitude") = basis.magnitude, Rcpp::Named("constant") = basis.constant);
}

ColumnUnits basis_from_r(const Rcpp::List& basis) {
  return {Rcpp::as<Vector>(basis["shift"]), Rcpp::as<Vector>(basis["scale"]), Rcpp::as<Vector>(basis["magnitude"]),
          Rcpp::as<Vector>(basis["constant"])};
}

Rcpp::List outer_to_r(const GroupStats& stats) {
  Rcpp::List factors;
  for (const OuterFactor& factor : stats.outer.factors)
    factors.push_back(Rcpp::List::create(Rcpp::Named("factor") = factor.factor, Rcpp::Named("columns") = factor.columns,
                                         Rcpp::Named("levels") = static_cast<double>(factor.levels)));
  const OuterStats& outer = stats.outer;
  return Rcpp::List::create(Rcpp::Named("inner") = stats.inner, Rcpp::Named("inner_factor") = stats.inner_factor,
                            Rcpp::Named("factors") = factors, Rcpp::Named("block_factor") = outer.block_factor,
                            Rcpp::Named("block_level") = outer.block_level, Rcpp::Named("component") = outer.component,
                            Rcpp::Named("start") = outer.start, Rcpp::Named("touched") = outer.touched,
                            Rcpp::Named("B") = outer.B, Rcpp::Named("gram") = outer.gram,
                            Rcpp::Named("pooled") = outer.pooled);
}

void set_outer(const Rcpp::List& from, GroupStats& stats) {
  stats.inner = Rcpp::as<std::vector<int>>(from["inner"]);
  stats.inner_factor = Rcpp::as<int>(from["inner_factor"]);
  OuterStats& outer = stats.outer;
  const Rcpp::List factors = from["factors"];
  for (R_xlen_t f = 0; f < factors.size(); ++f) {
    const Rcpp::List factor = factors[f];
    outer.factors.push_back({Rcpp::as<int>(factor["factor"]), Rcpp::as<std::vector<int>>(factor["columns"]),
                             static_cast<Index>(Rcpp::as<double>(factor["levels"]))});
  }
  outer.block_factor = Rcpp::as<std::vector<int>>(from["block_factor"]);
  outer.block_level = Rcpp::as<std::vector<int>>(from["block_level"]);
  outer.component = Rcpp::as<std::vector<int>>(from["component"]);
  outer.start = Rcpp::as<std::vector<int>>(from["start"]);
  outer.touched = Rcpp::as<std::vector<int>>(from["touched"]);
  outer.B = Rcpp::as<Matrix>(from["B"]);
  outer.gram = Rcpp::as<Vector>(from["gram"]);
  outer.pooled = Rcpp::as<Matrix>(from["pooled"]);
}

}  // namespace

Rcpp::List group_stats_to_r(const GroupStats& stats) {
  const Rcpp::List y = Rcpp::List::create(Rcpp::Named("shift") = stats.y_shift, Rcpp::Named("scale") = stats.y_scale,
                                          Rcpp::Named("magnitude") = stats.y_magnitude);
  const Rcpp::List basis =
      Rcpp::List::create(Rcpp::Named("x") = basis_to_r(stats.x), Rcpp::Named("u") = basis_to_r(stats.u),
                         Rcpp::Named("u_term") = stats.u_term, Rcpp::Named("y") = y);
  const int q = stats.inner_q();
  Rcpp::List out = Rcpp::List::create(
      Rcpp::Named("R") = array(stats.R, q, q, stats.m), Rcpp::Named("B") = array(stats.B, q, stats.k(), stats.m),
      Rcpp::Named("R0") = stats.R0, Rcpp::Named("n_obs") = static_cast<double>(stats.n_obs),
      Rcpp::Named("sum_log_weights") = stats.sum_log_weights, Rcpp::Named("basis") = basis);
  if (stats.remainders.kept())
    out["leftovers"] =
        Rcpp::List::create(Rcpp::Named("C") = stats.remainders.C, Rcpp::Named("n_obs") = stats.remainders.n_obs,
                           Rcpp::Named("log_weights") = stats.remainders.log_weights);
  if (!stats.outer.empty()) out["outer"] = outer_to_r(stats);
  out.attr("class") = "group_stats";
  return out;
}

GroupStats group_stats_from_r(const Rcpp::List& stats) {
  const Rcpp::IntegerVector size = Rcpp::RObject(stats["B"]).attr("dim");
  const Rcpp::List basis = stats["basis"], y = basis["y"];
  GroupStats out;
  const int q = size[0];
  out.p = size[1] - 1;
  out.m = size[2];
  out.R = from_array(stats["R"], q);
  out.B = from_array(stats["B"], q);
  out.R0 = Rcpp::as<Matrix>(stats["R0"]);
  if (stats.containsElementNamed("leftovers")) {
    const Rcpp::List leftovers = stats["leftovers"];
    out.remainders = {Rcpp::as<Matrix>(leftovers["C"]), Rcpp::as<Vector>(leftovers["n_obs"]),
                      Rcpp::as<Vector>(leftovers["log_weights"])};
  }
  out.n_obs = static_cast<Index>(Rcpp::as<double>(stats["n_obs"]));
  out.sum_log_weights = Rcpp::as<double>(stats["sum_log_weights"]);
  out.x = basis_from_r(basis["x"]);
  out.u = basis_from_r(basis["u"]);
  out.q = static_cast<int>(out.u.scale.size());
  if (stats.containsElementNamed("outer")) {
    set_outer(stats["outer"], out);
  } else {
    out.inner = all_indices(q);
  }
  out.u_term = Rcpp::as<std::vector<int>>(basis["u_term"]);
  out.y_shift = Rcpp::as<double>(y["shift"]);
  out.y_scale = Rcpp::as<double>(y["scale"]);
  out.y_magnitude = Rcpp::as<double>(y["magnitude"]);
  return out;
}

std::vector<TermSpec> terms_from_r(const Rcpp::List& terms) {
  std::vector<TermSpec> out;
  for (R_xlen_t t = 0; t < terms.size(); ++t) {
    const Rcpp::List term = terms[t];
    out.push_back({Rcpp::as<std::string>(term["structure"]), Rcpp::as<int>(term["size"])});
  }
  return out;
}

Rcpp::List certificate_to_r(const Certificate& certificate) {
  Rcpp::IntegerVector flat(certificate.flat.begin(), certificate.flat.end());
  return Rcpp::List::create(Rcpp::Named("gradient") = certificate.gradient,
                            Rcpp::Named("newton_decrement") = certificate.newton_decrement,
                            Rcpp::Named("hessian_min_eigen") = certificate.hessian_min_eigen,
                            Rcpp::Named("kkt_min_eigen") = certificate.kkt_min_eigen,
                            Rcpp::Named("rank") = certificate.ranks, Rcpp::Named("flat") = flat + 1);
}

const char* status_name(FitStatus status) {
  switch (status) {
    case FitStatus::converged: return "converged";
    case FitStatus::flat: return "flat";
    case FitStatus::max_iterations: return "max_iterations";
    case FitStatus::no_progress: return "no_progress";
    case FitStatus::perfect_fit: return "perfect_fit";
    case FitStatus::perfect_groups: return "perfect_groups";
    case FitStatus::dependent_columns: return "dependent_columns";
    case FitStatus::no_residual_df: return "no_residual_df";
    case FitStatus::not_finite: return "not_finite";
  }
  return "";
}

SearchOptions search_options_from_r(const Rcpp::List& control) {
  SearchOptions options;
  options.tolerance = Rcpp::as<double>(control["tolerance"]);
  options.max_iterations = Rcpp::as<int>(control["max_iterations"]);
  options.starts = Rcpp::as<int>(control["starts"]);
  return options;
}

namespace {

// Ctrl-C is an interrupt and a time limit (setTimeLimit()) an error, as R raises them:
// Rcpp::checkUserInterrupt() would make an interrupt of both.
void check_interrupt() {
  Rcpp::unwindProtect([]() -> SEXP {
    R_CheckUserInterrupt();
    return R_NilValue;
  });
}

}  // namespace

Execution interruptible(int threads) {
  constexpr int most_threads = 64;  // as many as there are parts
  return {std::min(threads, most_threads), check_interrupt};
}

}  // namespace mixest
