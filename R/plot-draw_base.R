# Pictures in base graphics.

draw_base <- function(picture, ...) {
  panels <- if (length(picture$panels) > 1L) picture$panels
  if (is.null(panels)) {
    draw_single(picture, ...)
  } else {
    draw_panels(picture, panels, ...)
  }
  invisible(picture$data)
}

# Of one panel: a title above, room on the left for names.
draw_single <- function(picture, ...) {
  left <- if (is.null(picture$categories)) 4.1 else 2.2 + margin_for(picture$categories, 0.85)
  old <- graphics::par(mar = c(3.4, left, 3.2, 1), mgp = c(2.1, 0.6, 0), tcl = -0.3, las = 1)
  on.exit(graphics::par(old))
  draw_panel(picture, NULL, panel_limits(picture, NULL), cex = 0.8, ...)
  title <- graphics::mtext
  title(picture$title, line = 1.5, adj = 0, font = 2)
  if (!is.null(picture$subtitle)) title(picture$subtitle, line = 0.4, adj = 0, cex = 0.8)
  graphics::title(xlab = picture$xlab)
  graphics::title(ylab = picture$ylab, line = left - 1.4)
  draw_legend(picture)
}

# Of several: titles and labels of axes stand in the outer margin. Axes that the panels share are
# drawn at the left and below only.
draw_panels <- function(picture, panels, ...) {
  shape <- panel_shape(length(panels))
  own_x <- picture$free %in% c("x", "both")
  own_y <- picture$free %in% c("y", "both")
  names <- if (is.null(picture$categories)) 0 else margin_for(picture$categories, 0.7)
  legend <- if (length(picture$series)) 1.2 else 0
  strip <- if (max(nchar(panels)) > 18L && shape[2L] > 3L) 0.45 else 0.6
  mar <- c(if (own_x) 1.6 else 0.4, if (own_y) 2.6 else 0.4, 1.4, 0.4)
  old <- graphics::par(
    mfrow = shape, mar = mar, oma = c(if (own_x) 1.8 else 3.2, (if (own_y) 1.8 else 4) + names, 2.8 + legend, 0.6),
    mgp = c(2, 0.4, 0), tcl = -0.2, las = 1
  )
  on.exit(graphics::par(old))
  for (i in seq_along(panels)) {
    left <- own_y || (i - 1L) %% shape[2L] == 0L
    bottom <- own_x || i > length(panels) - shape[2L]
    draw_panel(picture, panels[i], panel_limits(picture, panels[i]), cex = 0.7, axes_drawn = c(bottom, left), ...)
    graphics::mtext(shorten(panels[i], 30L), line = 0.2, cex = strip, font = 2)
  }
  graphics::mtext(picture$title, outer = TRUE, line = 1.4 + legend, adj = 0, font = 2)
  if (!is.null(picture$subtitle)) graphics::mtext(picture$subtitle, outer = TRUE, line = 0.3, adj = 0, cex = 0.75)
  graphics::mtext(picture$xlab, 1L, outer = TRUE, line = if (own_x) 0.6 else 1.9, cex = 0.85)
  graphics::mtext(
    picture$ylab, 2L, outer = TRUE, line = (if (own_y) 0.5 else 2.4) + names, cex = 0.85, las = 0
  )
  if (legend) draw_outer_legend(picture)
}

# Rows and columns that suit a figure wider than high, with few empty places.
panel_shape <- function(n) {
  columns <- seq(ceiling(sqrt(n)), ceiling(sqrt(1.7 * n)))
  rows <- ceiling(n / columns)
  best <- which.min(rows * columns)
  c(rows[best], columns[best])
}

# Lines of margin for names at a size.
margin_for <- function(names, cex) min(12, 0.55 * cex * max(nchar(names)) + 0.5)

shorten <- function(text, width) ifelse(nchar(text) > width, paste0(substr(text, 1L, width - 3L), "..."), text)

# list(x, y): ranges of a panel, of all where panels share them.
panel_limits <- function(picture, panel) {
  range_of <- function(values, free) {
    parts <- lapply(picture$layers, function(layer) {
      data <- if (free) in_panel(layer$data, panel) else layer$data
      values(layer, data)
    })
    found <- unlist(parts)
    found <- found[is.finite(found)]
    if (!length(found)) c(0, 1) else if (diff(range(found)) == 0) found[1L] + c(-0.5, 0.5) else range(found)
  }
  x <- range_of(function(layer, data) {
    switch(layer$kind,
      across = c(data$lower, data$upper), vertical = data$at, horizontal = NULL, bars = c(0, data$x), data$x
    )
  }, picture$free %in% c("x", "both"))
  y <- range_of(function(layer, data) {
    switch(layer$kind,
      band = , upright = c(data$lower, data$upper), horizontal = data$at, vertical = NULL, spike = c(0, data$y), data$y
    )
  }, picture$free %in% c("y", "both"))
  # Names at points need room beside them.
  if (has_text(picture)) x <- x + diff(x) * c(-0.04, 0.12)
  if (!is.null(picture$x_categories)) x <- c(0.6, length(picture$x_categories) + 0.4)
  if (!is.null(picture$categories)) y <- c(0.5, length(picture$categories) + 0.5)
  list(x = x, y = y)
}

