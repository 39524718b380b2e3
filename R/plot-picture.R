# A picture before it is drawn: its data twin and the layers that both ways of drawing understand
# (R/plot-draw_base.R, R/plot-draw_ggplot.R). A function of one kind of picture (R/plot-data_*.R)
# computes everything and draws nothing.
#
# value: list of class "mixest_picture"
#   data                          the data twin: a data frame, columns named by what they are
#   layers                        list of layer(), drawn in this order
#   title, subtitle, xlab, ylab   texts; subtitle may be NULL
#   panels                        NULL, or the labels of the panels in their order
#   free                          "none", "x", "y" or "both": which axes differ between panels
#   categories                    NULL, or labels of y = 1, 2, ...
#   series                        NULL, or labels of the lines that a legend tells apart
new_picture <- function(data, layers, title, xlab, ylab, subtitle = NULL, panels = NULL, free = "none",
                        categories = NULL, series = NULL) {
  structure(list(
    data = data, layers = Filter(Negate(is.null), layers), title = title, subtitle = subtitle, xlab = xlab,
    ylab = ylab, panels = as.character(panels), free = free, categories = categories, series = series
  ), class = "mixest_picture")
}

# kind    what `data` needs, besides an optional `panel`
#   points, line, spike       x, y (line: also `group`, a line for each; spike: from y = 0)
#   text, note                x, y, label: beside the point, centred on it
#   band                      x, lower, upper
#   across, upright           lower, upper at each y; at each x: intervals
#   bars                      x, y: horizontal, from x = 0
#   horizontal, vertical      at
#   diagonal                  nothing: y = x
# `series` in the data, one of the picture's, gives colour and line type; else `colour` does.
layer <- function(kind, data = NULL, colour = "ink", dashed = FALSE, alpha = 1) {
  list(kind = kind, data = data, colour = plot_colours[[colour]], dashed = dashed, alpha = alpha)
}

# Okabe and Ito's colours, told apart by colour-blind readers, also by their lightness.
plot_colours <- c(
  ink = "grey20", grey = "grey55", blue = "#0072B2", vermillion = "#D55E00", green = "#009E73", orange = "#E69F00",
  purple = "#CC79A7", sky = "#56B4E9"
)

series_colours <- function(n) {
  rep_len(plot_colours[c("blue", "vermillion", "green", "orange", "purple", "sky", "ink")], n)
}

series_types <- function(n) rep_len(c(1L, 2L, 4L, 5L, 3L, 6L), n)

# Are there names beside points, which need room?
has_text <- function(picture) any(vapply(picture$layers, function(layer) layer$kind == "text", NA))

# Rows of a layer in one panel; a layer without panels is in all.
in_panel <- function(data, panel) {
  if (is.null(panel) || is.null(data$panel)) return(data)
  data[!is.na(data$panel) & data$panel == panel, , drop = FALSE]
}

# Numbers of the points to draw: all, or of many the 100 lowest, the 100 highest and every k-th in
# the order of x.
drawn_points <- function(x, y, most = 5000L) {
  n <- length(x)
  if (n <= 2L * most) return(seq_len(n))
  by_y <- order(y)
  every <- order(x)[seq(1L, n, by = ceiling(n / most))]
  sort(unique(c(by_y[c(1:100, n - 0:99)], every)))
}

describe_drawn <- function(drawn, n, what = "rows") {
  if (drawn == n) return(NULL)
  paste0(format_count(drawn), " of ", format_count(n), " ", what, " drawn: extreme and evenly spaced ones")
}

format_count <- function(n) format(n, big.mark = ",", scientific = FALSE, trim = TRUE)

# Labels of an axis: 100,000 and not 1e+05.
axis_labels <- function(at) {
  large <- max(abs(at), 0, na.rm = TRUE)
  if (large >= 1e5 && large < 1e9) format_count(at) else format(at, trim = TRUE)
}

# Smooth curve through points, of many through the means of 500 slices.
smooth_curve <- function(x, y) {
  known <- is.finite(x) & is.finite(y)
  x <- x[known]
  y <- y[known]
  if (length(unique(x)) < 4L) return(NULL)
  if (length(x) > 10000L) {
    sums <- rowsum(cbind(x, y, 1)[order(x), ], ceiling(500 * seq_along(x) / length(x)), reorder = FALSE)
    x <- sums[, 1L] / sums[, 3L]
    y <- sums[, 2L] / sums[, 3L]
  }
  data.frame(stats::lowess(x, y))
}

# Points of normal order statistics: list(x, lower, upper) for ranks 1..n, the limits pointwise: the
# i-th of n uniform values has a beta distribution with parameters i and n + 1 - i.
normal_ranks <- function(rank, n, level) {
  tails <- c(1 - level, 1 + level) / 2
  list(
    x = stats::qnorm(stats::ppoints(n))[rank], lower = stats::qnorm(stats::qbeta(tails[1L], rank, n + 1 - rank)),
    upper = stats::qnorm(stats::qbeta(tails[2L], rank, n + 1 - rank))
  )
}

# Values beside the normal quantiles of their ranks: data frame sample, theoretical, lower, upper,
# and `row`, the number of the value.
normal_quantiles <- function(values, level) {
  values <- as.vector(values)
  known <- which(is.finite(values))
  sorted <- known[order(values[known])]
  n <- length(sorted)
  rank <- drawn_points(seq_len(n), seq_len(n), most = 1000L)
  at <- normal_ranks(rank, n, level)
  data.frame(row = sorted[rank], theoretical = at$x, sample = values[sorted[rank]], lower = at$lower, upper = at$upper)
}

percent <- function(level) paste0(format(100 * level, digits = 3L), " %")
