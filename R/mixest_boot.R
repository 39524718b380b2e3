# What a bootstrap answers to: print(), plot() and confint() of the replicates that R/bootstrap.R
# has drawn.

#' @rdname bootstrap
#' @export
print.mixest_boot <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
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

#' @rdname bootstrap
#' @export
plot.mixest_boot <- function(x, ...) {
  rlang::check_installed("boot", "to plot a bootstrap.")
  requireNamespace("boot", quietly = TRUE)
  NextMethod()
  invisible(x)
}

#' @rdname bootstrap
#' @export
confint.mixest_boot <- function(object, parm = NULL, level = 0.95, boot.type = c("perc", "basic", "norm"), ...) {
  boot.type <- match_boot_type(boot.type)
  check_probability(level)
  names <- if (is.null(names(object$t0))) as.character(seq_along(object$t0)) else names(object$t0)
  everything <- seq_along(names)
  chosen <- if (is.null(parm)) everything else if (is.numeric(parm)) everything[parm] else match(parm, names)
  if (anyNA(chosen)) {
    abort_mixest("input", c(
      "{.arg parm} must name statistics of the bootstrap.", x = "Can't find {list_names(parm[is.na(chosen)])}.",
      i = "They are {list_names(names)}."
    ), environment())
  }
  ends <- vapply(chosen, function(j) bootstrap_interval(object$t0[[j]], object$t[, j], level, boot.type), numeric(2))
  interval_matrix(t(ends), names[chosen], level)
}

match_boot_type <- function(boot.type, call = parent.frame()) {
  choices <- c("perc", "basic", "norm")
  if (identical(boot.type, choices)) choices[1L] else check_choice(boot.type, "boot.type", choices, call)
}

bootstrap_interval <- function(estimate, values, level, boot.type) {
  values <- values[!is.na(values)]
  if (!length(values)) return(c(NA_real_, NA_real_))
  tails <- c(1 - level, 1 + level) / 2
  switch(boot.type,
    norm = 2 * estimate - mean(values) + stats::qnorm(tails) * stats::sd(values),
    basic = 2 * estimate - stats::quantile(values, rev(tails), names = FALSE, type = 6L),
    perc = stats::quantile(values, tails, names = FALSE, type = 6L)
  )
}
