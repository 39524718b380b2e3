# The variables of a model, evaluated once.
#
# arguments  list: expressions `subset`, `weights`, `offset` as written by the user (absent when not
#            given); `na.action` its value (absent when not given)
# value: list
#   frame   model frame of all variables of the fixed and random terms, with columns "(weights)" and
#           "(offset)", rows after na.action
#   fixed   terms object of the fixed part, `.` expanded, with predvars and dataClasses
#   random  as of parse_formula(), their terms objects with predvars and dataClasses
build_model_frame <- function(parsed, data, arguments, call) {
  check_data(data, call)
  fixed <- fixed_terms(parsed$fixed, data, call)
  check_names(fixed, parsed$random, call)
  frame <- evaluate_frame(frame_formula(fixed, parsed$random), data, arguments, call)
  frame <- remember_group_means(frame, function(formula) {
    call_model_frame(formula, data, arguments[names(arguments) == "subset"], quote(stats::na.pass), call)
  }, call)
  checked_model(parsed, fixed, frame, call)
}

# The same from a frame that has been evaluated.
checked_model <- function(parsed, fixed, frame, call) {
  frame <- drop_unused_levels(frame)
  predictors <- unique(
    c(variable_names(fixed)[-1L], unlist(lapply(parsed$random, function(term) variable_names(term$terms))))
  )
  check_response(frame, call)
  check_predictors(frame, predictors, call)
  check_group_values(frame, parsed$random, call)
  check_weights(frame, call)
  check_offsets(frame, call)
  check_finite(frame, c(names(frame)[1L], predictors, "(weights)", "(offset)"), call)

  fixed <- with_predvars(fixed, attr(frame, "terms"))
  random <- lapply(parsed$random, function(term) {
    term$terms <- with_predvars(term$terms, attr(frame, "terms"))
    term
  })
  list(frame = frame, fixed = fixed, random = random)
}

check_data <- function(data, call) {
  check_in_memory(data, "data", call)
  if (is.array(data) || !(is.null(data) || is.list(data) || is.environment(data))) {
    abort_mixest("input", c(
      "{.arg data} must be a data frame, a list or an environment.",
      x = "It is {.obj_type_friendly {data}}.",
      i = if (is.matrix(data)) "Use {.code as.data.frame(data)}."
    ), call)
  }
  if (is.list(data) && any(lengths(data) > .Machine$integer.max)) {
    abort_mixest("input", c(
      "{.arg data} can't have more than {(.Machine$integer.max)} rows.",
      x = "It has {format(max(lengths(data)), scientific = FALSE)}."
    ), call)
  }
}

# Tables whose rows are in a database or a file. To evaluate a variable of them would fetch all
# rows.
remote_tables <- c("tbl_lazy", "tbl_sql", "arrow_dplyr_query", "ArrowTabular", "ArrowObject", "dtplyr_step")

check_in_memory <- function(data, argument, call) {
  if (!inherits(data, remote_tables)) return(invisible())
  abort_mixest("input", c(
    "{.arg {argument}} can't be a table whose rows are elsewhere.",
    x = "It is {.obj_type_friendly {data}}.",
    i = "Fetch the columns that the model needs: {.code {argument} = dplyr::collect(dplyr::select(table, y, x, g))}."
  ), call)
}

fixed_terms <- function(formula, data, call) {
  tryCatch(stats::terms(formula, data = if (is.environment(data)) NULL else data), error = function(error) {
    abort_mixest("formula", c(
      "The fixed part of {.arg formula} must be a valid formula.",
      x = "{.code {deparse1(formula)}}: {conditionMessage(error)}."
    ), call)
  })
}

# response ~ every variable once. Operators don't matter to stats::model.frame(), so none but `+` is
# used.
frame_formula <- function(fixed, random) {
  expressions <- c(
    as.list(attr(fixed, "variables"))[-(1:2)],
    unlist(
      lapply(random, function(term) c(as.list(attr(term$terms, "variables"))[-1L], group_variables(term$bar[[3L]])))
    )
  )
  expressions <- expressions[!duplicated(vapply(expressions, deparse_variable, ""))]
  right <- Reduce(function(left, right) call("+", left, right), expressions)
  stats::as.formula(call("~", attr(fixed, "variables")[[2L]], right), environment(fixed))
}

