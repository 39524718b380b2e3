#' The same fit in the class of nlme
#'
#' For scripts and tools that know the fits of `nlme::lme()` only. Nothing is optimised: the
#' estimates are those of the fit.
#'
#' @param fit a fit returned by [lmm()] that keeps its rows, with nested grouping factors (or one),
#'   without offset, with terms of the structures `us`, `diag`, `homdiag` or `homcs`.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return An object of class `"lme"`. Precision weights are in it as nlme's fixed variance
#'   function.
#' @details `lme()` can't hold a singular D, and knows no crossed factors, other structures and
#'   offsets: errors of class `mixest_input`.
#' @seealso [as_lmerMod()]
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' nlme::VarCorr(as_lme(fit))
#' @export
as_lme <- function(fit, ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "as_lme")
  frame <- kept_frame(fit, user)
  check_lme_model(fit, frame, user)
  factors <- fit$random$nested
  random <- lapply(factors, pd_matrix, fit = fit, frame = frame)
  names(random) <- level_names(fit)[-1L]
  data <- structure(frame, terms = NULL)
  weights <- NULL
  if (!is.null(frame[["(weights)"]])) {
    data$.lmm_variance <- 1 / prior_weights(fit)
    weights <- nlme::varFixed(~.lmm_variance)
  }
  fixed <- formula(fit, fixed.only = TRUE)
  # lme() looks for the variables of a name that is a call.
  if (make.names(names(frame)[1L]) != names(frame)[1L]) names(data)[1L] <- ".response"
  fixed[[2L]] <- as.name(names(data)[1L])
  data[names(random)] <- lapply(data[names(random)], factor)
  again <- suppressWarnings(nlme::lme(
    fixed, data, random, weights = weights, method = if (fit$REML) "REML" else "ML", contrasts = fit$contrasts,
    control = nlme::lmeControl(msMaxIter = 0L, niterEM = 0L, maxIter = 1L, returnObject = TRUE, opt = "nlminb")
  ))
  check_same_likelihood(fit, as.numeric(stats::logLik(again)), user)
  again$call$fixed <- fixed
  again$call$data <- fit$call[["data"]]
  again$call$control <- NULL
  again
}

check_lme_model <- function(fit, frame, call) {
  groups <- level_names(fit)[-1L]
  known <- vapply(fit$random$terms, function(term) {
    is_unstructured(term$structure, term$size) || length(covariance_structures[[term$structure]]$nlme) > 0L
  }, NA)
  why <- if (is.null(fit$random$nested)) {
    "The grouping factors {.code {names(fit$random$groups)}} are not nested."
  } else if (!all(groups %in% names(frame))) {
    "The grouping factor {.code {setdiff(groups, names(frame))[1L]}} is no variable."
  } else if (!all(known)) {
    "The fit has {.code {deparse1(written_term(fit$random$terms[[which(!known)[1L]]]))}}."
  } else if (any(model_offset(fit) != 0)) {
    "The fit has an offset."
  } else if (!all(all.vars(fit$formula[[3L]]) %in% names(frame))) {
    "The formula computes with variables that the fit has not stored."
  } else if (isSingular(fit)) {
    "The estimate is on the boundary, and {.fn lme} can't hold a singular D."
  }
  if (!is.null(why)) abort_mixest("input", c("The fit must be one that {.fn lme} can make.", x = why), call)
}

# The pdMat object of one grouping factor, of several terms a blocked one.
pd_matrix <- function(factor, fit, frame) {
  own <- Filter(function(term) term$factor == factor, fit$random$terms)
  parts <- lapply(own, function(term) {
    relative <- tcrossprod(fit$lambda[term$columns, term$columns, drop = FALSE])
    dimnames(relative) <- list(term$names, term$names)
    structure <- if (is_unstructured(term$structure, term$size)) default_structure else term$structure
    class <- covariance_structures[[structure]]$nlme
    make <- getExportedValue("nlme", class[length(class)])
    make(relative, form = call_formula(term$bar[[2L]]), data = frame)
  })
  if (length(parts) == 1L) parts[[1L]] else nlme::pdBlocked(parts)
}

# A copy has the likelihood of the fit.
check_same_likelihood <- function(fit, theirs, call) {
  if (abs(theirs + fit$deviance / 2) <= 1e-5 * max(1, abs(fit$deviance))) return(invisible())
  abort_mixest("input", c(
    "The fit must be one that {.fn lme} can make.",
    x = paste(
      "Its log-likelihood is {signif(-fit$deviance / 2, 8L)},",
      "that of {.fn lme} at the same estimates {signif(theirs, 8L)}."
    )
  ), call)
}
