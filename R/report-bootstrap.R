# What a bootstrap answers to: print(), plot() and confint() of the replicates that
# R/infer-bootstrap.R has drawn.

#' @rdname bootstrap
#' @export
print.mixest_boot <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  check_dots()
  cat(
    if (x$sim == "parametric") "Parametric bootstrap" else "Bootstrap of groups", ", ", x$R, " replicates, seed ",
    format(x$seed, scientific = FALSE), "\n\n", sep = ""
  )
  used <- colSums(!is.na(x$t))
  table <- cbind(
    original = x$t0, bias = colMeans(x$t, na.rm = TRUE) - x$t0, `std. error` = apply(x$t, 2L, stats::sd, na.rm = TRUE)
  )
  if (any(used < x$R)) table <- cbind(table, values = used)
  print(table, digits = digits)
  if (any(x$singular)) cat("\n", sum(x$singular), " replicates are singular fits.\n", sep = "")
  failed <- failed_replicates(x)
  if (length(failed)) {
    cat("\n", sum(failed), " replicates failed: ", paste0(names(failed), " ", failed, collapse = ", "), ".\n", sep = "")
  }
  invisible(x)
}
