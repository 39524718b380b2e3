# Picture of the data of single groups, with the line of each group's own least squares, that of the
# model for the group, and the population's.

# The curves are drawn at typical values of the other variables: means over the group's rows of
# numeric ones, else the most frequent value.
#
# groups     how many to draw, of each value of `by`; or their labels
# covariate  one-sided formula, NULL for the first covariate of the random effects
picture_of_groups <- function(fit, groups = 20L, covariate = NULL, by = NULL, group = NULL, seed = NULL) {
  user <- parent.frame()
  frame <- original_columns(fit, kept_frame(fit, user))
  factor_name <- one_factor(group, fit, user)
  f <- match(factor_name, names(fit$random$groups))
  x_name <- chosen_covariate(covariate, fit, frame, f, user)
  codes <- group_codes(fit)[, f]
  of_rows <- if (!is.null(by)) values_by(by, frame, user)
  chosen <- drawn_groups(groups, fit$random$groups[[f]], codes, of_rows, seed, user)
  rows <- which(codes %in% chosen$code)
  level <- factor(codes[rows], chosen$code)
  points <- data.frame(
    x = frame[[x_name]][rows], y = response(fit)[rows] - model_offset(fit)[rows], panel = chosen$label[level]
  )
  curves <- curves_of_groups(fit, frame[rows, , drop = FALSE], level, x_name, f, points$y)
  curves$panel <- chosen$label[curves$code]
  curves$code <- NULL
  data <- rbind(data.frame(points, series = "data"), curves[c("x", "y", "panel", "series")])
  data <- stats::setNames(data.frame(
    data$panel, data$series, data$x, data$y
  ), c(factor_name, "series", x_name, response_name(fit)))
  pictures <- lapply(split(chosen, chosen$by, drop = TRUE), function(own) {
    within <- function(part) part[part$panel %in% own$label, ]
    value <- as.character(own$by[1L])
    new_picture(
      data[data[[1L]] %in% own$label, ],
      list(
        layer("points", within(points), "grey", alpha = 0.7),
        layer("line", in_groups(within(curves)))
      ),
      title = paste0(
        response_name(fit), " against ", x_name, ", by ", factor_name,
        if (!is.null(by)) paste0(" (", names(of_rows), ": ", value, ")")
      ),
      xlab = x_name, ylab = response_name(fit), panels = own$label,
      series = c("model", "least squares", "population")
    )
  })
  if (length(pictures) == 1L) pictures[[1L]] else structure(pictures, class = "mixest_pictures")
}

one_factor <- function(group, fit, call) {
  columns <- factor_columns(fit$random)
  if (is.null(group)) return(names(columns)[which.max(lengths(columns))])
  check_choice(group, "group", names(columns), call)
}

# The first numeric variable of the factor's random effects, else of the fixed part.
chosen_covariate <- function(covariate, fit, frame, f, call) {
  if (!is.null(covariate)) return(check_covariate(covariate, frame, call))
  own <- Filter(function(term) term$factor == f, fit$random$terms)
  candidates <- c(unlist(lapply(own, function(term) all.vars(term$terms))), all.vars(stats::delete.response(fit$terms)))
  numeric <- Filter(function(name) is.numeric(frame[[name]]) && is.null(dim(frame[[name]])), candidates)
  if (length(numeric)) return(numeric[1L])
  abort_mixest("input", c(
    "The picture must have a numeric covariate.", x = "The fit has none.",
    i = 'Use {.code type = "ranef"} for groups that differ in their level only.'
  ), call)
}

check_covariate <- function(covariate, frame, call, numeric = TRUE) {
  name <- if (inherits(covariate, "formula")) all.vars(covariate) else covariate
  kind <- if (numeric) "a numeric variable" else "a variable"
  fine <- is.character(name) && length(name) == 1L && name %in% names(frame) && is.null(dim(frame[[name]])) &&
    (!numeric || is.numeric(frame[[name]]))
  if (fine) return(name)
  abort_mixest("input", c(
    paste("{.arg covariate} must be", kind, "of the fit, such as {.code ~ time}."),
    x = "It is {.code {deparse1(covariate)}}."
  ), call)
}

# list of one vector, named by the variable.
values_by <- function(by, frame, call) {
  name <- if (inherits(by, "formula")) all.vars(by) else by
  if (is.character(name) && length(name) == 1L && name %in% names(frame)) {
    return(stats::setNames(list(factor(frame[[name]])), name))
  }
  abort_mixest("input", c(
    "{.arg by} must be a variable of the fit that is constant within groups, such as {.code ~ sector}.",
    x = "It is {.code {deparse1(by)}}."
  ), call)
}

