# Pictures of the random effects: their quantiles and the caterpillar plot.

# Standardized by the standard deviation that the model gives a prediction: Var(gamma^) = D -
# Var(gamma^ - gamma).
picture_of_ranef_quantiles <- function(fit, group = NULL, level = 0.95) {
  check_probability(level)
  groups <- chosen_factors(group, names(fit$random$groups), parent.frame())
  effects <- standardized_effects(fit)
  effects <- effects[effects$group %in% groups, ]
  parts <- lapply(split(effects, effects$panel), function(own) {
    rows <- normal_quantiles(own$value, level)
    if (nrow(rows)) cbind(own[rows$row, c("group", "term", "panel", "level")], rows[-1L])
  })
  rows <- do.call(rbind, unname(parts))
  constant <- setdiff(levels(effects$panel), as.character(rows$panel))
  constant <- intersect(constant, as.character(effects$panel))
  note <- if (length(constant)) {
    layer("note", data.frame(x = 0, y = 0, label = "The estimated variance is 0", panel = factor(constant)))
  }
  if (is.null(rows)) {
    rows <- cbind(effects[0L, c("group", "term", "panel", "level")], normal_quantiles(numeric(), level)[-1L])
  }
  panels <- intersect(levels(effects$panel), as.character(effects$panel))
  new_picture(
    rows, c(if (nrow(rows)) quantile_layers(rows), list(note)),
    title = "Normal quantiles of the random effects",
    subtitle = paste("Band: where", percent(level), "of normal values lie, at each quantile"),
    xlab = "Standard normal quantile", ylab = "Standardized random effect", panels = panels
  )
}

# One row for each effect of each level: group, term, panel, level, value; NA where the effect has
# no variance.
standardized_effects <- function(fit) {
  predicted <- blups(fit)
  D <- tcrossprod(fit$sigma * fit$lambda)
  columns <- factor_columns(fit$random)
  all <- list()
  for (f in seq_along(columns)) {
    gamma <- predicted$gamma[[f]]
    error <- conditional_covariance(predicted$cond_factor[[f]], fit$sigma)
    for (j in seq_along(columns[[f]])) {
      carried <- matrix(predicted$carried[[f]][j, , ], ncol = ncol(gamma))
      prior <- D[columns[[f]][j], columns[[f]][j]]
      variance <- prior - error[j, j, ] - fit$sigma^2 * colSums(carried^2)
      variance[variance <= 1e-10 * prior] <- NA
      all[[length(all) + 1L]] <- data.frame(
        group = names(columns)[f], term = rownames(gamma)[j], level = colnames(gamma),
        value = gamma[j, ] / sqrt(variance)
      )
    }
  }
  all <- do.call(rbind, all)
  all$panel <- panel_of_effect(all$group, all$term)
  all
}

# "x by g", one panel for each effect of each factor.
panel_of_effect <- function(group, term) {
  labels <- paste(term, "by", group)
  factor(labels, unique(labels))
}

chosen_factors <- function(group, groups, call) {
  if (is.null(group)) return(groups)
  for (one in group) check_choice(one, "group", groups, call)
  group
}

# Caterpillar plot: of many levels 150 at each end and evenly spaced others are drawn.
picture_of_ranef <- function(x, group = NULL, level = 0.95) {
  check_probability(level)
  effects <- if (inherits(x, "mixest")) ranef(x) else x
  rows <- as.data.frame(effects)
  groups <- chosen_factors(group, unique(rows$grpvar), parent.frame())
  rows <- rows[rows$grpvar %in% groups, ]
  rows$panel <- panel_of_effect(rows$grpvar, rows$term)
  half <- if (is.null(rows$condsd)) 0 else stats::qnorm((1 + level) / 2) * rows$condsd
  rows$lower <- rows$condval - half
  rows$upper <- rows$condval + half
  groups <- unique(rows$grpvar)
  rows$position <- unlist(lapply(groups, function(group) positions_of_levels(rows[rows$grpvar == group, ])))
  m <- vapply(groups, function(group) max(rows$position[rows$grpvar == group]), 0L)
  shown <- do.call(rbind, lapply(groups, function(group) {
    rows[rows$grpvar == group & rows$position %in% positions_drawn(m[[group]]), ]
  }))
  layers <- list(
    layer("vertical", data.frame(at = 0), "grey"),
    layer("across", data.frame(y = shown$position, shown[c("lower", "upper", "panel")]), "blue", alpha = 0.6),
    layer("points", data.frame(x = shown$condval, y = shown$position, panel = shown$panel))
  )
  one <- length(groups) == 1L
  small <- one && m <= 45L
  new_picture(
    rows, layers, title = paste("Random effects of", paste(groups, collapse = ", ")),
    subtitle = paste0("With ", percent(level), " intervals", if (nrow(shown) < nrow(rows)) {
      paste0("; ", format_count(nrow(shown)), " of ", format_count(nrow(rows)), " are drawn")
    }),
    xlab = "Predicted effect",
    ylab = paste0(if (one) groups else "Levels", if (!small) ", ordered by the first effect"),
    panels = levels(factor(rows$panel)), free = if (one) "x" else "both",
    categories = if (small) as.character(rows$grp[order(rows$position)][seq_len(m) * sum(rows$position == 1L)])
  )
}

# The place of each level of one factor in the order of its first effect.
positions_of_levels <- function(rows) {
  first <- rows[rows$term == rows$term[1L], ]
  rank(first$condval, ties.method = "first")[match(rows$grp, first$grp)]
}

positions_drawn <- function(m) {
  if (m <= 1000L) return(seq_len(m))
  unique(round(c(1:150, seq(151, m - 150, length.out = 300L), m - 149:0)))
}
