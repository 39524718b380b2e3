#' Summary of a fit
#'
#' @param object a fit of [lmm()].
#' @param ddf character: how to compute degrees of freedom. Only `"none"` so far: t values without p-values.
#' @param correlation logical: print the correlations of the fixed effects? Default: if there are at most 8.
#' @param x what `summary()` returned.
#' @param digits integer: significant digits to print.
#' @param ... not used.
#' @return Object of class `"summary.mixest"`, a list with the parts that are printed: `call`, `formula`, `REML`, `deviance`, `coefficients` (matrix with columns
#'   `Estimate`, `Std. Error`, `t value`; also `coef(summary(fit))`), `vcov`, `logLik`, `varcor` (see [VarCorr.mixest()]), `residuals` (quantiles of the residuals divided by their
#'   standard deviation; `NULL` when the fit keeps no rows), `sigma`, `aliased`, `convergence` (see [convergence()]), and sizes. With sigma 0, a
#'   perfect fit, there are no t values (`NA`).
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' summary(fit)
#' coef(summary(fit))
#' @export
summary.mixest <- function(object, ddf = "none", correlation = NULL, ...) {
  check_choice(ddf, "ddf", "none")
  kept <- c("call", "formula", "REML", "deviance", "df.residual", "theta", "sigma", "aliased")
  structure(
    c(unclass(object)[kept], list(
      coefficients = coefficient_table(object),
      vcov = vcov(object),
      logLik = logLik(object),
      varcor = VarCorr(object),
      residuals = if (!is.null(object$frame)) stats::quantile(residuals(object, type = "normalized"), na.rm = TRUE, names = FALSE),
      random = object$random["groups"],
      stats = object$stats["n_obs"],
      convergence = convergence(object),
      fixed_correlation = fixed_correlation(object),
      correlation = if (is.null(correlation)) length(object$coefficients) <= 8L else isTRUE(correlation)
    )),
    class = "summary.mixest"
  )
}

coefficient_table <- function(fit) {
  estimate <- fit$coefficients
  error <- standard_errors(fit)
  t_value <- if (fit$sigma > 0) estimate / error else rep(NA_real_, length(estimate))
  cbind(Estimate = estimate, `Std. Error` = error, `t value` = t_value)
}

# p x p, or NULL when there is nothing to correlate.
fixed_correlation <- function(fit) {
  if (length(fit$coefficients) < 2L || fit$sigma == 0) return(NULL)
  correlation <- tcrossprod(fit$beta_factor / row_norms(fit$beta_factor))
  dimnames(correlation) <- dimnames(vcov(fit))
  correlation
}

#' @export
coef.summary.mixest <- function(object, ...) object$coefficients

#' @export
logLik.summary.mixest <- function(object, ...) object$logLik

#' @rdname summary.mixest
#' @export
print.summary.mixest <- function(x, digits = max(3L, getOption("digits") - 3L), correlation = x$correlation, ...) {
  print_header(x)
  cat("\n")
  print_criterion(x, x$logLik)
  print_residuals(x$residuals, digits)
  cat("\nRandom effects:\n")
  print(x$varcor, digits = digits, comp = c("Variance", "Std.Dev."))
  print_sizes(x)
  cat("\nFixed effects:\n")
  if (nrow(x$coefficients)) {
    stats::printCoefmat(x$coefficients, digits = digits, cs.ind = 1:2, tst.ind = 3L, has.Pvalue = FALSE, zap.ind = 3L)
  } else {
    cat("none\n")
  }
  print_aliased(x$aliased)
  if (correlation && !is.null(x$fixed_correlation)) print_correlation(x$fixed_correlation)
  cat("\n")
  print(x$convergence)
  invisible(x)
}

print_residuals <- function(quantiles, digits) {
  if (!length(quantiles) || !all(is.finite(quantiles))) return(invisible())
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
