#' @rdname estfun.mixest
estfun.mixest <- function(x, ...) {
  check_dots()
  method <- robust_method(x, "none", "CR0", environment())
  names <- names(x$coefficients)
  scores <- matrix(0, length(cluster_labels(x)), length(names))
  if (x$sigma > 0 && length(names)) {
    found <- robust_scores(method)
    scores <- t(solve(t(found$factor), found$scores, tol = 0)) / x$sigma
  }
  if (is.null(x$frame)) return(structure(scores, dimnames = list(cluster_labels(x), names)))
  codes <- group_codes(x)[, outer_factor(x$random)]
  rows <- matrix(0, length(codes), length(names), dimnames = list(row.names(x$frame), names))
  rows[match(seq_len(nrow(scores)), codes), ] <- scores
  rows
}

#' @rdname estfun.mixest
bread.mixest <- function(x, ...) {
  check_dots()
  vcov(x) * if (is.null(x$frame)) length(cluster_labels(x)) else nrow(x$frame)
}

# For independent rows; those of a mixed model are independent between groups only.
vcovHC.mixest <- function(x, ...) {
  check_dots("type")
  abort_mixest("input", c(
    "{.fn vcovHC} is for independent rows: the rows of a group of a mixed model are correlated.",
    i = "Use {.code vcov(fit, type = \"CR2\")}, or {.code sandwich::vcovCL(fit)}."
  ), environment())
}
