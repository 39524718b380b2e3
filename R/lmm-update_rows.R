# The rows that update() fits: those of the fit with more columns, or its data evaluated again.

# Does a fit that refit() has made keep its response with the new formula? It is in its frame only.
keeps_response <- function(fit, formula) fit$new_response && identical(formula[[2L]], fit$formula[[2L]])

# Rows that the fit has left out may be in the new one.
wants_other_rows <- function(fit, change, options) {
  changed <- names(change$written)
  if (is.null(fit$frame)) return(TRUE)
  # Means of groups are those of the rows of the fit.
  formula <- if (is.null(change$formula)) fit$formula else change$formula
  if (any(c("group_mean", "group_center") %in% all.names(formula))) return(TRUE)
  if ("subset" %in% changed) {
    if (!is.null(fit$call$subset)) return(TRUE)
    if (!is.null(change$written$subset) && length(fit$na.action)) return(TRUE)
  }
  "na.action" %in% changed && length(fit$na.action) > 0L && is.null(class_left_out(options$na.action))
}

# A fit of new data. What these and the formula's environment lack may be where update() was called.
fit_data <- function(call, formula, data, options, caller, user) {
  check_data(data, user)
  arguments <- as.list(call)[intersect(c("subset", "weights", "offset"), names(call))]
  variables <- c(all.vars(formula), unlist(lapply(arguments, all.vars)))
  environment(formula) <- reaching(environment(formula), setdiff(variables, names_in(data)), caller)
  arguments["na.action"] <- list(options$na.action)
  parsed <- parse_formula(formula, user)
  fit_model_frame(call, parsed, build_model_frame(parsed, data, arguments, user), options, user)
}

refuse_other_rows <- function(call) {
  abort_mixest("input", c(
    paste(
      "The rows of the fit must be those of the model:",
      "the response that {.fn refit} or {.fn bootstrap} gave it is in no other data."
    ),
    i = "Give {.arg data} to go back to data of your own."
  ), call)
}

# The same for the data of the fit, evaluated again.
fit_data_again <- function(fit, call, formula, change, options, user) {
  if (fit$new_response && (is.null(fit$frame) || keeps_response(fit, formula))) refuse_other_rows(user)
  data <- original_data(fit, change$caller, user)
  if (is.null(data) && !is.null(fit$call$data)) refuse_lost_data(fit, NULL, user)
  again <- fit_data(call, formula, data, options, change$caller, user)
  if (inherits(again, "mixest")) check_same_arguments(fit, again, names(change$written), user)
  again
}

# Weights and offset were evaluated again: rows that both fits have must have the values of before.
check_same_arguments <- function(fit, again, changed, call) {
  if (is.null(fit$frame) || is.null(again$frame)) return(invisible())
  there <- match(row.names(fit$frame), row.names(again$frame))
  for (column in intersect(c("(weights)", "(offset)"), names(fit$frame))) {
    if (argument_names(column) %in% changed) next
    new <- again$frame[[column]][there]
    if (all(is.na(there) | new == fit$frame[[column]])) next
    abort_mixest("input", c(
      "The data of the fit must be as they were.", x = "{.arg {argument_names(column)}} has other values by now.",
      i = "Give {.arg data} and {.arg {argument_names(column)}}."
    ), call)
  }
}

# What build_model_frame() returns, for the rows of the fit: columns of its frame where it has them,
# others evaluated now.
model_on_rows <- function(fit, parsed, change, options, user) {
  fixed <- fixed_terms(parsed$fixed, NULL, user)
  check_names(fixed, parsed$random, user)
  terms <- stats::terms(frame_formula(fixed, parsed$random))
  variables <- as.list(attr(terms, "variables"))[-1L]
  names(variables) <- variable_names(terms)
  arguments <- change$written[intersect(c("subset", "weights", "offset"), names(change$written))]
  arguments <- Filter(Negate(is.null), lapply(arguments, expression_behind_dots, change$caller))
  old <- intersect(names(variables), variable_names(attr(fit$frame, "terms")))
  new <- evaluate_on_rows(fit, variables[setdiff(names(variables), old)], arguments, change$caller, user)

  columns <- c(unclass(fit$frame)[old], unclass(new)[setdiff(names(variables), old)])[names(variables)]
  for (column in c("(weights)", "(offset)")) {
    from <- if (argument_names(column) %in% names(change$written)) new else fit$frame
    columns[[column]] <- from[[column]]
  }
  known <- c(predvars_of(fit$frame)[old], predvars_of(new))
  attr(terms, "predvars") <- as.call(c(quote(list), unname(known[names(variables)])))
  attr(terms, "dataClasses") <- vapply(columns, stats::.MFclass, "")
  frame <- structure(
    columns, row.names = attr(fit$frame, "row.names"), class = "data.frame", terms = terms, na.action = fit$na.action
  )
  if (!is.null(arguments$subset)) frame <- chosen_rows(frame, attr(new, "chosen"), user)
  checked_model(parsed, fixed, complete_rows(frame, options$na.action, user), user)
}