draw_panel <- function(picture, panel, limits, cex, axes_drawn = c(TRUE, TRUE), ...) {
  graphics::plot(NA, xlim = limits$x, ylim = limits$y, xlab = "", ylab = "", axes = FALSE, ...)
  for (layer in picture$layers) {
    layer$data <- in_panel(layer$data, panel)
    if (layer$kind == "diagonal" || NROW(layer$data)) draw_layer(layer, picture$series)
  }
  graphics::box(col = "grey60")
  if (axes_drawn[1L]) draw_axis(1L, picture$x_categories, cex)
  if (axes_drawn[2L]) draw_axis(2L, picture$categories, cex)
}

draw_axis <- function(side, names, cex) {
  if (is.null(names)) {
    at <- graphics::axTicks(side)
    return(graphics::axis(side, at, axis_labels(at), cex.axis = cex, col = NA, col.ticks = "grey60"))
  }
  # All of many names, in small letters.
  cex <- min(cex, if (side == 2L) 16 / length(names))
  graphics::axis(side, seq_along(names), shorten(names, 30L), cex.axis = cex, col = NA, col.ticks = "grey60")
}

draw_layer <- function(layer, series) {
  data <- layer$data
  colour <- grDevices::adjustcolor(layer$colour, layer$alpha)
  type <- if (layer$dashed) 2L else 1L
  if (length(series) && !is.null(data$series)) {
    code <- match(data$series, series)
    colour <- grDevices::adjustcolor(series_colours(length(series)), layer$alpha)[code]
    type <- series_types(length(series))[code]
  }
  switch(layer$kind,
    points = graphics::points(data$x, data$y, pch = 16, col = colour, cex = if (nrow(data) > 150L) 0.45 else 0.7),
    line = draw_lines(data, colour, type), band = draw_bands(data, colour),
    across = graphics::segments(data$lower, data$y, data$upper, data$y, col = colour),
    upright = graphics::segments(data$x, data$lower, data$x, data$upper, col = colour),
    spike = graphics::segments(data$x, 0, data$x, data$y, col = colour),
    bars = graphics::rect(0, data$y - 0.35, data$x, data$y + 0.35, col = colour, border = NA),
    text = graphics::text(data$x, data$y, data$label, pos = 4L, offset = 0.25, cex = 0.7, xpd = TRUE),
    note = graphics::text(data$x, data$y, data$label, cex = 0.7),
    horizontal = graphics::abline(h = data$at, col = colour, lty = type),
    vertical = graphics::abline(v = data$at, col = colour, lty = type),
    diagonal = graphics::abline(0, 1, col = colour)
  )
}

# One line, one area, for each `group`.
for_each_group <- function(data, draw) {
  group <- if (is.null(data$group)) rep(1L, nrow(data)) else data$group
  for (rows in split(seq_len(nrow(data)), group)) draw(rows)
}

draw_lines <- function(data, colour, type) {
  colour <- rep_len(colour, nrow(data))
  type <- rep_len(type, nrow(data))
  for_each_group(data, function(rows) {
    graphics::lines(data$x[rows], data$y[rows], col = colour[rows[1L]], lty = type[rows[1L]], lwd = 1.5)
  })
}

draw_bands <- function(data, colour) {
  for_each_group(data, function(rows) {
    graphics::polygon(
      c(data$x[rows], rev(data$x[rows])), c(data$lower[rows], rev(data$upper[rows])),
      col = rep_len(colour, nrow(data))[rows[1L]], border = NA
    )
  })
}

draw_legend <- function(picture) {
  n <- length(picture$series)
  if (!n) return(invisible())
  graphics::legend(
    "topleft", picture$series, col = series_colours(n), lty = series_types(n), lwd = 1.5, bty = "n", cex = 0.8
  )
}

# In the outer margin below the title.
draw_outer_legend <- function(picture) {
  n <- length(picture$series)
  old <- graphics::par(fig = c(0, 1, 0, 1), oma = rep(0, 4L), mar = rep(0, 4L), new = TRUE)
  on.exit(graphics::par(old))
  graphics::plot.new()
  height <- 2.2 * graphics::par("cxy")[2L]
  graphics::legend(
    0.5, 1 - height / 2, picture$series, col = series_colours(n), lty = series_types(n), lwd = 1.5, bty = "n",
    horiz = TRUE, xjust = 0.5, yjust = 0.5, cex = 0.8
  )
}
