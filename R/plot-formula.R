# plot(fit, resid(., scaled = TRUE) ~ fitted(.) | g), drawn by lattice as in nlme and lme4.

# options: list(abline, id, labels, grid)
plot_formula <- function(fit, form, options, user, ...) {
  rlang::check_installed("lattice", "to plot a formula.", call = user)
  if (!inherits(form, "formula")) {
    abort_mixest("input", c(
      "{.arg form} must be a formula, such as {.code resid(., scaled = TRUE) ~ fitted(.)}.",
      x = "It is {.obj_type_friendly {form}}."
    ), user)
  }
  check_flag(options$grid, "grid", user)
  check_line(options$abline, user)
  fit$na.action <- NULL
  rows <- formula_columns(form, fit, user)
  names <- if (!is.null(options$id)) names_of_outliers(fit, options, user)
  numeric_left <- is.null(rows$left) || is.numeric(rows$data[[".left"]])
  draw <- if (is.null(rows$left)) lattice::histogram else if (numeric_left) lattice::xyplot else lattice::bwplot
  panel <- function(x, y, subscripts, ...) {
    if (options$grid && is.numeric(x)) lattice::panel.grid(h = -1, v = -1)
    if (is.null(rows$left)) return(lattice::panel.histogram(x, ...))
    if (!numeric_left) return(lattice::panel.bwplot(x, y, ...))
    lattice::panel.xyplot(x, y, ...)
    if (length(options$abline) == 1L) lattice::panel.abline(h = options$abline)
    if (length(options$abline) == 2L) lattice::panel.abline(options$abline[1L], options$abline[2L])
    named <- nzchar(names[subscripts])
    if (any(named)) lattice::panel.text(x[named], y[named], names[subscripts][named], pos = 3, cex = 0.7)
  }
  own <- list(rows$formula, rows$data, panel = panel, xlab = rows$right, ylab = rows$left)
  if (is.null(rows$left)) own$ylab <- NULL
  given <- list(...)
  do.call(draw, c(own[!names(own) %in% names(given) | names(own) == ""], given))
}

check_line <- function(abline, call) {
  if (is.null(abline) || is.numeric(abline) && length(abline) %in% 1:2 && all(is.finite(abline))) return(invisible())
  refuse_value("abline", abline, "a number, or an intercept and a slope", call)
}

# list(formula, data, left, right): the sides and what follows the bar are columns .left, .right,
# .given1, ...; left is NULL without a left side.
formula_columns <- function(form, fit, call) {
  left <- if (length(form) == 3L) form[[2L]]
  right <- form[[length(form)]]
  given <- list()
  if (call_name(right) == "|") {
    given <- unlist(all_factors(right[[3L]]))
    right <- right[[2L]]
  }
  data <- original_columns(fit, kept_frame(fit, call))
  value <- function(expr) {
    found <- tryCatch(eval(expr, c(as.list(data), list(. = fit)), environment(form)), error = function(error) {
      abort_mixest("input", c(
        "Every part of {.arg form} must be computed from `.`, the fit, and the variables of the model.",
        x = "{.code {deparse1(expr)}}: {conditionMessage(error)}."
      ), call)
    })
    if (length(found) == nrow(data)) return(found)
    abort_mixest("input", c(
      "Every part of {.arg form} must have one value for each of the {nrow(data)} rows.",
      x = "{.code {deparse1(expr)}} has {length(found)}."
    ), call)
  }
  columns <- list(.left = if (!is.null(left)) value(left), .right = value(right))
  names <- paste0(".given", seq_along(given), recycle0 = TRUE)
  for (i in seq_along(given)) columns[[names[i]]] <- factor(value(given[[i]]))
  columns <- Filter(Negate(is.null), columns)
  bar <- if (length(names)) paste("|", paste(names, collapse = " * ")) else ""
  list(
    formula = stats::as.formula(paste(if (is.null(left)) "" else ".left", "~ .right", bar)),
    data = data.frame(lapply(columns, function(x) if (is.character(x)) factor(x) else x)),
    left = if (!is.null(left)) deparse1(left), right = deparse1(right)
  )
}

# a * b after the bar, as a list.
all_factors <- function(expr) {
  if (call_name(expr) %in% c("*", "+")) c(all_factors(expr[[2L]]), all_factors(expr[[3L]])) else list(expr)
}

# Empty for rows that are no outliers.
names_of_outliers <- function(fit, options, call) {
  check_probability(options$id, "id", call)
  frame <- kept_frame(fit, call)
  labels <- options$labels
  if (inherits(labels, "formula")) labels <- eval(labels[[2L]], frame, environment(labels))
  labels <- if (is.null(labels)) row.names(frame) else as.character(labels)
  if (length(labels) != nrow(frame)) {
    refuse_value("idLabels", options$labels, paste("one name for each of the", nrow(frame), "rows"), call)
  }
  far <- abs(residuals(fit, type = "pearson", scaled = TRUE)) > stats::qnorm(1 - options$id / 2)
  ifelse(far, labels, "")
}
