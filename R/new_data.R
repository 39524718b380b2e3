# What the rows contribute to a fit's row-wise results, rebuilt from its model frame or from new
# data, rows with missing values kept. `call`: see conditions.R.

# n x rank, without the columns that were dropped as aliased. Rows with missing values are NA.
fixed_matrix <- function(fit, newdata = NULL, call = parent.frame()) {
  terms <- stats::delete.response(fit$terms)
  frame <- rows_of(fit, terms, newdata, fit$xlevels, call)
  X <- stats::model.matrix(terms, frame, contrasts.arg = fit$contrasts)
  if (!length(fit$aliased)) return(X)
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
  frame <- new_frame(terms, newdata, NULL, call)
  labels <- lapply(frame[term$variables], value_labels)
  missing <- Reduce(`|`, lapply(labels, is.na))
  ifelse(missing, NA_character_, do.call(paste, c(unname(labels), sep = ":")))
}

# The first term of a grouping factor: it knows the factor's variables.
first_term <- function(fit, factor) {
  of <- vapply(fit$random$terms, `[[`, 0L, "factor")
  fit$random$terms[[match(factor, of)]]
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

call_sum <- function(expressions) call("~", Reduce(function(left, right) call("+", left, right), expressions))

# Model frame of new data for one terms object of a fit, every row kept. Variables are brought to
# the types of the fit: labels become factors with the levels of the fit, a logical NA a number.
new_frame <- function(terms, newdata, xlevels, call) {
  newdata <- check_new_data(newdata, call)
  frame <- tryCatch(stats::model.frame(terms, newdata, na.action = stats::na.pass), error = function(error) {
    explain_frame_error(error, stats::formula(terms), newdata, list(), call, data_name = "newdata")
  })
  if (nrow(frame) != nrow(newdata)) {
    abort_mixest("input", c(
      "Every variable must have one value for each row of {.arg newdata}.",
      x = "Those found where the formula was written have {nrow(frame)}, {.arg newdata} has {nrow(newdata)} row{?s}."
    ), call)
  }
  for (name in names(xlevels)) frame[[name]] <- as_fitted_factor(frame[[name]], xlevels[[name]], name, call)
  classes <- attr(terms, "dataClasses")[names(frame)]
  for (name in names(frame)[classes %in% "numeric"]) frame[[name]] <- as_fitted_number(frame[[name]], name, call)
  for (name in names(frame)[classes %in% "logical"]) frame[[name]] <- as_fitted_logical(frame[[name]], name, call)
  frame
}

check_new_data <- function(newdata, call) {
  if (is.data.frame(newdata)) return(newdata)
  if (is.list(newdata)) return(as.data.frame(newdata, optional = TRUE, stringsAsFactors = FALSE))
  abort_mixest("input", c("{.arg newdata} must be a data frame.", x = "It is {.obj_type_friendly {newdata}}."), call)
}

as_fitted_factor <- function(x, levels, name, call) {
  labels <- as.character(x)
  new <- setdiff(labels[!is.na(labels)], levels)
  if (!length(new)) return(factor(labels, levels = levels))
  abort_mixest("input", c(
    "A factor in {.arg newdata} can't have levels that the fit has not seen.",
    x = "{.code {name}} has {list_offenders(paste0('\"', new, '\"'))}.",
    i = "Its levels are {list_offenders(paste0('\"', levels, '\"'))}."
  ), call)
}

as_fitted_number <- function(x, name, call) {
  if (is.logical(x)) return(as.numeric(x))
  if (is.numeric(x)) return(x)
  refuse_type(x, name, "numeric", call)
}

as_fitted_logical <- function(x, name, call) {
  value <- as.logical(if (is.factor(x)) as.character(x) else x)
  if (identical(is.na(value), is.na(x))) return(value)
  refuse_type(x, name, "logical", call)
}

refuse_type <- function(x, name, type, call) {
  abort_mixest("input", c(
    "A variable of {.arg newdata} must have the type that it had in the fit.",
    x = "{.code {name}} was {type}, now it is {.obj_type_friendly {x}}."
  ), call)
}
