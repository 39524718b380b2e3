# lattice: pictures of the random effects, one for each grouping factor.

# Caterpillar plots: levels in the order of the first effect, predictions with `level` intervals
# given the data.
dotplot.ranef.mixest <- function(x, data = NULL, level = 0.95, ...) {
  pictures_of_effects(x, level, function(rows, group, draw, ...) {
    lattice::dotplot(
      grp ~ condval | term, rows, half = rows$half, panel = draw, xlab = NULL, ylab = group,
      scales = list(x = list(relation = "free"), y = list(draw = nlevels(rows$grp) <= 60L)),
      prepanel = limits_of_intervals, ...
    )
  }, ...)
}

# The same against normal quantiles.
qqmath.ranef.mixest <- function(x, data = NULL, level = 0.95, ...) {
  pictures_of_effects(x, level, function(rows, group, draw, ...) {
    rows <- do.call(rbind, lapply(split(rows, rows$term), function(own) {
      own <- own[order(own$condval), ]
      own$quantile <- stats::qnorm(stats::ppoints(nrow(own)))
      own
    }))
    lattice::xyplot(
      quantile ~ condval | term, rows, half = rows$half, panel = draw, xlab = NULL,
      ylab = "Standard normal quantiles", main = group, scales = list(x = list(relation = "free")),
      prepanel = limits_of_intervals, ...
    )
  }, ...)
}

# `draw_one(rows, group, draw, ...)` makes the picture of one factor.
pictures_of_effects <- function(x, level, draw_one, ...) {
  check_probability(level)
  all <- as.data.frame(x)
  all$half <- if (is.null(all$condsd)) 0 else stats::qnorm((1 + level) / 2) * all$condsd
  lapply(stats::setNames(nm = names(x)), function(group) {
    rows <- all[all$grpvar == group, ]
    rows$grp <- factor(rows$grp, levels = levels(rows$grp)[levels(rows$grp) %in% rows$grp])
    rows$term <- factor(rows$term, levels = unique(as.character(rows$term)))
    draw_one(rows, group, draw_intervals, ...)
  })
}

draw_intervals <- function(x, y, subscripts, half, ...) {
  lattice::panel.abline(v = 0, col = "grey70")
  lattice::panel.segments(x - half[subscripts], y, x + half[subscripts], y, col = "grey40")
  lattice::panel.xyplot(x, y, pch = 19, cex = 0.6, ...)
}

limits_of_intervals <- function(x, y, subscripts, half, ...) {
  list(xlim = range(x - half[subscripts], x + half[subscripts]))
}

# Standardised residuals against normal quantiles.
qqmath.mixest <- function(x, data = NULL, ...) {
  lattice::qqmath(~residual, data.frame(residual = residuals(x, scaled = TRUE)), ylab = "Standardised residuals", ...)
}
