# Single terms of the fixed part left out or added, for model selection.

#' Leave out or add single terms
#'
#' `drop1()` and `add1()` look at the models with one term of the fixed part less or more;
#' `extractAIC()` is what [stats::step()] and MASS's `stepAIC()` ask for. All random-effects terms
#' stay.
#'
#' @param object,fit a fit returned by [lmm()].
#' @param scope for `drop1()`, the terms to leave out, as names or a formula; default: all that are
#'   not contained in others. For `add1()`, the terms to add, or a formula that has them.
#' @param test character: `"none"` or `"Chisq"`, models by maximum likelihood with their AIC and,
#'   for `"Chisq"`, a likelihood-ratio test; `"F"` (only `drop1()`): F tests of the fit as it is.
#'   Default: `"none"`, as [stats::step()] needs it, or `"F"` if `ddf` is given.
#' @param ddf degrees of freedom of the F tests, see [df_for()].
#' @param k numeric: the penalty of a parameter in the AIC. Default 2.
#' @param scale not used: `stats::step()` and `stepAIC()` give it, and look for a column `Df`, which
#'   is then the name of `npar`.
#' @param ... must be empty, but for `trace`, which the same functions give.
#' @return `drop1()`, `add1()`: an object of class `"anova"`. Of models by maximum likelihood `npar`
#'   (parameters that go or come), `AIC`, and `LRT`, `Pr(Chi)`, as in lme4, with a first row for the
#'   fit itself; of F tests the columns of [anova.mixest()], as in lmerTest.
#'
#'   `extractAIC()`: number of parameters and AIC of the fit by maximum likelihood.
#' @seealso [step_lmm()] for elimination by tests, of random and fixed terms.
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' drop1(fit)
#' drop1(fit, ddf = "satterthwaite")
#' drop1(fit, test = "Chisq")
#' step(fit, trace = 0)
#' @name drop1.mixest
NULL

#' @rdname drop1.mixest
#' @importFrom stats drop1
#' @export
drop1.mixest <- function(object, scope, test = if (missing(ddf)) "none" else "F", ddf = "satterthwaite", k = 2, scale,
                         ...) {
  user <- environment()
  check_dots("trace")
  test <- check_choice(test[1L], "test", c("none", "Chisq", "F"), user)
  droppable <- stats::drop.scope(object$terms)
  wanted <- if (missing(scope)) droppable else scope_labels(object, scope)
  check_droppable(wanted, droppable, user)
  if (test == "F") return(F_tests_of_terms(object, wanted, match_ddf(ddf, user), user))
  named_for_step(changed_models(object, wanted, " - ", test, k, "Single term deletions"), !missing(scale))
}

#' @rdname drop1.mixest
#' @importFrom stats add1
#' @export
add1.mixest <- function(object, scope, test = "none", k = 2, scale, ...) {
  user <- environment()
  check_dots("trace")
  test <- check_choice(test[1L], "test", c("none", "Chisq"), user)
  if (missing(scope) || is.null(scope)) {
    abort_mixest("input", c(
      "{.arg scope} must name the terms to add.", i = "Give a formula, such as {.code ~ . + x}."
    ), user)
  }
  wanted <- if (is.character(scope)) {
    scope
  } else {
    stats::add.scope(object$terms, stats::update.formula(formula(object, fixed.only = TRUE), scope))
  }
  if (!length(wanted)) abort_mixest("input", c("{.arg scope} must have terms that the fit has not."), user)
  named_for_step(changed_models(object, wanted, " + ", test, k, "Single term additions"), !missing(scale))
}

#' @rdname drop1.mixest
#' @importFrom stats extractAIC
#' @export
extractAIC.mixest <- function(fit, scale = 0, k = 2, ...) {
  check_dots()
  npar <- n_estimated(fit)
  c(npar, by_ML(fit)$deviance + k * npar)
}

named_for_step <- function(table, for_step) {
  if (for_step) names(table)[1L] <- "Df"
  table
}

