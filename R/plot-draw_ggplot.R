# Pictures in ggplot2.

# The rows of a layer, in aes(); not imported from rlang, which is loaded only when it is needed.
utils::globalVariables(".data")

draw_ggplot <- function(picture) {
  rlang::check_installed("ggplot2", "to draw with autoplot().")
  layers <- unlist(lapply(picture$layers, ggplot_layer, picture = picture), recursive = FALSE)
  plot <- ggplot2::ggplot() + layers + ggplot2::labs(
    title = picture$title, subtitle = picture$subtitle, x = picture$xlab,
    y = if (nzchar(picture$ylab)) picture$ylab
  ) + plot_theme(picture)
  n <- length(picture$series)
  if (n) {
      scale <- function(make, values) {
      make(name = NULL, values = stats::setNames(values, picture$series), breaks = picture$series)
    }
    plot <- plot + scale(ggplot2::scale_colour_manual, unname(series_colours(n))) + scale(
      ggplot2::scale_fill_manual, unname(series_colours(n))
    ) + scale(ggplot2::scale_linetype_manual, series_types(n))
  }
  plot <- plot + if (is.null(picture$categories)) {
    ggplot2::scale_y_continuous(labels = axis_labels)
  } else {
    categories_axis(ggplot2::scale_y_continuous, picture$categories)
  }
  if (has_text(picture)) {
    plot <- plot + ggplot2::scale_x_continuous(expand = ggplot2::expansion(mult = c(0.05, 0.12)))
  }
  if (!is.null(picture$x_categories)) plot <- plot + categories_axis(ggplot2::scale_x_continuous, picture$x_categories)
  if (length(picture$panels) < 2L) return(plot)
  labels <- shorten(picture$panels, 30L)
  labels <- stats::setNames(labels, picture$panels)
  scales <- c(none = "fixed", x = "free_x", y = "free_y", both = "free")[[picture$free]]
  columns <- panel_shape(length(picture$panels))[2L]
  plot + ggplot2::facet_wrap(
    ggplot2::vars(.data$panel), scales = scales, ncol = columns, drop = FALSE, labeller = ggplot2::as_labeller(labels)
  )
}

categories_axis <- function(scale, names) {
  scale(breaks = seq_along(names), labels = shorten(names, 30L), limits = c(0.4, length(names) + 0.6), expand = c(0, 0))
}

plot_theme <- function(picture) {
  small <- length(picture$panels) > 6L
  strip <- if (small && any(nchar(picture$panels) > 20L)) 5.5 else if (small) 7 else 8.5
  list(
    ggplot2::theme_bw(base_size = 10), ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(), panel.grid.major = ggplot2::element_line(colour = "grey93"),
      plot.title = ggplot2::element_text(size = 11, face = "bold"), plot.subtitle = ggplot2::element_text(size = 8.5),
      plot.title.position = "plot", legend.position = "top", legend.margin = ggplot2::margin(0, 0, 0, 0),
      legend.key.width = ggplot2::unit(2, "lines"),
      strip.background = ggplot2::element_rect(fill = "grey95", colour = NA),
      strip.text = ggplot2::element_text(size = strip, margin = ggplot2::margin(2, 2, 2, 2)),
      axis.text = ggplot2::element_text(size = if (small) 6.5 else 8)
    )
  )
}

# List of ggplot2's layers.
ggplot_layer <- function(layer, picture) {
  data <- layer$data
  if (layer$kind != "diagonal" && !NROW(data)) return(NULL)
  if (!is.null(data$panel)) data$panel <- factor(as.character(data$panel), picture$panels)
  by_series <- length(picture$series) > 0L && !is.null(data$series)
  if (by_series) data$series <- factor(data$series, picture$series)
  if (!is.null(data) && is.null(data$group)) data$group <- 1L
  aes <- ggplot2::aes
  own <- if (!by_series) list(colour = layer$colour, linetype = if (layer$dashed) 2L else 1L)
  lines <- if (by_series) aes(colour = .data$series, linetype = .data$series)
  draw <- function(geom, mapping, ..., fixed = own, extra = lines) {
    mapping <- if (is.null(extra)) mapping else structure(utils::modifyList(mapping, extra), class = "uneval")
    do.call(geom, c(list(mapping, data, alpha = layer$alpha, ...), fixed))
  }
  no_type <- own["colour"]
  coloured <- if (by_series) aes(colour = .data$series)
  list(switch(layer$kind,
    points = draw(
      ggplot2::geom_point, aes(.data$x, .data$y), shape = 16, fixed = no_type, extra = coloured,
      size = if (nrow(data) > 2000L) 0.6 else if (nrow(data) > 300L || length(picture$panels) > 6L) 0.9 else 1.6
    ),
    line = draw(ggplot2::geom_line, aes(.data$x, .data$y, group = .data$group)),
    band = draw(
      ggplot2::geom_ribbon, aes(.data$x, ymin = .data$lower, ymax = .data$upper, group = .data$group),
      fixed = if (!by_series) list(fill = layer$colour), extra = if (by_series) aes(fill = .data$series),
      show.legend = FALSE
    ),
    across = draw(
      ggplot2::geom_segment, aes(x = .data$lower, xend = .data$upper, y = .data$y, yend = .data$y), fixed = no_type,
      extra = coloured
    ),
    upright = draw(ggplot2::geom_linerange, aes(.data$x, ymin = .data$lower, ymax = .data$upper)),
    spike = draw(ggplot2::geom_segment, aes(x = .data$x, xend = .data$x, y = 0, yend = .data$y)),
    bars = draw(
      ggplot2::geom_rect, aes(xmin = 0, xmax = .data$x, ymin = .data$y - 0.35, ymax = .data$y + 0.35),
      fixed = list(fill = layer$colour)
    ),
    text = draw(
      ggplot2::geom_text, aes(.data$x, .data$y, label = .data$label), hjust = -0.15, size = 2.6, fixed = no_type
    ),
    note = draw(ggplot2::geom_text, aes(.data$x, .data$y, label = .data$label), size = 2.6, fixed = no_type),
    horizontal = draw(ggplot2::geom_hline, aes(yintercept = .data$at)),
    vertical = draw(ggplot2::geom_vline, aes(xintercept = .data$at)),
    diagonal = do.call(ggplot2::geom_abline, c(list(slope = 1, intercept = 0, alpha = layer$alpha), own))
  ))
}