# Variables and arguments in the rows of the fit, as a model frame. Attribute "chosen": the value of
# `subset`.
evaluate_on_rows <- function(fit, variables, arguments, caller, user) {
  if (!length(variables) && !length(arguments)) return(NULL)
  wanted <- unique(unlist(lapply(c(unname(variables), unname(arguments)), all.vars)))
  rows <- variables_of_rows(fit, wanted, caller, user)
  right <- Reduce(function(left, right) call("+", left, right), unname(variables))
  formula <- stats::as.formula(call("~", if (is.null(right)) 1 else right), rows)
  columns <- arguments[names(arguments) != "subset"]
  new <- if (length(variables) || length(columns)) call_model_frame(formula, rows, columns, quote(stats::na.pass), user)
  if (!is.null(new) && nrow(new) != nrow(fit$frame)) {
    abort_mixest("input", c(
      "Every variable must have one value for each row of the fit.",
      x = "{list_names(argument_names(names(new)))} {?has/have} {nrow(new)}, the fit has {nrow(fit$frame)} rows."
    ), user)
  }
  if (!is.null(arguments$subset)) {
    chosen <- eval(arguments$subset, rows)
    new <- structure(if (is.null(new)) list() else new, chosen = chosen)
  }
  new
}

predvars_of <- function(frame) {
  terms <- attr(frame, "terms")
  if (is.null(terms)) return(NULL)
  stats::setNames(as.list(attr(terms, "predvars"))[-1L], variable_names(terms))
}

chosen_rows <- function(frame, chosen, call) {
  n <- nrow(frame)
  numbers <- seq_len(n)
  names(numbers) <- row.names(frame)
  fine <- is.logical(chosen) && length(chosen) %in% c(1L, n) || is.numeric(chosen) || is.character(chosen)
  rows <- if (fine) unname(numbers[if (is.logical(chosen)) chosen & !is.na(chosen) else chosen])
  if (!fine || anyNA(rows)) {
    abort_mixest("input", c(
      "{.arg subset} must choose rows of the fit: logical, row numbers or names.",
      x = "It is {.obj_type_friendly {chosen}} of length {length(chosen)}; the fit has {n} row{?s}."
    ), call)
  }
  if (!length(rows)) {
    abort_mixest("input", c("There must be at least one row to fit.", x = "{.arg subset} selects no row."), call)
  }
  structure(drop_unused_levels(frame[rows, , drop = FALSE]), terms = attr(frame, "terms"))
}

# Rows that new columns leave incomplete go as `na.action` says; for those that the fit has left out
# it says how results are padded.
complete_rows <- function(frame, na.action, call) {
  class <- class_left_out(na.action)
  if (length(attr(frame, "na.action")) && !is.null(class)) attr(attr(frame, "na.action"), "class") <- class
  missing <- vapply(frame, has_missing, NA)
  if (!any(missing)) return(frame)
  if (missing[1L] && NCOL(frame[[1L]]) > 1L && !is.null(class)) return(keep_some_responses(frame, class, call))
  gone <- Reduce(`|`, lapply(frame[missing], is_missing))
  left <- if (!is.null(class) && !all(gone)) {
    leave_out(frame, which(gone), class)
  } else if (is.null(class) && !identical(match.fun(na.action), stats::na.fail)) {
    match.fun(na.action)(frame)
  } else {
    frame[!(gone & all(gone)), , drop = FALSE]
  }
  check_complete(left, frame, names(frame)[missing], call)
  left
}

# Contrasts of the fixed factors that stay; starting values while the random terms stay.
options_on_rows <- function(fit, parsed, model, changed, options) {
  if (!"contrasts" %in% changed) {
    found <- Filter(is.character, fit$contrasts[setdiff(names(fit$contrasts), names(options$contrasts))])
    kept <- c(options$contrasts, found)
    kept <- kept[intersect(names(kept), variable_names(model$fixed))]
    options["contrasts"] <- list(if (length(kept)) kept)
  }
  spelt <- function(terms) lapply(terms, function(term) list(term$structure, deparse1(term$bar)))
  if (!"start" %in% changed && !identical(spelt(fit$random$terms), spelt(parsed$random))) options["start"] <- list(NULL)
  options
}

# Environment with the variables `names` in the rows of the fit: columns of its frame, then of its
# data, then what the formula's environment and the caller have.
variables_of_rows <- function(fit, names, caller, call) {
  rows <- new.env(parent = environment(fit$formula))
  own <- intersect(names, names(fit$frame))
  for (name in own) rows[[name]] <- fit$frame[[name]]
  left <- setdiff(names, own)
  data <- if (length(left)) original_data(fit, caller, call)
  positions <- if (length(left)) row_positions(fit, data)
  for (name in left) {
    if (name %in% names_in(data)) {
      rows[[name]] <- choose_rows(data[[name]], positions)
      next
    }
    place <- Find(function(env) has_variable(name, env), list(environment(fit$formula), caller))
    if (is.null(place)) refuse_lost_data(fit, name, call, names_in(data))
    rows[[name]] <- values_in_rows(get(name, envir = place), positions, nrow(fit$frame))
  }
  rows
}

