# What the rows contribute to a fit's row-wise results, rebuilt from its model frame or from new
# data, rows with missing values kept. `call`: see R/check-conditions.R.

# The rows of the fit, or an error in the name of the method that wants them.
kept_frame <- function(fit, call = parent.frame()) {
  if (!is.null(fit$frame)) return(fit$frame)
  abort_mixest("input", c(
    "Row-wise results can't be computed without the rows of the data.",
    x = "This fit was made with {.code keep_data = FALSE}.",
    i = "Fit again with {.code lmm_control(keep_data = TRUE)}, or give {.arg newdata} to {.fn predict}."
  ), call)
}

prior_weights <- function(fit, call = parent.frame()) {
  frame <- kept_frame(fit, call)
  if (is.null(frame[["(weights)"]])) rep(1, nrow(frame)) else as.vector(frame[["(weights)"]])
}

# Not stats::model.response(): it makes a name for every row.
response <- function(fit, call = parent.frame()) plain_response(kept_frame(fit, call)[[1L]])

# n x rank, without the columns that were dropped as aliased (or with them). Rows with missing
# values are NA.
fixed_matrix <- function(fit, newdata = NULL, call = parent.frame(), dropped = FALSE) {
  terms <- stats::delete.response(fit$terms)
  frame <- rows_of(fit, terms, newdata, fit$xlevels, call)
  X <- stats::model.matrix(terms, frame, contrasts.arg = fit$contrasts)
  if (dropped || !length(fit$aliased)) return(X)
  kept <- !colnames(X) %in% fit$aliased
  structure(X[, kept, drop = FALSE], assign = attr(X, "assign")[kept], contrasts = attr(X, "contrasts"))
}

# n x q
random_matrix <- function(fit, newdata = NULL, call = parent.frame()) {
  blocks <- lapply(fit$random$terms, function(term) {
    frame <- rows_of(fit, term$terms, newdata, term$xlevels, call)
    if (is_plain(term$terms, frame)) {
      return(do.call(cbind, lapply(plain_columns(term$terms, frame), rep_len, nrow(frame))))
    }
    stats::model.matrix(term$terms, frame, contrasts.arg = term$contrasts)
  })
  do.call(cbind, blocks)
}

# Codes into the levels of the fit, n x number of grouping factors; NA where a level is missing or
# one that the fit has not seen (in a row that counts). Of the factors whose numbers are not in
# `factors`, nothing is asked: NA.
group_codes <- function(fit, newdata = NULL, factors = seq_along(fit$random$groups), call = parent.frame()) {
  groups <- fit$random$groups
  codes <- lapply(seq_along(groups), function(f) {
    if (!f %in% factors) return(NA_integer_)
    if (is.null(newdata)) return(codes_of_rows(kept_frame(fit, call)[first_term(fit, f)$variables], groups[[f]]))
    match(group_labels(fit, newdata, f, call), groups[[f]])
  })
  n <- if (is.null(newdata)) nrow(kept_frame(fit, call)) else NROW(check_new_data(newdata, call))
  matrix(unlist(lapply(codes, rep_len, n)), n, length(groups), dimnames = list(NULL, names(groups)))
}

# The levels of the fit are those of the rows that count: one that has rows of weight 0 only is none
# of them.
codes_of_rows <- function(variables, levels) {
  group <- group_factor(variables)
  if (length(group$levels) == length(levels)) group$codes else match(group$levels, levels)[group$codes]
}

# Labels of one grouping factor's levels in new data, NA where one is missing.
group_labels <- function(fit, newdata, factor = 1L, call = parent.frame()) {
  term <- first_term(fit, factor)
  terms <- stats::terms(stats::as.formula(call_sum(group_variables(term$bar[[3L]])), environment(fit$formula)))
  frame <- new_frame(terms, newdata, NULL, call, "With {.code re.form = NA} no grouping variable is needed.")
  labels <- lapply(frame[term$variables], value_labels)
  missing <- Reduce(`|`, lapply(labels, is.na))
  ifelse(missing, NA_character_, do.call(paste, c(unname(labels), sep = ":")))
}

