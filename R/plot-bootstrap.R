#' @rdname bootstrap
#' @export
plot.mixest_boot <- function(x, ...) {
  # Those of boot's method, and of its plot of jackknife values.
  check_dots(also = c("index", "t0", "t", "jack", "qdist", "nclass", "df", "useJ", "stinf", "alpha", "main", "ylab"))
  rlang::check_installed("boot", "to plot a bootstrap.")
  requireNamespace("boot", quietly = TRUE)
  NextMethod()
  invisible(x)
}
