# Pictures of profiles, influence, bootstrap distributions and shares of the variance.

# Zeta, or the density that it stands for: that of value where zeta(value) is standard normal.
picture_of_profile <- function(x, density = FALSE, which = NULL) {
  check_flag(density, "density")
  if (inherits(x, "mixest")) x <- profile(x, which)
  points <- as.data.frame(x)
  names(points) <- c("parameter", "value", "zeta")
  labels <- levels(points$parameter)
  curves <- do.call(rbind, lapply(labels, function(name) {
    own <- points[points$parameter == name, ]
    if (nrow(own) < 3L) return(NULL)
    # A profile may fall by rounding errors where it should be level.
    curve <- stats::splinefun(own$value, cummax(own$zeta), method = "hyman")
    value <- seq(own$value[1L], own$value[nrow(own)], length.out = 201L)
    zeta <- curve(value)
    data.frame(parameter = name, value, zeta, density = stats::dnorm(zeta) * curve(value, deriv = 1L))
  }))
  curves$parameter <- factor(curves$parameter, labels)
  y <- if (density) curves$density else curves$zeta
  cutoff <- stats::qnorm(0.975)
  new_picture(
    curves, list(
      if (!density) layer("horizontal", data.frame(at = c(-cutoff, cutoff)), "vermillion", dashed = TRUE),
      layer("horizontal", data.frame(at = 0), "grey"),
      layer("line", data.frame(x = curves$value, y = y, panel = curves$parameter), "blue")
    ),
    title = if (density) "Densities from likelihood profiles" else "Likelihood profiles",
    subtitle = if (!density) "Zeta: signed root of the rise of the deviance; dashed: the ends of 95 % intervals",
    xlab = "Parameter", ylab = if (density) "Density" else "Zeta",
    panels = labels, free = if (density) "both" else "x"
  )
}

# Cook's distances, or dfbetas of each fixed effect, the largest named.
picture_of_influence <- function(x, measure = "cook", group = NULL, obs = FALSE, label = 5L) {
  measure <- check_choice(lower_case(measure), "measure", c("cook", "dfbetas"), parent.frame())
  check_count(label, parent.frame(), "label")
  if (inherits(x, "mixest")) x <- influence(x, group = group, obs = obs)
  values <- if (measure == "cook") as.matrix(stats::cooks.distance(x)) else stats::dfbetas(x)
  rows <- data.frame(
    deleted = rep(x$deleted, times = ncol(values)), number = rep(seq_along(x$deleted), times = ncol(values)),
    value = as.vector(values)
  )
  if (measure == "dfbetas") rows$term <- rep(colnames(values), each = nrow(values))
  panels <- if (measure == "dfbetas") colnames(values)
  at <- data.frame(x = rows$number, y = rows$value)
  at$panel <- rows$term
  at <- at[is.finite(at$y), ]
  if (!nrow(at)) {
    abort_mixest("input", c(
      "There must be an estimate without some of the groups to draw their influence.",
      x = "The data can't determine the model without any of them."
    ), parent.frame())
  }
  of_panel <- if (is.null(at$panel)) rep("", nrow(at)) else at$panel
  spikes <- do.call(rbind, lapply(split(at, of_panel), function(own) own[drawn_points(abs(own$y), abs(own$y)), ]))
  named <- do.call(rbind, lapply(split(at, of_panel), function(own) own[utils::head(order(-abs(own$y)), label), ]))
  named$label <- x$deleted[named$x]
  what <- if (x$groups == ".case") "row" else x$groups
  new_picture(
    rows, list(
      layer("horizontal", data.frame(at = 0), "grey"), layer("spike", spikes, "blue"), layer("text", named)
    ),
    title = paste("Influence of each", what), subtitle = describe_drawn(nrow(spikes), nrow(at), "values"),
    xlab = paste(what, "left out, by number"),
    ylab = if (measure == "cook") "Cook's distance" else "Change in standard errors (dfbetas)", panels = panels
  )
}

# Histograms of the replicates, the estimate and the limits of the percentile interval.
picture_of_bootstrap <- function(x, level = 0.95, which = NULL, nsim = 1000L, seed = NULL) {
  check_probability(level)
  if (inherits(x, "mixest")) x <- bootstrap(x, nsim = nsim, seed = seed, progress = FALSE)
  ends <- stats::confint(x, which, level)
  known <- if (is.null(names(x$t0))) as.character(seq_along(x$t0)) else names(x$t0)
  names <- rownames(ends)
  values <- x$t[, match(names, known), drop = FALSE]
  data <- data.frame(
    parameter = factor(rep(names, each = nrow(values)), names), replicate = rep(seq_len(nrow(values)), ncol(values)),
    value = as.vector(values)
  )
  outline <- do.call(rbind, lapply(names, function(name) {
    own <- data$value[data$parameter == name & is.finite(data$value)]
    if (length(unique(own)) < 2L) return(NULL)
    bars <- graphics::hist(own, breaks = "FD", plot = FALSE)
    data.frame(
      x = rep(bars$breaks, each = 2L), y = c(0, rep(bars$density, each = 2L), 0), panel = factor(name, names)
    )
  }))
  limits <- data.frame(at = as.vector(ends), panel = factor(rep(names, times = 2L), names))
  estimates <- data.frame(at = x$t0[match(names, known)], panel = factor(names, names))
  shape <- if (!is.null(outline)) cbind(outline, lower = 0, upper = outline$y)
  new_picture(
    data, list(
      if (!is.null(shape)) layer("band", shape, "blue", alpha = 0.4),
      layer("vertical", limits, "vermillion", dashed = TRUE), layer("vertical", estimates, "ink")
    ),
    title = "Bootstrap distributions",
    subtitle = paste0(format_count(nrow(values)), " replicates; dashed: ", percent(level), " percentile interval"),
    xlab = "Replicated estimate; line: the estimate", ylab = "Density", panels = names, free = "both"
  )
}

picture_of_variance <- function(fit) {
  explained <- variance_explained(fit)
  rows <- explained$sources
  y <- rev(seq_len(nrow(rows)))
  r2 <- format(round(explained$r2, 3L), nsmall = 3L)
  new_picture(
    rows, list(
      layer("bars", data.frame(x = rows$share, y = y), "blue"),
      layer("text", data.frame(x = rows$share, y = y, label = paste0(format(round(100 * rows$share, 1L)), " %")))
    ),
    title = paste("Shares of the variance of", response_name(fit)),
    subtitle = paste0("R2: marginal ", r2[1L], ", conditional ", r2[2L]), xlab = "Share", ylab = "",
    categories = rev(rows$source)
  )
}
