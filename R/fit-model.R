# The optimum for condensed data, or an error of class mixest_unidentified or mixest_degenerate
# where no estimate is meaningful.
#
# terms: random terms of the design; start: theta or NULL. value: the list of cpp_fit() (theta,
# deviance, sigma, beta, aliased, beta_factor, lambda, dependent, certificate)
fit_model <- function(stats, terms, REML, start, control, call) {
  estimates <- in_memory(cpp_fit(stats, terms, REML, start, control), "the fit", condensed_advice, call)
  switch(estimates$certificate$status,
    dependent_columns = refuse_dependent(estimates$dependent, terms, call),
    no_residual_df = refuse_no_residual_df(stats, call),
    perfect_groups = refuse_perfect_groups(call),
    not_finite = refuse_not_finite(call)
  )
  estimates
}

refuse_not_finite <- function(call) {
  abort_mixest("degenerate", c(
    "The likelihood can't be evaluated for these data.",
    i = "Look for variables of extreme size and for groups that leave no residual variation."
  ), call)
}

refuse_dependent <- function(columns, terms, call) {
  several <- length(terms) > 1L
  names <- unlist(
    lapply(terms, function(term) if (several) paste(term$names, term$label, sep = "|") else term$names)
  )[columns]
  abort_mixest("unidentified", c(
    "The random effects must be linearly independent: the data can't determine their covariance matrix otherwise.",
    x = "{.code {names}} {?is a/are} linear combination{?s} of other random effects, or zero.",
    i = "Remove {cli::qty(names)}{?it/them}, or the term that repeats {?it/them}."
  ), call)
}

refuse_no_residual_df <- function(stats, call) {
  abort_mixest("unidentified", c(
    "There must be more rows than fixed effects.",
    x = "There {cli::qty(stats$n_obs)}{?is/are} {stats$n_obs} row{?s} of positive weight."
  ), call)
}

refuse_perfect_groups <- function(call) {
  abort_mixest("degenerate", c(
    "The residual variance can't be estimated.",
    x = "The response has no variation within the groups beyond their own effects, so the likelihood has no maximum."
  ), call)
}