# Data frame code, label (a factor in the order of the levels), by.
drawn_groups <- function(groups, levels, codes, of_rows, seed, call) {
  present <- sort(unique(codes[!is.na(codes)]))
  first <- match(present, codes)
  value <- if (is.null(of_rows)) factor(rep("", length(present))) else of_rows[[1L]][first]
  if (is.character(groups) || is.factor(groups)) {
    unknown <- setdiff(as.character(groups), levels[present])
    if (length(unknown)) {
      abort_mixest("input", c(
        "{.arg groups} must be a number, or labels of groups.", x = "Can't find {list_names(unknown)}."
      ), call)
    }
    chosen <- which(levels[present] %in% as.character(groups))
  } else {
    check_count(groups, call, "groups")
    check_seed_of_R(seed, call)
    state <- use_seed(seed)
    on.exit(state$restore())
    chosen <- sort(unlist(lapply(split(seq_along(present), value), function(own) {
      own[sample.int(length(own), min(groups, length(own)))]
    }), use.names = FALSE))
  }
  code <- present[chosen]
  data.frame(code = code, label = factor(levels[code], levels[code]), by = value[chosen])
}

# Data frame code (position among the groups), x, y, series.
curves_of_groups <- function(fit, frame, level, x_name, f, y) {
  x <- frame[[x_name]]
  range_of <- do.call(rbind, tapply(x, level, range))
  straight <- is_straight(fit, x_name)
  steps <- if (straight) c(0, 1) else seq(0, 1, length.out = 25L)
  rows <- typical_rows(frame, level)[rep(seq_len(nlevels(level)), each = length(steps)), , drop = FALSE]
  code <- rep(seq_len(nlevels(level)), each = length(steps))
  at <- range_of[code, 1L] + steps * (range_of[code, 2L] - range_of[code, 1L])
  rows[[x_name]] <- at
  effects <- effects_around(fit, f)
  design <- prediction_rows(fit, rows, TRUE, factors_of(fit, effects))
  design$offset[] <- 0
  curve <- function(y, series) data.frame(code = code, x = at, y = as.vector(y), series = series)
  own <- own_curves(fit, frame, rows, x_name, level, code, y)
  rbind(
    curve(linear_predictor(fit, design, integer()), "population"), curve(own, "least squares"),
    curve(linear_predictor(fit, design, effects), "model")
  )
}

# The columns of U of a factor and of those that it lies in.
effects_around <- function(fit, f) {
  nested <- fit$random$nested
  around <- if (f %in% nested) nested[seq_len(match(f, nested))] else f
  sort(unlist(factor_columns(fit$random)[around], use.names = FALSE))
}

# Is every term that has the covariate linear in it?
is_straight <- function(fit, x_name) {
  labels <- unlist(c(
    lapply(fit$random$terms, function(term) attr(term$terms, "term.labels")), attr(fit$terms, "term.labels")
  ))
  parts <- unique(unlist(strsplit(labels, ":", fixed = TRUE)))
  all(vapply(parts, function(part) part == x_name || !x_name %in% all.vars(str2lang(part)), NA))
}

# Each group's own least squares: an intercept and the columns of the fixed effects of the covariate
# alone (a line, if there are none). NA where the group's rows can't determine them.
own_curves <- function(fit, frame, new, x_name, level, code, y) {
  labels <- attr(fit$terms, "term.labels")
  alone <- Filter(function(label) identical(all.vars(str2lang(label)), x_name), labels)
  terms <- stats::delete.response(fit$terms)
  columns <- function(rows) {
    if (!length(alone)) return(cbind(1, rows[[x_name]]))
    X <- stats::model.matrix(terms, new_frame(terms, rows, fit$xlevels, parent.frame()), contrasts.arg = fit$contrasts)
    cbind(1, X[, attr(X, "assign") %in% match(alone, labels), drop = FALSE])
  }
  of_data <- columns(frame)
  of_curve <- columns(new)
  weights <- if (is.null(frame[["(weights)"]])) rep(1, nrow(frame)) else frame[["(weights)"]]
  out <- rep(NA_real_, length(code))
  for (g in seq_len(nlevels(level))) {
    own <- as.integer(level) == g & weights > 0
    coefficients <- stats::lm.wfit(of_data[own, , drop = FALSE], y[own], weights[own])$coefficients
    out[code == g] <- of_curve[code == g, , drop = FALSE] %*% coefficients
  }
  out
}

# Each series of a panel is a line of its own.
in_groups <- function(curves) cbind(curves, group = paste(curves$panel, curves$series))