scope_labels <- function(fit, scope) {
  if (is.character(scope)) return(scope)
  attr(stats::terms(stats::update.formula(formula(fit, fixed.only = TRUE), scope)), "term.labels")
}

check_droppable <- function(wanted, droppable, call) {
  wrong <- setdiff(wanted, droppable)
  if (!length(wrong)) return(invisible())
  abort_mixest("input", c(
    "{.arg scope} must name terms that no other term contains.",
    x = "Can't leave out {list_names(wrong)}.",
    i = if (length(droppable)) "These can be left out: {list_names(droppable)}."
  ), call)
}

# Of maximum likelihood fits with one term less or more; `sign` " - " or " + ".
changed_models <- function(fit, terms, sign, test, k, title) {
  base <- by_ML(fit)
  deviance <- npar <- numeric(length(terms))
  for (i in seq_along(terms)) {
    changed <- suppressMessages(update(base, stats::as.formula(paste(". ~ .", sign, terms[i]))))
    deviance[i] <- changed$deviance
    npar[i] <- n_estimated(changed)
  }
  own <- n_estimated(base)
  difference <- abs(npar - own)
  table <- data.frame(
    npar = c(NA, difference), AIC = c(base$deviance + k * own, deviance + k * npar), row.names = c("<none>", terms)
  )
  if (test == "Chisq") {
    statistic <- pmax(0, if (sign == " - ") deviance - base$deviance else base$deviance - deviance)
    table$LRT <- c(NA, statistic)
    table[["Pr(Chi)"]] <- c(NA, stats::pchisq(statistic, difference, lower.tail = FALSE))
  }
  structure(
    table, heading = c(title, "\nModel:", deparse1(formula(fit))), class = test_table_class
  )
}

F_tests_of_terms <- function(fit, terms, ddf, call) {
  method <- df_method(fit, ddf, call = call)
  rows <- lapply(terms, function(term) F_row(method, contrast_of_term(fit, term)))
  no_terms <- F_row(method, matrix(0, 0L, length(fit$coefficients)))[0L, ]
  table <- do.call(rbind, c(list(no_terms), rows))
  row.names(table) <- terms
  if (ddf == "none") table[c("DenDF", "Pr(>F)")] <- NULL
  structure(
    table, heading = c(paste0("Single term deletions", df_phrase(ddf), ":\n"), "Model:", deparse1(formula(fit)), ""),
    class = test_table_class
  )
}

# L with L beta = 0 in the model without one term. (Factors of the others may be coded in another
# way there.)
contrast_of_term <- function(fit, term) {
  terms <- stats::delete.response(fit$terms)
  smaller <- stats::update.formula(stats::formula(terms), stats::as.formula(paste("~ . -", term)))
  frame <- kept_frame(fit)
  contrasts <- fit$contrasts[names(fit$contrasts) %in% all.vars(smaller)]
  nested_contrasts(fixed_matrix(fit), stats::model.matrix(smaller, frame, contrasts.arg = contrasts))
}

# Rows L with L beta = 0 if X beta is in the span of `smaller`, whose columns must be in that of X;
# NULL when they are not.
nested_contrasts <- function(X, smaller) {
  if (!ncol(smaller)) return(diag(1, ncol(X), ncol(X)))
  parts <- qr(X, LAPACK = FALSE)
  scale <- sqrt(colSums(smaller^2))
  smaller <- sweep(smaller, 2L, ifelse(scale > 0, scale, 1), "/")
  if (max(abs(qr.resid(parts, smaller))) > 1e-8) return(NULL)
  inside <- qr.coef(parts, smaller)
  inside[is.na(inside)] <- 0
  units <- sqrt(colSums(X^2))
  found <- qr(inside * units)
  t(qr.Q(found, complete = TRUE)[, -seq_len(found$rank), drop = FALSE]) * rep(units, each = ncol(X) - found$rank)
}
