#' Likelihood-ratio tests between fits
#'
#' `anova()` of several fits compares nested models by their likelihoods:
#' `anova(fit1, fit2, ..., refit = TRUE)`.
#'
#' @details Fits are ordered by their number of parameters; each is tested against the one before
#' it. Fits by REML with the same fixed effects are compared by their REML criteria, which have the
#' better small-sample properties for variance parameters. REML criteria of models with different
#' fixed effects can't be compared: then (and when REML and ML fits are mixed) the REML fits are
#' fitted again by maximum likelihood, and a message of class `mixest_refit` says so. With
#' `refit = FALSE` that is an error. `refit = TRUE`, when it is written in the call, compares by
#' likelihoods in any case: REML fits with the same fixed effects are fitted again, too. Fits of
#' [lm()] with the same response may be given.
#'
#' The p-value is that of the chi-squared distribution with as many degrees of freedom as the models
#' differ in parameters. Where the smaller model has a variance of zero, it is too large: see
#' [ranova()]. Whether the models are nested is not checked.
#'
#' The fits must have the same response values and weights. Otherwise there is an error of class
#' `mixest_input`.
#' @return Object of class `c("anova.mixest", "anova", "data.frame")`, one row for each fit, with
#'   lme4's columns: `npar` (number of parameters), `AIC`, `BIC`, `logLik`, `deviance` (-2
#'   log-likelihood or REML criterion), `Chisq`, `Df`, `Pr(>Chisq)`.
#' @examples
#' small <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
#' large <- lmm(distance ~ age * Sex + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
#' anova(small, large)
#' @name likelihood_ratio
NULL

# fits: list of fits of lmm() and lm(), the first one of lmm(); names: what the user called them;
# refit: TRUE, FALSE, or NULL when the user did not say (TRUE, but not where REML criteria compare).
likelihood_ratio_table <- function(fits, names, refit = NULL, call = parent.frame()) {
  check_comparable(fits, names, call)
  reml <- vapply(fits, is_reml_fit, NA)
  together <- all(reml) && !isTRUE(refit) && same_fixed_part(fits)
  if (any(reml) && !together) announce_refit(names[reml], refit, call)
  likelihoods <- lapply(fits, function(fit) if (together) logLik(fit) else ml_likelihood(fit, call))
  rows <- order(vapply(likelihoods, attr, 0, "df"))
  structure(
    comparison_rows(likelihoods[rows], names[rows]),
    heading = comparison_heading(
      fits[rows], names[rows], if (together) "REML criterion: the fixed effects are the same"
    ),
    class = test_table_class
  )
}

comparison_rows <- function(likelihoods, names) {
  npar <- vapply(likelihoods, attr, 0, "df")
  logLik <- vapply(likelihoods, as.numeric, 0)
  chisq <- c(NA, 2 * pmax(0, diff(logLik)))
  df <- c(NA, diff(npar))
  data.frame(
    npar = npar, AIC = vapply(likelihoods, stats::AIC, 0), BIC = vapply(likelihoods, stats::BIC, 0), logLik = logLik,
    deviance = -2 * logLik,
    Chisq = chisq, Df = df, `Pr(>Chisq)` = ifelse(df == 0, NA, stats::pchisq(chisq, df, lower.tail = FALSE)),
    row.names = make.unique(names), check.names = FALSE
  )
}

comparison_heading <- function(fits, names, note) {
  data <- fits[[1L]]$call$data
  formulas <- vapply(fits, function(fit) deparse1(stats::formula(fit)), "")
  c(if (!is.null(data)) paste("Data:", shortened(data)), note, "Models:", paste(
    make.unique(names), formulas, sep = ": "
  ))
}

is_reml_fit <- function(fit) inherits(fit, "mixest") && fit$REML

ml_likelihood <- function(fit, call) {
  if (!is_reml_fit(fit)) return(stats::logLik(fit))
  likelihood <- logLik(fit, REML = FALSE)
  likelihood[] <- -ml_estimates(fit, call)$deviance / 2
  likelihood
}

# What cpp_fit() gives for the same model by maximum likelihood. The REML estimate is no start: from
# its boundary there is no gradient.
ml_estimates <- function(fit, call) fit_model(fit$stats, fit$random$terms, FALSE, NULL, fit$control, call)

