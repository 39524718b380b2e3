#' Fit again
#'
#' `update()` changes arguments of the call, `refit()` the response.
#'
#' @param object a fit returned by [lmm()].
#' @param formula. changes to the formula, see [stats::update.formula()].
#' @param newresp numeric: the new response, one value for each row of the fit (rows that
#'   `na.action` dropped may be there, too), or a matrix or data frame of several responses, one a
#'   column, as from [simulate()], or a list of them. Default `NULL`: the response of the fit.
#' @param evaluate logical: fit, or return the call? Default `TRUE`.
#' @param newweights numeric: new precision weights, one for each row of the fit (rows that
#'   `na.action` dropped may be there, too). Default `NULL`: those of the fit.
#' @param ... for `update()`, arguments of [lmm()] to change; `NULL` drops one. Must be
#'   empty in `refit()`.
#' @details *Which rows.* Without `data =`, `update()` works on the rows of the fit, whatever has
#'   become of the data: rows that were left out by `subset` or for missing values stay out. A
#'   variable that is not among them is looked for in the `data` of the fit's call, evaluated where
#'   the formula was written or else in the caller, then in these places themselves. Such data must
#'   have the rows of the fit: when their values are others by now, that is an error of class
#'   `mixest_input`. So it is, too, for a fit made by `refit()`: its response is kept.
#'
#'   `subset =` replaces the subset of the fit, and an `na.action` other than `na.omit()` and
#'   `na.exclude()` needs rows that were left out: then the data are evaluated again.
#'
#'   *Which options.* `REML`, `control`, `contrasts`, `na.action` and `start` have the values that
#'   they had in the fit (`start` as long as the random-effects terms stay the same); precision
#'   weights and offset belong to the rows.
#'
#'   *Formulas.* `. ~ . - (0 + x | g)` takes the slope away from `(x || g)`, and
#'   `. ~ . - (1 | a)` the outer factor from `(1 | a/b)`. Taking away a random-effects term that the
#'   model doesn't have is an error of class `mixest_formula`.
#' @return A fit, class `"mixest"`; for several responses a list of fits, see [mixest_fits]; for
#'   `evaluate = FALSE` a call.
#' @examples
#' fit <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' update(fit, . ~ . + I(age^2), REML = FALSE)
#' refit(fit, simulate(fit, seed = 1))
#' refit(fit, newweights = nlme::Orthodont$age)
#' @name refit.mixest
NULL

#' @rdname refit.mixest
#' @export
update.mixest <- function(object, formula., ..., evaluate = TRUE) {
  user <- environment()
  change <- changes_of_call(match.call(expand.dots = FALSE)$..., parent.frame())
  refuse_nlme_update(change$written, object, user)
  check_dots(also = names(formals(lmm)), refuse = TRUE)
  check_flag(evaluate, "evaluate")
  if (!missing(formula.)) change$formula <- updated_formula(object, formula., user)
  if (!evaluate) return(updated_call(object, change, user))
  again <- updated_fit(object, change, user)
  announce(again, user)
  again
}

# What update() is to change: list(written = named list of expressions, caller = where they have
# their values), later with `formula`.
changes_of_call <- function(dots, caller) {
  list(written = as.list(dots), caller = caller)
}

updated_fit <- function(fit, change, user) {
  call <- changed_call(fit, change)
  options <- changed_options(fit, change, user)
  changed <- names(change$written)
  if (is.null(change$formula) && all(changed %in% c("REML", "start", "control"))) {
    return(fit_condensed(fit, call, options, user))
  }
  formula <- if (is.null(change$formula)) fit$formula else change$formula
  if ("data" %in% changed) {
    data <- eval(change$written$data, change$caller)
    return(fit_data(call, formula, data, options, change$caller, user))
  }
  if (wants_other_rows(fit, change, options)) return(fit_data_again(fit, call, formula, change, options, user))

  environment(formula) <- with_constants(fit, formula, change$caller)
  parsed <- parse_formula(formula, user)
  parsed$new_response <- keeps_response(fit, formula)
  model <- model_on_rows(fit, parsed, change, options, user)
  options <- options_on_rows(fit, parsed, model, changed, options)
  fit_model_frame(call, parsed, model, options, user)
}

changed_call <- function(fit, change) {
  call <- fit$call
  if (!is.null(change$formula)) call$formula <- change$formula
  for (name in names(change$written)) {
    call[[name]] <- expression_behind_dots(change$written[[name]], change$caller)
  }
  call
}

