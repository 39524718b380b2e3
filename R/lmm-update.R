#' Fit again
#'
#' `update()` changes arguments of the call, `refit()` the response.
#'
#' @param object a fit returned by [lmm()].
#' @param formula. changes to the formula, see [stats::update.formula()].
#' @param newresp numeric: the new response, one value for each row of the fit (rows that
#'   `na.action` dropped may be there, too), or a matrix or data frame of several responses, one a
#'   column, as from [simulate()]. Default `NULL`: the response of the fit.
#' @param evaluate logical: fit, or return the call? Default `TRUE`.
#' @param ... for `update()`, arguments of [lmm()] to change; `NULL` drops one. Must be
#'   empty in `refit()`.
#' @details Without `data =`, `update()` uses the rows stored in the fit whenever they have every
#'   variable that is needed, whatever has become of the original data: rows that were left out by
#'   `subset` or for missing values stay out. If a variable is not stored as such (a new one, or one
#'   that is in the formula only inside a call such as `log(x)`), the `data` of the original call
#'   are evaluated again; for a fit made by `refit()`, whose response is not in them, that is an
#'   error.
#' @return A fit, class `"mixest"`; for several responses a list of fits, see [mixest_fits]; for
#'   `evaluate = FALSE` a call.
#' @examples
#' fit <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' update(fit, . ~ . + I(age^2), REML = FALSE)
#' refit(fit, simulate(fit, seed = 1))
#' @name refit.mixest
NULL

#' @rdname refit.mixest
#' @export
update.mixest <- function(object, formula., ..., evaluate = TRUE) {
  check_dots(also = names(formals(lmm)), refuse = TRUE)
  extras <- as.list(match.call(expand.dots = FALSE)$...)
  formula <- if (missing(formula.)) object$formula else stats::update.formula(object$formula, formula.)
  call <- object$call
  if (!missing(formula.)) call$formula <- formula
  for (name in names(extras)) call[[name]] <- extras[[name]]
  if (!evaluate) return(call)

  if (missing(formula.) && all(names(extras) %in% c("REML", "start", "control"))) {
    return(fit_condensed(object, call, lapply(extras, eval, envir = parent.frame()), environment()))
  }
  rows <- if (!"data" %in% names(extras)) stored_rows(object, formula, extras)
  if (is.null(rows) && has_new_response(object, formula) && !"data" %in% names(extras)) refuse_other_rows(environment())
  # The formula itself: in the call it may be a name that means something else by now.
  to_fit <- call
  to_fit$formula <- formula
  again <- if (is.null(rows)) {
    eval(to_fit, parent.frame())
  } else {
    fit_stored_rows(object, to_fit, extras, rows, parent.frame())
  }
  if (inherits(again, "mixest_fits")) return(again)
  again$call <- call
  again
}

# Is the response of `formula` the one that refit() gave the fit? It is in the fit's frame only,
# whatever the formula computes it from.
has_new_response <- function(fit, formula) {
  isTRUE(attr(fit$frame, "new_response")) && identical(formula[[2L]], fit$formula[[2L]])
}

refuse_other_rows <- function(call) {
  abort_mixest("input", c(
    paste(
      "The variables of the model must be among those of the fit:",
      "the response that {.fn refit} gave it is in no other data."
    ),
    i = "Give {.arg data} to go back to data of your own."
  ), call)
}

formula_on_rows <- function(fit, formula) {
  if (has_new_response(fit, formula)) formula[[2L]] <- as.name(names(fit$frame)[1L])
  formula
}

# The model frame as data, or NULL when the new call wants variables it doesn't have.
stored_rows <- function(fit, formula, extras) {
  if (is.null(fit$frame)) return(NULL)
  needed <- c(
    all.vars(formula_on_rows(fit, formula)), unlist(lapply(extras[c("weights", "offset", "subset")], all.vars))
  )
  if (!all(needed %in% names(fit$frame))) return(NULL)
  structure(fit$frame, terms = NULL)
}

fit_stored_rows <- function(fit, call, extras, rows, envir) {
  on_rows <- call
  on_rows[[1L]] <- quote(mixest::lmm)
  on_rows$data <- quote(.rows)
  on_rows$formula <- formula_on_rows(fit, call$formula)
  # The rows are those that `subset` chose; weights and offset are columns of theirs.
  if (!"subset" %in% names(extras)) on_rows$subset <- NULL
  for (part in setdiff(c("weights", "offset"), names(extras))) {
    column <- paste0("(", part, ")")
    if (column %in% names(rows)) on_rows[[part]] <- as.name(column)
  }
  again <- eval(on_rows, list2env(list(.rows = rows), parent = envir))
  # No row was dropped this time: what na.exclude has to pad is what was dropped before.
  if (inherits(again, "mixest") && is.null(again$na.action) && identical(nrow(again$frame), nrow(rows))) {
    again["na.action"] <- list(fit$na.action)
  }
  if (has_new_response(fit, call$formula)) {
    again$formula <- call$formula
    attr(again$frame, "new_response") <- TRUE
  }
  again
}

#' @rdname refit.mixest
#' @export
refit.mixest <- function(object, newresp = NULL, ...) {
  check_dots()
  user <- environment()
  frame <- kept_frame(object)
  several <- !is.null(newresp) && (is.data.frame(newresp) || is.matrix(newresp)) && ncol(newresp) > 1L
  if (several) {
    frame[[1L]] <- vapply(as.data.frame(newresp), new_response, numeric(nrow(frame)), fit = object, call = user)
  } else if (!is.null(newresp)) {
    frame[[1L]] <- new_response(newresp, object, user)
  }
  if (!is.null(newresp)) attr(frame, "new_response") <- TRUE
  stats <- condense_design(stored_design(object, frame), object$control$threads)
  fit_one <- function(stats,
                      frame) with_estimates(object, object$call, frame, stats, object$REML, NULL, object$control, user)
  if (several) return(fit_responses(stats, frame, fit_one, user))
  again <- fit_one(stats[[1L]], frame)
  announce_fit(again, user)
  again
}

# One finite number for each row of the fit; rows of weight 0 may be NA, as simulate() makes them.
new_response <- function(newresp, fit, call) {
  n <- nrow(fit$frame)
  if (is.data.frame(newresp) && length(newresp) == 1L) newresp <- newresp[[1L]]
  fine <- (is.numeric(newresp) || is.logical(newresp)) && NCOL(newresp) == 1L && !is.object(newresp)
  dropped <- length(fit$na.action)
  if (!fine || !length(newresp) %in% c(n, n + dropped)) {
    abort_mixest("input", c(
      "{.arg newresp} must be a numeric vector with one value for each row of the fit.",
      x = "It is {.obj_type_friendly {newresp}} of length {length(newresp)}; the fit has {n} row{?s}."
    ), call)
  }
  y <- as.double(newresp)
  if (length(y) > n) y <- y[-fit$na.action]
  bad <- which(!is.finite(y) & prior_weights(fit) > 0)
  if (length(bad)) {
    rows <- row.names(fit$frame)[bad]
    abort_mixest("input", c(
      "{.arg newresp} must be finite.",
      x = "{cli::qty(length(rows))}It is missing or infinite in row{?s} {list_offenders(rows)}."
    ), call)
  }
  y
}
