# nlme's levels of grouping: 0 is the population, 1 conditions on the outermost factor, and so on.

# Columns of U that each level conditions on: a list, one element for each of `level`, under nlme's
# names.
levels_of_grouping <- function(fit, level, call = parent.frame()) {
  effects <- lapply(level, effects_of_level, fit = fit, call = call)
  stats::setNames(effects, level_names(fit)[level + 1])
}

effects_of_level <- function(fit, level, call = parent.frame()) {
  n_factors <- length(fit$random$groups)
  if (is.null(level)) level <- n_factors
  if (!is_whole(level) || level < 0 || level > n_factors) {
    abort_mixest("input", c(
      "{.arg level} must be a whole number from 0 (population) to {n_factors} (conditional on all random effects).",
      x = if (is_whole(level)) "It is {level}." else "It is {.obj_type_friendly {level}}.",
      i = "In {.fn predict} a number between 0 and 1 is the probability of an interval."
    ), call)
  }
  order <- outermost_first(fit, level, call)
  unlist(factor_columns(fit$random)[order[seq_len(level)]], use.names = FALSE)
}

# Numbers of the grouping factors. Crossed ones have no order, but all of them together are the last
# level.
outermost_first <- function(fit, level, call) {
  n_factors <- length(fit$random$groups)
  order <- fit$random$nested
  if (!is.null(order)) return(order)
  if (level > 0 && level < n_factors) {
    abort_mixest("input", c(
      "{.arg level} can be 0 or {n_factors} only: the grouping factors are not nested in each other.",
      x = "It is {level}; the factors are {.code {names(fit$random$groups)}}.",
      i = "Use {.fn predict} with {.arg re.form}, such as {.code ~ (1 | {names(fit$random$groups)[[1L]]})}."
    ), call)
  }
  seq_len(n_factors)
}

# "fixed", then each factor under the names of those of its variables that no outer factor has.
level_names <- function(fit) {
  own <- own_variables(fit)
  c("fixed", ifelse(lengths(own) > 0L, vapply(own, paste, "", collapse = ":"), names(own)))
}

# list named by the factors, outermost first: the variables that no factor before has.
own_variables <- function(fit) {
  order <- fit$random$nested
  if (is.null(order)) order <- seq_along(fit$random$groups)
  variables <- lapply(order, function(f) first_term(fit, f)$variables)
  own <- lapply(seq_along(order), function(i) setdiff(variables[[i]], unlist(variables[seq_len(i - 1L)])))
  stats::setNames(own, names(fit$random$groups)[order])
}

# Data frame of the grouping factors in nlme's way, outermost first, labels "outer/inner".
group_frame <- function(fit, newdata, call = parent.frame()) {
  own <- own_variables(fit)
  values <- group_values(fit, newdata, unique(unlist(own)), call)
  labels <- lapply(seq_along(own), function(i) {
    factor(do.call(paste, c(unname(values[unlist(own[seq_len(i)])]), sep = "/")))
  })
  stats::setNames(data.frame(labels), level_names(fit)[-1L])
}

# The grouping variables as labels, list named by the variables.
group_values <- function(fit, newdata, variables, call) {
  frame <- if (is.null(newdata)) {
    kept_frame(fit, call)
  } else {
    expressions <- unlist(lapply(fit$random$terms, function(term) group_variables(term$bar[[3L]])))
    terms <- stats::terms(stats::as.formula(call_sum(unique(expressions)), environment(fit$formula)))
    new_frame(terms, newdata, NULL, call)
  }
  lapply(unclass(frame)[variables], value_labels)
}
