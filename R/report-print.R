#' @export
print.mixest <- function(x, digits = max(3L, getOption("digits") - 3L), ranef.comp = "Std.Dev.", ...) {
  check_dots()
  check_digits(digits)
  print_header(x)
  print_criterion(x, logLik(x))
  cat("\nRandom effects:\n")
  print(VarCorr(x), digits = digits, comp = ranef.comp)
  print_sizes(x)
  cat("\nFixed effects:\n")
  if (length(x$coefficients)) {
    print.default(format(x$coefficients, digits = digits), print.gap = 2L, quote = FALSE)
  } else {
    cat("none\n")
  }
  print_aliased(x$aliased)
  if (isSingular(x) || !isTRUE(x$certificate$converged)) {
    cat("\n")
    print(convergence(x))
  }
  if (!"package:mixest" %in% search()) cat("\nA fit of package mixest: library(mixest) attaches its functions.\n")
  invisible(x)
}

# The parts that print.mixest() and print.summary.mixest() share. `x`: a fit or its summary.

print_header <- function(x) {
  cat("Linear mixed model fit by ", if (x$REML) "REML" else "maximum likelihood", "\n", sep = "")
  cat(strwrap(paste("Formula:", deparse1(x$formula)), width = getOption("width"), exdent = 9L), sep = "\n")
  # `[[` matches names exactly.
  for (part in c("data", "weights", "offset", "subset")) {
    if (!is.null(x$call[[part]])) cat(sprintf("%7s: %s\n", part_titles[[part]], shortened(x$call[[part]])))
  }
}

part_titles <- c(data = "Data", weights = "Weights", offset = "Offset", subset = "Subset")

print_criterion <- function(x, log_likelihood) {
  if (x$REML) {
    cat("REML criterion: ", format(round(x$deviance, 2L), nsmall = 2L), "\n", sep = "")
    return(invisible())
  }
  table <- c(
    AIC = stats::AIC(log_likelihood), BIC = stats::BIC(log_likelihood), logLik = as.numeric(log_likelihood),
    deviance = x$deviance, df.resid = x$df.residual
  )
  print(c(format(round(table[1:4], 2L), nsmall = 2L), format(table[5L])), quote = FALSE)
}

print_sizes <- function(x) {
  groups <- lengths(x$random$groups)
  cat("Number of obs: ", format(x$stats$n_obs, scientific = FALSE), ", groups: ", paste(
    names(groups), groups, sep = ", ", collapse = "; "
  ), "\n", sep = "")
}

print_aliased <- function(aliased) {
  if (length(aliased)) {
    cat("\nDropped, linear combinations of the columns before them: ", paste(aliased, collapse = ", "), "\n", sep = "")
  }
}
