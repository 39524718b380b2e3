#' @rdname bootstrap
#' @export
confint.mixest_boot <- function(object, parm = NULL, level = 0.95, boot.type = c("perc", "basic", "norm"), ...) {
  check_dots()
  boot.type <- match_boot_type(boot.type)
  check_probability(level)
  names <- if (is.null(names(object$t0))) as.character(seq_along(object$t0)) else names(object$t0)
  everything <- seq_along(names)
  chosen <- if (is.null(parm)) {
    everything
  } else if (is.numeric(parm)) {
    numbers_chosen(parm, length(names))
  } else {
    match(parm, names)
  }
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
