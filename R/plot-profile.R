#' @rdname profile.mixest
#' @export
plot.mixest_profile <- function(x, ...) {
  check_dots(also = graphical_parameters)
  names <- levels(x$.par)
  old <- graphics::par(
    mfrow = grDevices::n2mfrow(length(names)), mar = c(3.4, 3.6, 0.8, 0.8), mgp = c(2, 0.6, 0), tcl = -0.3, las = 1
  )
  on.exit(graphics::par(old))
  levels <- c(0.5, 0.8, 0.9, 0.95, 0.99)
  levels <- levels[levels <= 1 - attr(x, "alphamax") + 1e-12]
  for (name in names) {
    points <- as.data.frame(x)[x$.par == name, ]
    intervals <- lapply(levels, function(level) stats::confint(x, name, level))
    zeta_panel(points, name, intervals, sqrt(stats::qchisq(levels, 1)), range(x$.zeta), ...)
  }
  invisible(x)
}

# One curve through the points (which may fall by rounding errors where they should be level), with
# vertical lines at the ends of the intervals. The panels share the range of zeta, so that their
# curvatures compare; the estimate is where zeta is zero.
zeta_panel <- function(points, name, intervals, cutoffs, zeta_range, ...) {
  graphics::plot(points$value, points$.zeta, type = "n", xlab = name, ylab = expression(zeta), ylim = zeta_range, ...)
  graphics::abline(h = 0, col = "grey70")
  rising <- cummax(points$.zeta)
  graphics::lines(if (nrow(points) > 2L) stats::spline(
    points$value, rising, n = 201L, method = "hyman"
  ) else points[c("value", ".zeta")])
  for (l in seq_along(intervals)) {
    ends <- intervals[[l]]
    graphics::segments(ends, 0, ends, pmin(pmax(c(-1, 1) * cutoffs[l], rising[1L]), max(rising)), col = "grey60")
  }
  at <- which.min(abs(points$.zeta))
  graphics::points(points$value[at], points$.zeta[at], pch = 16)
}
