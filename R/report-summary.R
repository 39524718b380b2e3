#' Summary of a fit
#'
#' @param object a fit returned by [lmm()].
#' @param ddf,information,vcov how to compute standard errors and degrees of freedom of the t tests,
#'   see [df_for()]: `vcov = "CR2"` for robust ones. With `"none"` there are t values without
#'   p-values.
#' @param correlation logical: print the correlations of the fixed effects? Default: if there are at
#'   most 8.
#' @param x an object returned by `summary()`.
#' @param digits integer: significant digits to print.
#' @param signif.stars logical: print stars beside the p-values? Default `FALSE`.
#' @param ranef.comp character: columns of the table of random effects, as `comp` in
#'   [VarCorr.mixest()]. `print()` of a fit has this argument too.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details In the table of random effects, `Std.Error` is the standard error of the standard
#'   deviation, see [VarCorr.mixest()]; it is computed when the summary is printed.
#' @return Object of class `"summary.mixest"`, a list with the parts that are printed: `call`,
#'   `formula`, `REML`, `deviance`, `coefficients` (matrix with columns `Estimate`, `Std. Error`,
#'   `df`, `t value`, `Pr(>|t|)` as in lmerTest, where lme4's third column is the t value; also
#'   `coef(summary(fit))`), `ddf`, `vcov` (with `ddf = "kenward-roger"` the adjusted one), `logLik`,
#'   `varcor` (see [VarCorr.mixest()]), lme4's `ngrps`, `AICtab` and `methTitle`, `fit`
#'   (`object`: the quantiles of its residuals, divided by their standard deviation, are computed
#'   when they are printed), `sigma`, `aliased`, `convergence` (see [convergence()]), and sizes.
#'   With sigma 0, a perfect fit, there are no t values (`NA`).
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' summary(fit)
#' coef(summary(fit, ddf = "kenward-roger"))
#' @export
summary.mixest <- function(object, ddf = c("satterthwaite", "kenward-roger", "residual", "none"), correlation = NULL,
                           information = c("expected", "observed"), vcov = "model", ...) {
  check_dots()
  if (!is.null(correlation)) check_flag(correlation, "correlation")
  method <- df_method(object, match_ddf(ddf), information, vcov)
  kept <- c("call", "formula", "REML", "deviance", "df.residual", "theta", "sigma", "aliased")
  structure(
    c(unclass(object)[kept], list(
      coefficients = coefficient_tests(method),
      ddf = method$ddf,
      vcov_type = vcov,
      by_REML = method$fit$REML,
      vcov = covariance_of_estimates(method),
      logLik = logLik(object),
      varcor = VarCorr(object),
      ngrps = ngrps(object),
      AICtab = criterion_table(object),
      methTitle = paste("Linear mixed model fit by", if (object$REML) "REML" else "maximum likelihood"),
      fit = object,
      random = object$random["groups"],
      stats = object$stats["n_obs"],
      convergence = convergence(object),
      fixed_correlation = fixed_correlation(method),
      correlation = if (is.null(correlation)) length(object$coefficients) <= 8L else correlation
    )),
    class = "summary.mixest"
  )
}

# lme4's: the REML criterion, or what compares fits by maximum likelihood.
criterion_table <- function(fit) {
  if (fit$REML) return(c(REML = fit$deviance))
  likelihood <- logLik(fit)
  c(
    AIC = stats::AIC(likelihood), BIC = stats::BIC(likelihood), logLik = as.numeric(likelihood),
    deviance = fit$deviance, df.resid = fit$df.residual
  )
}

coefficient_table <- function(fit) {
  estimate <- fit$coefficients
  error <- standard_errors(fit)
  t_value <- if (fit$sigma > 0) estimate / error else rep(NA_real_, length(estimate))
  cbind(Estimate = estimate, `Std. Error` = error, `t value` = t_value)
}

# The same with degrees of freedom and p-values.
coefficient_tests <- function(method, call = parent.frame()) {
  names <- names(method$fit$coefficients)
  table <- t_tests(method, diag(1, length(names), length(names)), call = call)
  rownames(table) <- names
  if (method$ddf == "none") return(table[, colnames(table) != "df", drop = FALSE])
  cbind(table, `Pr(>|t|)` = two_sided(table[, "t value"], table[, "df"]))
}

# p x p, or NULL when there is nothing to correlate.
fixed_correlation <- function(method) {
  names <- names(method$fit$coefficients)
  if (length(names) < 2L || method$fit$sigma == 0) return(NULL)
  structure(tcrossprod(method$factor / row_norms(method$factor)), dimnames = list(names, names))
}

#' @export
coef.summary.mixest <- function(object, ...) {
  check_dots()
  object$coefficients
}

#' @export
logLik.summary.mixest <- function(object, ...) {
  check_dots()
  object$logLik
}

#' @rdname summary.mixest
#' @export
print.summary.mixest <- function(x, digits = max(3L, getOption("digits") - 3L), correlation = x$correlation,
                                 signif.stars = FALSE, ranef.comp = c("Variance", "Std.Dev.", "Std.Error"), ...) {
  check_dots()
  check_digits(digits)
  check_flag(correlation, "correlation")
  check_flag(signif.stars, "signif.stars")
  print_header(x)
  cat("\n")
  print_criterion(x, x$logLik)
  print_residuals(x$fit, digits)
  cat("\nRandom effects:\n")
  print(x$varcor, digits = digits, comp = ranef.comp)
  print_sizes(x)
  cat("\nFixed effects", robust_phrase(x), df_phrase(x$ddf), if (x$by_REML && !x$REML) ", by REML", ":\n", sep = "")
  if (nrow(x$coefficients)) {
    tests <- x$ddf != "none"
    stats::printCoefmat(
      x$coefficients, digits = digits, cs.ind = 1:2, tst.ind = 3L + tests, has.Pvalue = tests,
      signif.stars = signif.stars && tests
    )
  } else {
    cat("none\n")
  }
  print_aliased(x$aliased)
  if (correlation && !is.null(x$fixed_correlation)) print_correlation(x$fixed_correlation)
  cat("\n")
  print(x$convergence)
  invisible(x)
}

robust_phrase <- function(x) if (x$vcov_type != "model") paste0(
  ", robust standard errors (", x$vcov_type, ", clusters: ", names(outer_factor(x$random)), ")"
)

print_residuals <- function(fit, digits) {
  if (is.null(fit$frame) || !(fit$sigma > 0)) return(invisible())
  quantiles <- stats::quantile(unname(residuals(fit, type = "normalized")), na.rm = TRUE, names = FALSE)
  cat("\nScaled residuals:\n")
  print(stats::setNames(zapsmall(quantiles, digits + 1L), c("Min", "1Q", "Median", "3Q", "Max")), digits = digits)
}

# Lower triangle, columns abbreviated as in summaries of lm().
print_correlation <- function(correlation) {
  text <- format(round(correlation, 2L), nsmall = 2L)
  text[!lower.tri(text)] <- ""
  colnames(text) <- abbreviate(colnames(text), minlength = 6L)
  cat("\nCorrelation of fixed effects:\n")
  print(text[-1L, -ncol(text), drop = FALSE], quote = FALSE)
}
