# Pictures of residuals: against fitted values, their scale, their quantiles.

picture_of_residuals <- function(fit) {
  fit$na.action <- NULL
  rows <- residual_rows(fit, residual = residuals(fit, type = "pearson"))
  drawn <- drawn_points(rows$fitted, rows$residual)
  weighted <- !is.null(fit$frame[["(weights)"]])
  new_picture(
    rows, list(
      layer("horizontal", data.frame(at = 0), "grey"),
      layer("points", data.frame(x = rows$fitted, y = rows$residual)[drawn, ], "ink", alpha = point_alpha(drawn)),
      curve_layer(rows$fitted, rows$residual)
    ),
    title = "Residuals against fitted values", subtitle = describe_drawn(length(drawn), nrow(rows)),
    xlab = paste("Fitted", response_name(fit)),
    ylab = paste0("Residual of ", response_name(fit), if (weighted) ", times root of weight")
  )
}

picture_of_scale <- function(fit) {
  fit$na.action <- NULL
  rows <- residual_rows(fit, root = sqrt(abs(stats::rstandard(fit))))
  drawn <- drawn_points(rows$fitted, rows$root)
  new_picture(
    rows, list(
      layer("points", data.frame(x = rows$fitted, y = rows$root)[drawn, ], alpha = point_alpha(drawn)),
      curve_layer(rows$fitted, rows$root)
    ),
    title = "Spread of the residuals", subtitle = describe_drawn(length(drawn), nrow(rows)),
    xlab = paste("Fitted", response_name(fit)), ylab = "Root of |standardized residual|"
  )
}

picture_of_quantiles <- function(fit, level = 0.95) {
  check_probability(level)
  fit$na.action <- NULL
  all <- residual_rows(fit, residual = stats::rstandard(fit))
  rows <- normal_quantiles(all$residual, level)
  rows$row <- all$row[rows$row]
  new_picture(
    rows, quantile_layers(rows),
    title = "Normal quantiles of the residuals",
    subtitle = paste("Band: where", percent(level), "of normal values lie, at each quantile"),
    xlab = "Standard normal quantile", ylab = "Standardized residual"
  )
}

quantile_layers <- function(rows) {
  at <- data.frame(x = rows$theoretical, y = rows$sample, lower = rows$lower, upper = rows$upper)
  at$panel <- rows$panel
  list(layer("band", at, "blue", alpha = 0.2), layer("diagonal", colour = "grey"), layer("points", at))
}

# Names and fitted values of the rows of positive weight, and one more column; rows where it isn't
# finite (the row alone determines a parameter) are left out.
residual_rows <- function(fit, ...) {
  fitted <- fitted(fit)
  rows <- data.frame(row = names(fitted), fitted = as.vector(fitted), lapply(list(...), as.vector))
  rows <- rows[prior_weights(fit) > 0 & is.finite(rows[[3L]]), ]
  row.names(rows) <- NULL
  rows
}

point_alpha <- function(drawn) if (length(drawn) > 2000L) 0.25 else if (length(drawn) > 300L) 0.5 else 0.9

curve_layer <- function(x, y) {
  curve <- smooth_curve(x, y)
  if (!is.null(curve)) layer("line", curve, "vermillion")
}
