#' F tests of the terms of a fit, and comparison of fits
#'
#' With one fit, a table of F tests of the terms of its fixed part. With several, likelihood-ratio
#' tests: see [likelihood_ratio].
#'
#' @param object a fit returned by [lmm()].
#' @param ... other fits, of [lmm()] or [lm()], to compare with. A mixed model comes first:
#'   `anova(lm_fit, fit)` calls the method of stats for linear models, which knows nothing of `fit`.
#' @param type character: the hypotheses. `"III"` (default): each term adjusted for all others,
#'   factors averaged over with equal weights, whatever their coding; `"II"`: adjusted for all terms
#'   that do not contain it; `"I"`: adjusted for the terms before it. `3`, `2` and `1` mean the
#'   same. nlme's `"sequential"` is `"I"`; its `"marginal"` tests whether the coefficients of a term
#'   are zero, a hypothesis that depends on the coding of the factors in other terms.
#' @param Terms character: names of terms of the fixed part, all tested together: one row, for the
#'   hypothesis that all their coefficients are zero. Default `NULL`: each term by itself.
#' @param ddf,information how to compute denominator degrees of freedom, see [df_for()].
#' @param refit logical: may fits by REML be fitted again by maximum likelihood to compare them?
#'   Default `TRUE`: only where their REML criteria can't be compared; `refit = TRUE` in the call:
#'   always.
#' @param model.names character: what to call the fits that are compared. Default: as in the call.
#' @details Term A is contained in term B when all its factors are in B and both have the same
#' numeric variables (SAS's rule). Types I and II are adjusted by the weighted cross-products X'WX
#' of the fixed-effects columns, so that a weight of 2 means the same as a repeated row. If some
#' combinations of factor levels don't occur, type III hypotheses depend on which do. Types II and
#' III are SAS's: they depend neither on the coding of factors nor on the order of columns, with or
#' without an intercept, and no row of the data is needed.
#'
#' *Rank-deficient fixed effects.* A term that is a combination of others has fewer numerator
#' degrees of freedom, or none: with `x1 + x2 + I(x1 + x2)` no function of one coefficient alone is
#' estimable, and the three terms have 0 each (type I: 1, 1, 0), whichever column was dropped.
#' `summary()` tests the coefficients of the columns that were kept, as `lm()` does, and so do
#' lmerTest's tables.
#' @return For one fit: object of class `c("anova.mixest", "anova", "data.frame")` with one row for
#'   each term and the columns `Sum Sq`, `Mean Sq`, `NumDF`, `DenDF`, `F value`, `Pr(>F)`
#'   (lmerTest's); `ddf = "none"` leaves out `DenDF` and `Pr(>F)`. `Mean Sq` is sigma^2 times F, for
#'   Kenward-Roger before F is scaled. Attribute `hypotheses`: list of the matrices L, one for each
#'   term, with
#'   \eqn{L\beta = 0} (see [contest()]).
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' anova(fit)
#' anova(fit, type = "I", ddf = "kenward-roger")
#' attr(anova(fit), "hypotheses")
#' @importFrom stats anova
#' @export
anova.mixest <- function(object, ..., type = c("III", "II", "I"),
                         ddf = c("satterthwaite", "kenward-roger", "residual", "none"),
                         information = c("expected", "observed"), refit = TRUE, model.names = NULL,
                         Terms = NULL) {
  others <- list(...)
  is_fit <- vapply(others, inherits, NA, what = c("mixest", "lm"))
  check_dots(also = names(others)[is_fit], unnamed = TRUE)
  others <- others[is_fit | names_or_empty(others) == ""]
  check_fits(others)
  if (length(others)) {
    names <- compared_names(match.call(expand.dots = FALSE), length(others) + 1L, model.names)
    if (!missing(refit)) check_flag(refit, "refit")
    return(likelihood_ratio_table(c(list(object), unname(others)), names, if (!missing(refit)) refit))
  }
  if (!is.null(Terms)) return(F_table_of_terms(object, Terms, match_ddf(ddf), information))
  F_table(object, match_type(type), match_ddf(ddf), information)
}

check_fits <- function(others, call = parent.frame()) {
  bad <- !vapply(others, inherits, NA, what = c("mixest", "lm"))
  if (!any(bad)) return(invisible())
  given <- names(others)[bad]
  known <- if (length(given) && nzchar(given[1L])) {
    "{.fn anova} has no argument {.arg {given[1L]}}."
  } else {
    "One is {.obj_type_friendly {others[bad][[1L]]}}."
  }
  abort_mixest(
    "input", c("Every further argument of {.fn anova} must be a fit of {.fn lmm} or {.fn lm}.", x = known), call
  )
}

F_table <- function(fit, type, ddf, information, call = parent.frame()) {
  hypotheses <- type_contrasts(fit, type)
  method <- df_method(fit, ddf, information, call = call)
  table <- F_rows(method, hypotheses, call = call)
  title <- paste0(if (type == "marginal") "Marginal" else paste("Type", type), " Analysis of Variance Table")
  anova_table(table, c(paste0(title, df_phrase(ddf)), without_hypothesis(hypotheses)), hypotheses, ddf)
}

anova_table <- function(table, heading, hypotheses, ddf) {
  if (ddf == "none") table[c("DenDF", "Pr(>F)")] <- NULL
  structure(table, heading = heading, hypotheses = hypotheses, class = test_table_class)
}

F_table_of_terms <- function(fit, terms, ddf, information, call = parent.frame()) {
  each <- type_contrasts(fit, "marginal")
  if (!length(terms)) refuse_value("Terms", terms, "names of terms", call)
  for (term in terms) check_choice(term, "Terms", names(each), call)
  L <- stats::setNames(list(do.call(rbind, each[unique(terms)])), paste(unique(terms), collapse = ", "))
  table <- F_rows(df_method(fit, ddf, information, call = call), L, call = call)
  anova_table(table, paste0("Joint test of terms", df_phrase(ddf)), L, ddf)
}

without_hypothesis <- function(hypotheses) {
  terms <- names(hypotheses)[lengths(hypotheses) == 0L]
  if (!length(terms)) return(NULL)
  them <- if (length(terms) > 1L) "them" else "it"
  text <- paste0("There is no hypothesis about ", list_names(terms), ": the data can't tell ", them)
  c("", strwrap(paste(text, "from other terms."), 78L))
}

match_type <- function(type, call = parent.frame()) {
  choices <- c("III", "II", "I")
  if (identical(type, choices)) return(choices[1L])
  if (length(type) == 1L && !is.na(type)) {
    known <- match(lower_case(as.character(type)), c(lower_case(choices), 3:1, "marginal", "sequential"))
    if (!is.na(known)) return(c(choices, choices, "marginal", "I")[known])
  }
  check_choice(type, "type", c(choices, "marginal"), call)
}

df_phrase <- function(ddf) {
  switch(ddf,
    satterthwaite = " with Satterthwaite's method", `kenward-roger` = " with Kenward-Roger's method",
    residual = " with residual degrees of freedom", none = ""
  )
}