# A vector that is as long as the data were is cut to the rows of the fit.
values_in_rows <- function(value, positions, n) {
  if (!is.atomic(value) || NROW(value) %in% c(1L, n) || anyNA(positions) || NROW(value) < max(positions)) return(value)
  choose_rows(value, positions)
}

choose_rows <- function(value, rows) if (is.null(dim(value))) value[rows] else value[rows, , drop = FALSE]

has_variable <- function(name, env) exists(name, envir = env) && !is.function(get(name, envir = env))

names_in <- function(data) if (is.environment(data)) ls(data, all.names = TRUE) else names(data)

# Where the rows of the fit are in its data.
row_positions <- function(fit, data) {
  rows <- row.names(fit$frame)
  if (is.data.frame(data)) match(rows, row.names(data)) else suppressWarnings(as.integer(rows))
}

# The `data` of the fit's call, where the formula was written or in the caller; NULL when there are
# none. Data whose rows are not those of the fit are an error.
original_data <- function(fit, caller, call) {
  if (is.null(fit$call$data)) return(NULL)
  other <- NULL
  for (place in list(environment(fit$formula), caller)) {
    data <- tryCatch(eval(fit$call$data, place), error = function(error) NULL)
    if (!is.list(data) && !is.environment(data)) next
    different <- variable_that_differs(fit, data)
    if (is.null(different)) return(data)
    if (is.null(other)) other <- different
  }
  if (is.null(other)) return(NULL)
  abort_mixest("input", c(
    "The data of the fit must have the rows that it was fitted to.",
    x = "In {.code {shortened_data(fit)}} as it is now {.code {other}} {?is/are} not as in the fit.",
    i = "Give {.arg data}."
  ), call)
}

# Name of the first variable of the fit that is not the same in `data`; NULL when all are. A fit
# without rows is compared by their number.
variable_that_differs <- function(fit, data) {
  frame <- fit$frame
  if (is.null(frame)) {
    frame <- tryCatch(model_frame_again(fit, data), error = function(error) NULL)
    return(if (is.null(frame) || sum_of_rows(frame) != fit$stats$n_obs) "the number of rows")
  }
  plain <- intersect(variable_names(attr(frame, "terms")), names_in(data))
  if (fit$new_response) plain <- setdiff(plain, names(frame)[1L])
  positions <- row_positions(fit, data)
  if (anyNA(positions)) return("the number of rows")
  for (name in plain) {
    if (!same_values(choose_rows(data[[name]], positions), frame[[name]])) return(name)
  }
  NULL
}

model_frame_again <- function(fit, data) {
  arguments <- as.list(fit$call)[intersect(c("subset", "weights", "offset"), names(fit$call))]
  arguments["na.action"] <- list(fit$arguments$na.action)
  parsed <- parse_formula(fit$formula, NULL)
  build_model_frame(parsed, data, arguments, NULL)$frame
}

sum_of_rows <- function(frame) if (is.null(frame[["(weights)"]])) nrow(frame) else sum(frame[["(weights)"]] > 0)

same_values <- function(x, y) {
  if (is.factor(x) || is.factor(y)) return(identical(as.character(x), as.character(y)))
  identical(as.vector(x), as.vector(y)) || isTRUE(all.equal(as.vector(x), as.vector(y), tolerance = 0))
}

shortened_data <- function(fit) {
  data <- fit$call$data
  if (is.language(data)) deparse(data, nlines = 1L)[1L] else "data"
}

refuse_lost_data <- function(fit, name, call, known = NULL) {
  near <- if (!is.null(name)) closest_name(name, c(known, names(fit$frame)))
  gone <- is.null(known) && !is.null(fit$call$data)
  abort_mixest("input", c(
    paste(
      "Every variable must be in the rows of the fit, in its {.arg data}, or where the formula",
      "or the update was written."
    ),
    x = if (!is.null(name)) "Can't find {.code {name}}.",
    x = if (gone) "Can't find {.code {shortened_data(fit)}}, the data of the fit.",
    i = if (!is.null(near)) "Did you mean {.var {near}}?" else if (gone) "Give {.arg data}."
  ), call)
}

# The environment of `formula` with what it uses of the caller that is no variable in the rows of
# the fit, such as k in I(x^k): predictions will want it.
with_constants <- function(fit, formula, caller) {
  names <- Filter(function(name) {
    has_variable(name, caller) && NROW(get(name, envir = caller)) != nrow(fit$frame)
  }, setdiff(all.vars(formula), names(fit$frame)))
  reaching(environment(formula), names, caller)
}

# `env`, or a child of it with those variables that only the caller has.
reaching <- function(env, names, caller) {
  missing <- Filter(function(name) !has_variable(name, env) && has_variable(name, caller), unique(names))
  if (!length(missing)) return(env)
  list2env(mget(missing, envir = caller, inherits = TRUE), parent = env)
}
