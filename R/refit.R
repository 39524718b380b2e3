#' Fit again
#'
#' `update()` changes arguments of the call, `refit()` the response.
#'
#' @param object a fit of [lmm()].
#' @param formula. changes to the formula, see [stats::update.formula()].
#' @param newresp numeric: the new response, one value for each row of the fit (rows that `na.action` dropped may be there, too), or a data frame with one
#'   column, as from [simulate()]. Default `NULL`: the response of the fit.
#' @param evaluate logical: fit, or return the call? Default `TRUE`.
#' @param ... for `update()`, arguments of [lmm()] to change; `NULL` drops one. Not used by `refit()`.
#' @details Without `data =`, `update()` uses the rows stored in the fit whenever they have every variable that is needed, whatever has become of the
#'   original data: rows that were left out by `subset` or for missing values stay out. If a variable is not stored as such (a new one, or one
#'   that is in the formula only inside a call such as `log(x)`), the `data` of the original call are evaluated again.
#' @return A fit, class `"mixest"`; for `evaluate = FALSE` a call.
#' @examples
#' fit <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' update(fit, . ~ . + I(age^2), REML = FALSE)
#' refit(fit, simulate(fit, seed = 1))
#' @name refit.mixest
NULL

#' @rdname refit.mixest
#' @export
update.mixest <- function(object, formula., ..., evaluate = TRUE) {
  extras <- as.list(match.call(expand.dots = FALSE)$...)
  call <- object$call
  call$formula <- if (missing(formula.)) object$formula else stats::update.formula(object$formula, formula.)
  for (name in names(extras)) call[[name]] <- extras[[name]]
  if (!evaluate) return(call)
  rows <- if (!"data" %in% names(extras)) stored_rows(object, call, extras)
  if (is.null(rows)) return(eval(call, parent.frame()))
  fit_stored_rows(object, call, extras, rows, parent.frame())
}

# The model frame as data, or NULL when the new call wants variables it doesn't have.
stored_rows <- function(fit, call, extras) {
  if (is.null(fit$frame)) return(NULL)
  needed <- c(all.vars(call$formula), unlist(lapply(extras[c("weights", "offset", "subset")], all.vars)))
  if (!all(needed %in% names(fit$frame))) return(NULL)
  structure(fit$frame, terms = NULL)
}

fit_stored_rows <- function(fit, call, extras, rows, envir) {
  on_rows <- call
  on_rows[[1L]] <- quote(mixest::lmm)
  on_rows$data <- quote(.rows)
  # The rows are those that `subset` chose; weights and offset are columns of theirs.
  if (!"subset" %in% names(extras)) on_rows$subset <- NULL
  for (part in setdiff(c("weights", "offset"), names(extras))) {
    column <- paste0("(", part, ")")
    on_rows[[part]] <- if (column %in% names(rows)) as.name(column)
  }
  again <- eval(on_rows, list2env(list(.rows = rows), parent = envir))
  again$call <- call
  # No row was dropped this time: what na.exclude has to pad is what was dropped before.
  if (is.null(again$na.action) && identical(nrow(again$frame), nrow(rows))) again$na.action <- fit$na.action
  again
}