# The call alone. Where the response is in no data but the fit's frame, the rows are part of the
# call: whoever evaluates it must not meet the first response again.
updated_call <- function(fit, change, user) {
  call <- changed_call(fit, change)
  formula <- if (is.null(change$formula)) fit$formula else change$formula
  if (!keeps_response(fit, formula) || "data" %in% names(change$written)) return(call)
  if (is.null(fit$frame)) refuse_other_rows(user)
  response <- if (is.name(formula[[2L]])) formula[[2L]] else as.name(".response")
  variables <- setdiff(all.vars(formula[-2L]), as.character(response))
  rows <- as.list(variables_of_rows(fit, variables, change$caller, user), all.names = TRUE)[variables]
  rows <- Filter(function(values) NROW(values) == nrow(fit$frame), rows)
  rows[[as.character(response)]] <- fit$frame[[1L]]
  for (column in intersect(c("(weights)", "(offset)"), names(fit$frame))) {
    argument <- gsub("[()]", "", column)
    if (argument %in% names(change$written)) next
    rows[[column]] <- fit$frame[[column]]
    call[[argument]] <- as.name(column)
  }
  call$data <- structure(rows, row.names = attr(fit$frame, "row.names"), class = "data.frame")
  formula[[2L]] <- response
  call$formula <- formula
  if (!"subset" %in% names(change$written)) call$subset <- NULL
  call
}

# The values of the options: those of the fit, or of what update() was given. NULL stands for the
# default of lmm().
changed_options <- function(fit, change, user) {
  options <- fit_options(fit)
  defaults <- list(
    REML = TRUE, control = lmm_control(), contrasts = NULL, na.action = getOption("na.action"), start = NULL
  )
  for (name in intersect(names(defaults), names(change$written))) {
    value <- eval(change$written[[name]], change$caller)
    options[name] <- if (is.null(value)) defaults[name] else list(value)
  }
  options$REML <- check_REML(options$REML, user)
  options$control <- check_control(options$control, user)
  options
}

#' @rdname refit.mixest
#' @export
refit.mixest <- function(object, newresp = NULL, newweights = NULL, ...) {
  check_dots()
  user <- environment()
  frame <- kept_frame(object)
  if (!is.null(newweights)) frame[["(weights)"]] <- new_weights(newweights, object, user)
  if (!is.null(newresp)) frame[[1L]] <- new_responses(newresp, object, frame, user)
  object$new_response <- object$new_response || !is.null(newresp)
  options <- fit_options(object)
  options["start"] <- list(NULL)
  fits <- if (is.null(newweights)) {
    stats <- condense_design(stored_design(object, frame), object$control$threads)
    fit_each(stats, frame, function(stats, frame) with_estimates(object, object$call, frame, stats, options, user))
  } else {
    # The rows of positive weight, and with them the groups, may be others.
    options["contrasts"] <- list(object$contrasts)
    model <- list(frame = frame, fixed = object$terms, random = object$random$terms)
    fit_design(object$call, object, model, options, user)
  }
  again <- if (NCOL(frame[[1L]]) > 1L) new_fits(fits, frame[[1L]]) else fits[[1L]]
  announce(again, user)
  again
}

# A vector, or a matrix of several responses.
new_responses <- function(newresp, fit, frame, call) {
  if (is.matrix(newresp)) newresp <- as.data.frame(newresp)
  if (!is.list(newresp)) return(new_response(newresp, fit, frame, call))
  if (length(newresp) == 1L) return(new_response(newresp[[1L]], fit, frame, call))
  vapply(newresp, new_response, numeric(nrow(frame)), fit = fit, frame = frame, call = call)
}

# One finite number for each row of the fit; rows of weight 0 may be NA, as simulate() makes them.
new_response <- function(newresp, fit, frame, call) {
  y <- row_values(newresp, "newresp", fit, call)
  weights <- frame[["(weights)"]]
  bad <- which(!is.finite(y) & (if (is.null(weights)) TRUE else weights > 0))
  if (length(bad)) {
    rows <- row.names(frame)[bad]
    abort_mixest("input", c(
      "{.arg newresp} must be finite.",
      x = "{cli::qty(length(rows))}It is missing or infinite in row{?s} {list_offenders(rows)}."
    ), call)
  }
  y
}

new_weights <- function(newweights, fit, call) {
  frame <- fit$frame
  frame[["(weights)"]] <- row_values(newweights, "newweights", fit, call)
  bad <- which(!is.finite(frame[["(weights)"]]))
  if (length(bad)) {
    abort_mixest("input", c(
      "{.arg newweights} must be finite.",
      x = "{cli::qty(length(bad))}They are missing or infinite in row{?s} {list_offenders(row.names(frame)[bad])}."
    ), call)
  }
  check_weights(frame, call)
  frame[["(weights)"]]
}

# One number for each row of the fit, from as many or from those that `na.action` dropped, too.
row_values <- function(values, argument, fit, call) {
  n <- nrow(fit$frame)
  fine <- (is.numeric(values) || is.logical(values)) && NCOL(values) == 1L && !is.object(values)
  if (!fine || !length(values) %in% c(n, n + length(fit$na.action))) {
    abort_mixest("input", c(
      "{.arg {argument}} must be a numeric vector with one value for each row of the fit.",
      x = "It is {.obj_type_friendly {values}} of length {length(values)}; the fit has {n} row{?s}."
    ), call)
  }
  values <- as.double(values)
  if (length(values) > n) values[-fit$na.action] else values
}