# na.omit() copies all rows even when nothing is missing, so `na.action` is called only when
# something is.
evaluate_frame <- function(formula, data, arguments, call) {
  whole <- call_model_frame(formula, data, arguments, quote(stats::na.pass), call)
  if (!nrow(whole)) {
    abort_mixest("input", c(
      "There must be at least one row to fit.",
      x = if (is.null(arguments$subset)) "{.arg data} has no rows." else "{.arg subset} selects no row."
    ), call)
  }
  missing <- vapply(whole, has_missing, NA)
  if (!any(missing)) return(whole)
  check_subset_names(arguments$subset, data, environment(formula), call)
  if (missing[1L] && NCOL(whole[[1L]]) > 1L) {
    class <- class_left_out(if ("na.action" %in% names(arguments)) arguments$na.action else getOption("na.action"))
    if (!is.null(class)) return(keep_some_responses(whole, class, call))
  }
  # what log() and the like have to say was said the first time
  frame <- suppressWarnings(
    call_model_frame(formula, data, arguments, if ("na.action" %in% names(arguments)) quote(na.action), call)
  )
  check_complete(frame, whole, names(whole)[missing], call)
  frame
}

# The class of the na.action attribute for na.omit() and na.exclude(), which leave rows out; else
# NULL.
class_left_out <- function(na.action) {
  if (is.character(na.action)) na.action <- get0(na.action[1L], mode = "function")
  if (identical(na.action, stats::na.omit)) "omit" else if (identical(na.action, stats::na.exclude)) "exclude"
}

# Of several responses each has its own missing rows: those without any response go here, the others
# when the responses are told apart, by the attribute "leaves_out".
keep_some_responses <- function(whole, class, call) {
  absent <- rowSums(!is.na(whole[[1L]])) == 0
  gone <- which(Reduce(`|`, lapply(whole[-1L], is_missing), absent))
  frame <- if (length(gone)) leave_out(whole, gone, class) else whole
  check_complete(frame[-1L], whole, names(whole), call)
  structure(frame, leaves_out = class)
}

# `frame` without some rows, in addition to those that it left out before.
leave_out <- function(frame, rows, class) {
  before <- attr(frame, "na.action")
  numbers <- setdiff(seq_len(nrow(frame) + length(before)), before)[rows]
  gone <- c(before, stats::setNames(numbers, row.names(frame)[rows]))
  left <- drop_unused_levels(frame[-rows, , drop = FALSE])
  structure(left, terms = attr(frame, "terms"), na.action = structure(gone[order(gone)], class = class))
}

# `subset`, `weights` and `offset` are evaluated by model.frame() as lm() has it done: in `data`,
# then in the formula's environment.
call_model_frame <- function(formula, data, arguments, na.action, call) {
  expressions <- arguments[names(arguments) != "na.action"]
  frame_call <- as.call(c(list(quote(stats::model.frame), quote(formula), data = quote(data)), expressions))
  if (!is.null(na.action)) frame_call$na.action <- na.action
  scope <- list2env(list(formula = formula, data = data, na.action = arguments$na.action), parent = baseenv())
  tryCatch(eval(frame_call, scope), error = function(error) {
    if (is_na_fail(error)) refuse_missing(formula, data, arguments, call)
    explain_frame_error(error, formula, data, expressions, call)
  })
}

# A string that is no row's name selects a row of missing values.
check_subset_names <- function(subset, data, env, call) {
  rows <- if (is.data.frame(data)) eval(subset, data, env)
  unknown <- if (is.character(rows)) setdiff(rows, row.names(data))
  if (!length(unknown)) return(invisible())
  abort_mixest("input", c(
    "{.arg subset} must be logical, row numbers or names of rows.",
    x = "{list_offenders(paste0('\"', unknown, '\"'))} {cli::qty(length(unknown))}{?is no name/are no names} of rows.",
    i = "A condition is written without quotes: {.code subset = x > 2}."
  ), call)
}

# As the argument of that name of stats::model.frame(), which turns every row into a string and
# takes longer than all that follows. Contrasts set on a factor stay where that is possible.
drop_unused_levels <- function(frame) {
  for (name in names(frame)[vapply(frame, is.factor, NA)]) {
    values <- frame[[name]]
    used <- cpp_used_levels(factor_integers(values), nlevels(values))
    if (all(used)) next
    contrasts <- attr(values, "contrasts")
    kept <- contrasts_of_levels(contrasts, used)
    if (!is.null(contrasts) && is.null(kept)) announce_lost_contrasts(name, levels(values)[!used])
    frame[[name]] <- structure(
      cumsum(used)[factor_integers(values)], levels = levels(values)[used], contrasts = kept, class = oldClass(values)
    )
  }
  frame
}

# Did stats::na.fail() stop, in whatever language?
is_na_fail <- function(error) {
  origin <- conditionCall(error)
  is.call(origin) && identical(origin[[1L]], quote(na.fail.default))
}

refuse_missing <- function(formula, data, arguments, call) {
  whole <- call_model_frame(formula, data, arguments, quote(stats::na.pass), call)
  check_complete(whole, whole, names(whole)[vapply(whole, has_missing, NA)], call)
}

