# Methods for generics of packages that may be absent: one table, read when this package loads.
#
# A row is registered when `package` is, or becomes, loaded. It is skipped in silence when that
# version of the package has no such generic. Nothing is loaded for it.
#
#   package, generic   the generic; it need not be exported
#   class              the class of ours that the method is for, never another package's
#   method             name of the function; "<generic>.<class>" unless said otherwise
#   from               the package whose function it is; ours unless said otherwise. A method of
#                      another package that works on our fits is registered for them as it is.

# The rows of one package for one class.
optional_rows <- function(package, generics, class = "mixest", method = paste(generics, class, sep = "."),
                          from = "mixest") {
  data.frame(package = package, generic = generics, class = class, method = method, from = from)
}

# Rows of methods that another package has for merMod (or a class of lme4's below it).
borrowed_rows <- function(package, generics, of = "merMod") {
  optional_rows(package, generics, method = paste(generics, of, sep = "."), from = package)
}

optional_methods <- rbind(
  borrowed_rows("arm", "sigma.hat"),
  optional_rows("car", c(
    "Anova", "Confint", "deltaMethod", "infIndexPlot", "influencePlot", "linearHypothesis", "matchCoefs",
    "outlierTest", "vif"
  )),
  optional_rows("car", "outlierTest", class = "mixest_fixed_part", method = "outlierTest.lm", from = "car"),
  optional_rows("clubSandwich", c(
    "vcovCR", "coef_CS", "model_matrix", "residuals_CS", "v_scale", "targetVariance", "weightMatrix"
  )),
  optional_rows("DHARMa", "getFixedEffects"),
  borrowed_rows("DHARMa", c("getData", "getSimulations")),
  borrowed_rows("effects", "Effect"),
  optional_rows("emmeans", c("emm_basis", "recover_data")),
  borrowed_rows("flextable", "as_flextable"),
  optional_rows("generics", "refit"),
  borrowed_rows("ggeffects", "get_predictions"),
  optional_rows("ggplot2", "autoplot"),
  optional_rows("ggplot2", "autoplot", class = "influence.mixest"),
  optional_rows("ggplot2", "autoplot", class = "mixest_boot"),
  optional_rows("ggplot2", "autoplot", class = "mixest_profile"),
  optional_rows("ggplot2", "autoplot", class = "ranef.mixest"),
  optional_rows("ggplot2", "fortify"),
  borrowed_rows("gtsummary", "tbl_regression", of = "lmerMod"),
  optional_rows("insight", c(
    "find_algorithm", "find_formula", "find_statistic", "find_weights", "get_data", "get_deviance", "get_df",
    "get_intercept", "get_simulated", "get_statistic", "is_converged", "null_model"
  )),
  borrowed_rows("insight", c(
    "find_parameters", "get_modelmatrix", "get_parameters", "get_variance", "n_parameters"
  )),
  borrowed_rows("insight", "get_predicted", of = "lmerMod"),
  optional_rows("lattice", "qqmath"),
  optional_rows("knitr", "knit_print"),
  optional_rows("knitr", "knit_print", class = "VarCorr.mixest"),
  optional_rows("knitr", "knit_print", class = "anova.mixest"),
  optional_rows("knitr", "knit_print", class = "mixest_equation"),
  optional_rows("knitr", "knit_print", class = "ranef.mixest"),
  optional_rows("knitr", "knit_print", class = "summary.mixest"),
  optional_rows("lattice", c("dotplot", "qqmath"), class = "ranef.mixest"),
  optional_rows("lme4", c(
    "getME", "isGLMM", "isLMM", "isNLMM", "isREML", "isSingular", "ngrps", "rePCA", "refit", "refitML"
  )),
  optional_rows("lmerTest", c("contest", "contest1D", "contestMD", "difflsmeans", "ls_means", "step")),
  optional_rows("lmtest", c("coefci", "coeftest", "lrtest", "waldtest")),
  optional_rows("marginaleffects", c("get_coef", "get_predict", "get_vcov", "set_coef")),
  borrowed_rows("marginaleffects", "sanitize_model_specific"),
  optional_rows("multcomp", "modelparm"),
  optional_rows("parameters", "ci"),
  borrowed_rows("parameters", c(
    ".extract_random_parameters", "bootstrap_model", "equivalence_test", "model_parameters", "p_direction",
    "p_significance", "p_value", "simulate_model", "standard_error"
  )),
  optional_rows("pbkrtest", c("get_Lb_ddf", "getLRT", "KRmodcomp", "PBrefdist", "SATmodcomp", "vcovAdj")),
  borrowed_rows("pbkrtest", "PBmodcomp"),
  optional_rows("performance", c("check_convergence", "check_singularity", "performance_aic", "performance_aicc")),
  borrowed_rows("performance", c("check_normality", "check_overdispersion", "model_performance", "r2")),
  borrowed_rows("report", c(
    "report", "report_effectsize", "report_info", "report_intercept", "report_model", "report_parameters",
    "report_performance", "report_random", "report_statistics", "report_table", "report_text"
  )),
  optional_rows("sandwich", c("bread", "estfun", "vcovHC"))
)

.onLoad <- function(libname, pkgname) {
  ours <- parent.env(environment())
  register_optional(optional_methods, ours)
  allow_marginaleffects()
  define_for_arm()
  add_parsnip_engine()
}

# Registers the rows of `table`, those of each package when it is or becomes loaded.
register_optional <- function(table, ours) {
  for (rows in split(table, table$package)) register_when_loaded(rows, ours)
}

register_when_loaded <- function(rows, ours) {
  force(rows)
  register <- function(...) {
    namespace <- asNamespace(rows$package[1L])
    for (i in seq_len(nrow(rows))) register_method(rows[i, ], namespace, ours)
  }
  if (isNamespaceLoaded(rows$package[1L])) register()
  setHook(packageEvent(rows$package[1L], "onLoad"), register)
}

# One row. The generic may be the package's own or one that it imports and exports again.
register_method <- function(row, namespace, ours) {
  home <- Find(
    function(place) exists(row$generic, envir = place, mode = "function", inherits = FALSE),
    list(namespace, parent.env(namespace))
  )
  if (is.null(home)) return(invisible())
  method <- optional_function(row$method, row$from, ours)
  if (!is.null(method)) registerS3method(row$generic, row$class, method, envir = home)
}

# The function that a row names: ours, or another package's where that is loaded and has it.
optional_function <- function(name, from, ours) {
  if (from == "mixest") return(get(name, envir = ours, mode = "function", inherits = FALSE))
  if (isNamespaceLoaded(from)) get0(name, envir = asNamespace(from), mode = "function", inherits = FALSE)
}