# Sum of offset() terms and the `offset` argument, n; zeros when there is none. The argument is
# evaluated again in new data.
model_offset <- function(fit, newdata = NULL, call = parent.frame()) {
  if (is.null(newdata)) {
    frame <- kept_frame(fit, call)
    offset <- stats::model.offset(frame)
    return(if (is.null(offset)) numeric(nrow(frame)) else as.double(offset))
  }
  frame <- new_frame(stats::delete.response(fit$terms), newdata, fit$xlevels, call)
  total <- numeric(nrow(frame))
  in_formula <- stats::model.offset(frame)
  if (!is.null(in_formula)) total <- total + in_formula
  if (is.null(fit$call$offset)) return(total)
  argument <- tryCatch(eval(fit$call$offset, newdata, environment(fit$formula)), error = function(error) {
    refuse_unknown(fit$call$offset, "offset", error, newdata, environment(fit$formula), call, "newdata")
  })
  if (!length(argument) %in% c(0L, 1L, length(total))) {
    abort_mixest("input", c(
      "{.arg offset} must have one value for each row of {.arg newdata}.",
      x = "{.code {deparse1(fit$call$offset)}} has {length(argument)}, {.arg newdata} has {length(total)} rows."
    ), call)
  }
  if (length(argument)) total + argument else total
}

rows_of <- function(fit, terms, newdata, xlevels, call) {
  if (is.null(newdata)) kept_frame(fit, call) else new_frame(terms, newdata, xlevels, call)
}

factor_codes <- function(fit, frame = kept_frame(fit)) {
  groups <- fit$random$groups
  lapply(seq_along(groups), function(f) codes_of_rows(unclass(frame)[first_term(fit, f)$variables], groups[[f]]))
}

# What condense_design() takes, from the rows that the fit keeps.
stored_design <- function(fit, frame) {
  basis <- fit$stats$basis
  counts <- rows_that_count(frame)
  weights <- frame[["(weights)"]]
  offset <- stats::model.offset(frame)
  list(
    y = select_rows(plain_response(frame[[1L]]), counts),
    X = select_rows(stored_columns(fit, frame), counts),
    U = select_rows(lapply(fit$random$terms, stored_columns, frame), counts),
    codes = select_rows(factor_codes(fit, frame), counts), random = fit$random,
    weights = if (!is.null(weights)) select_rows(as.double(weights), counts),
    offset = if (!is.null(offset)) select_rows(as.double(offset), counts),
    constant_x = basis$x$constant, constant_u = basis$u$constant,
    u_term = rep(seq_along(fit$random$terms), term_sizes(fit))
  )
}

# part: a fit or one of its random terms
stored_columns <- function(part, frame) {
  if (is_plain(part$terms, frame) && is.null(part$contrasts)) return(plain_columns(part$terms, frame))
  stats::model.matrix(part$terms, frame, contrasts.arg = part$contrasts)
}

# The condensed data of a fit with the leftovers of its groups. Shifts and scales of the columns may
# be others than in fit$stats, so R, B and C are to be taken from here together. For one grouping
# factor.
stats_with_leftovers <- function(fit, call = parent.frame()) {
  if (!is.null(fit$stats$leftovers)) return(fit$stats)
  if (!is.null(fit$frame)) {
    return(condense_design(stored_design(fit, fit$frame), fit$control$threads, leftovers = TRUE)[[1L]])
  }
  abort_mixest("input", c(
    paste(
      "Results for single groups can't be computed:",
      "neither the rows of the data nor their condensed form group by group was kept."
    ),
    x = paste(
      "This fit was made with {.code keep_data = FALSE},",
      "and {length(fit$random$groups[[1L]])} groups exceed its memory budget."
    ),
    i = "Fit again with {.code lmm_control(keep_data = TRUE)}."
  ), call)
}