# `frame`: after na.action; `whole`: before; `missing`: names of the columns of `whole` with missing
# values.
check_complete <- function(frame, whole, missing, call) {
  if (!nrow(frame)) {
    empty <- argument_names(missing[vapply(whole[missing], function(x) all(is.na(x)), NA)])
    abort_mixest("input", c(
      "There must be at least one row without missing values.",
      x = if (length(empty)) {
        "Every value of {list_names(empty)} is missing."
      } else {
        "Every row has a missing value in {list_names(argument_names(missing))}."
      }
    ), call)
  }
  still <- names(frame)[vapply(frame, has_missing, NA)]
  if (!length(still)) return(invisible())
  rows <- rows_where(frame, Reduce(`|`, lapply(frame[still], is_missing)))
  abort_mixest("input", c(
    "The variables of the model can't have missing values.",
    x = "Found in {list_names(argument_names(still))}, {cli::qty(length(rows))}row{?s} {list_offenders(rows)}.",
    i = "Use {.code na.action = na.omit} or {.code na.action = na.exclude} to leave these rows out."
  ), call)
}

# anyNA() of a factor makes a vector of all answers
has_missing <- function(x) anyNA(if (is.factor(x)) factor_integers(x) else x)

is_missing <- function(x) if (is.null(dim(x))) is.na(x) else rowSums(is.na(x)) > 0

# Says which variable made stats::model.frame() stop.
# `formula` may be a terms object of a fit, whose variables are computed as they were there
# (predvars): poly(x, 2) of one row has the coefficients of all.
explain_frame_error <- function(error, formula, data, expressions, call, data_name = "data", hint = NULL) {
  terms <- stats::terms(formula)
  variables <- as.list(attr(terms, "variables"))[-1L]
  names(variables) <- vapply(variables, deparse_variable, "")
  computed <- attr(terms, "predvars")
  where <- c(rep("formula", length(variables)), names(expressions))
  written <- c(variables, expressions)
  expressions <- c(if (is.null(computed)) variables else as.list(computed)[-1L], expressions)
  names(expressions) <- names(written)
  env <- environment(formula)
  sizes <- integer()
  for (i in seq_along(expressions)) {
    value <- tryCatch(eval(expressions[[i]], data, env), error = identity)
    name <- names(expressions)[i]
    if (inherits(value, "error") || is.function(value)) {
      refuse_unknown(written[[i]], where[i], value, data, env, call, data_name, hint)
    }
    if (where[i] == "subset" || where[i] != "formula" && is.null(value)) next
    check_type(value, name, where[i], call)
    sizes[name] <- NROW(value)
  }
  usual <- as.integer(names(which.max(table(sizes))))
  odd <- sizes[sizes != usual]
  if (length(odd)) {
    abort_mixest("input", c(
      "All variables must have the same number of rows.",
      x = "{.code {names(odd)[1L]}} has {odd[[1L]]}, {.code {names(sizes)[sizes == usual][1L]}} has {usual}."
    ), call)
  }
  abort_mixest(
    "input", "The model frame can't be built from {.arg formula} and {.arg {data_name}}.", call, parent = error
  )
}

refuse_unknown <- function(expr, argument, value, data, env, call, data_name, hint = NULL) {
  known <- c(names(data), if (is.environment(data)) ls(data))
  found <- function(name) name %in% known || exists(name, envir = env) && !is.function(get(name, envir = env))
  unknown <- Filter(Negate(found), all.vars(expr))
  if (!length(unknown)) {
    abort_mixest("input", c(
      "Every variable in {.arg {argument}} must be one that can be computed.",
      x = "Can't compute {.code {deparse1(expr)}}."
    ), call, parent = if (inherits(value, "error")) value)
  }
  near <- closest_name(unknown[1L], if (length(known)) known else ls(env))
  if (is_data_of_nlme(known, unknown)) {
    hint <- "These are the data of nlme, which is attached after mixest: write {.code mixest::MathAchieve}."
    near <- NULL
  }
  abort_mixest("input", c(
    "Every variable in {.arg {argument}} must be in {.arg {data_name}} or where the formula was written.",
    x = "Can't find {list_names(unknown)}.",
    i = if (!is.null(near)) "Did you mean {.var {near}}?", i = hint
  ), call)
}

# Are these the columns of nlme's data set MathAchieve, where a variable of ours is looked for?
is_data_of_nlme <- function(known, unknown) {
  all(c("School", "MEANSES", "MathAch") %in% known) &&
    any(unknown %in% c("school", "sector", "mathach", "ses", "cses", "meanses", "minority", "sex", "size"))
}

# What model.frame() found out about the variables (coefficients of poly(), knots of ns(), ...),
# given to the terms of one part.
with_predvars <- function(terms, frame_terms) {
  own <- match(variable_names(terms), variable_names(frame_terms))
  attr(terms, "predvars") <- as.call(c(quote(list), as.list(attr(frame_terms, "predvars"))[-1L][own]))
  attr(terms, "dataClasses") <- attr(frame_terms, "dataClasses")[own]
  terms
}
