#' @rdname bootstrap
#' @export
plot.mixest_boot <- function(x, ...) {
  rlang::check_installed("boot", "to plot a bootstrap.")
  requireNamespace("boot", quietly = TRUE)
  NextMethod()
  invisible(x)
}