announce_refit <- function(names, refit, call) {
  why <- if (isTRUE(refit)) {
    "{.code refit = TRUE}:"
  } else if (is.null(refit)) {
    "The fixed effects differ, or REML and ML fits are mixed:"
  }
  if (!is.null(why)) {
    return(cli::cli_inform(
      c(i = paste(why, "fitted again by maximum likelihood: {list_names(names)}.")), class = "mixest_refit"
    ))
  }
  abort_mixest("input", c(
    "REML criteria can be compared only between REML fits with the same fixed effects.",
    x = "{list_names(names)} {cli::qty(length(names))}{?is a/are} REML fit{?s}.", i = "Use {.code refit = TRUE}."
  ), call)
}

# The REML criterion depends on the columns of X themselves, not only on what they span.
same_fixed_part <- function(fits) {
  part <- function(fit) {
    terms <- fit$terms
    offsets <- vapply(as.list(attr(terms, "variables"))[-1L][attr(terms, "offset")], deparse1, "")
    list(attr(terms, "term.labels"), attr(terms, "intercept"), offsets, names(fit$coefficients), fit$contrasts)
  }
  all(vapply(fits[-1L], function(fit) identical(part(fit), part(fits[[1L]])), NA))
}

check_comparable <- function(fits, names, call) {
  fine <- vapply(fits, inherits, NA, what = c("mixest", "lm")) & !vapply(fits, inherits, NA, what = c("glm", "mlm"))
  if (!all(fine)) {
    abort_mixest("input", c(
      "Only fits of {.fn lmm} and {.fn lm} can be compared.",
      x = "{.code {names[!fine][1L]}} is {.obj_type_friendly {fits[!fine][[1L]]}}."
    ), call)
  }
  first <- response_and_weights(fits[[1L]])
  for (f in seq_along(fits)[-1L]) {
    other <- response_and_weights(fits[[f]])
    if (same_response(first, other)) next
    abort_mixest("input", c(
      "All fits must be of the same response values and weights.",
      x = "Those of {.code {names[1L]}} ({first$n} row{?s}) and {.code {names[f]}} ({other$n} row{?s}) differ.",
      i = "Missing values in one of the variables may have removed rows."
    ), call)
  }
}

# Values are the same when they differ by rounding of themselves, or of what they vary by: a large
# mean hides no difference.
same_response <- function(first, other) {
  shared <- intersect(names(first), names(other))
  known <- setdiff(shared, "y")
  if (!isTRUE(all.equal(first[known], other[known], tolerance = 1e-10))) return(FALSE)
  if (!"y" %in% shared || !length(first$y)) return(TRUE)
  rounding <- 8 * .Machine$double.eps * max(abs(first$y)) + 1e-10 * diff(range(first$y))
  max(abs(first$y - other$y)) <= rounding
}

# Whatever the order of the rows. A fit of lmm() without rows has their number and the product of
# their weights only.
response_and_weights <- function(fit) {
  if (inherits(fit, "mixest")) {
    known <- list(n = fit$stats$n_obs, log_weights = fit$stats$sum_log_weights)
    if (is.null(fit$frame) && !fit$new_response) return(known)
    counts <- prior_weights(fit) > 0
    return(c(known, list(y = sort(as.double(response(fit))[counts]))))
  }
  weights <- stats::weights(fit)
  y <- stats::model.response(stats::model.frame(fit))
  if (is.null(weights)) weights <- rep(1, length(y))
  list(n = sum(weights > 0), log_weights = sum(log(weights[weights > 0])), y = sort(as.double(y)[weights > 0]))
}

# What the user called the fits in `call`, the matched call of anova(), expand.dots = FALSE.
compared_names <- function(call, n, given = NULL, user = parent.frame()) {
  if (!is.null(given)) {
    if (is.character(given) && length(given) == n && !anyNA(given) && !anyDuplicated(given)) return(given)
    refuse_value("model.names", given, paste(n, "different names, one for each fit"), user)
  }
  text <- vapply(c(list(call$object), as.list(call$...)), shortened, "")
  usable <- length(text) == n && !anyDuplicated(text) && all(text != "<given by value>")
  if (usable) text else paste0("model", seq_len(n))
}

# A fit made by do.call() has the data themselves in its call.
shortened <- function(expression) {
  if (!is.language(expression)) return("<given by value>")
  text <- deparse(expression, nlines = 1L)[[1L]]
  if (nchar(text) > 60L) paste0(substr(text, 1L, 57L), "...") else text
}
