# `method`: of the fixed effects, see df_method().
wald_intervals <- function(fit, parameters, level, method) {
  names <- names(fit$coefficients)
  tests <- t_tests(method, diag(1, length(names), length(names)))
  fixed <- function(column) stats::setNames(tests[, column], names)
  estimate <- c(variance_estimates(fit), fixed("Estimate"))[parameters$name]
  error <- c(sqrt(diag(variance_covariance(fit))), fixed("Std. Error"))[parameters$name]
  df <- if (method$ddf == "none") Inf else fixed("df")[parameters$name]
  # Standard errors on the scale of the interval: log for standard deviations, atanh for
  # correlations.
  quantile <- ifelse(parameters$kind == "fixed", stats::qt((1 + level) / 2, df), stats::qnorm((1 + level) / 2))
  half <- quantile * error
  lower <- upper <- estimate
  for (i in seq_along(estimate)) {
    ends <- switch(parameters$kind[i],
      fixed = estimate[i] + c(-1, 1) * half[i],
      cor = tanh(atanh(estimate[i]) + c(-1, 1) * half[i] / (1 - estimate[i]^2)),
      estimate[i] * exp(c(-1, 1) * half[i] / estimate[i])
    )
    lower[i] <- ends[1L]
    upper[i] <- ends[2L]
  }
  interval_matrix(cbind(lower, upper), parameters$name, level)
}

profile_intervals <- function(start, parameters, level, call) {
  ends <- cpp_profile_intervals(
    start$stats, start$terms, start$theta, profile_targets(parameters), sqrt(stats::qchisq(level, 1))
  )
  refuse_without_maximum(parameters$name[is.nan(ends[, 1L])], call)
  interval_matrix(ends, parameters$name, level)
}

# `names`: parameters of which the core has no profile.
refuse_without_maximum <- function(names, call) {
  if (!length(names)) return(invisible())
  abort_mixest("unidentified", c(
    "The likelihood must have a maximum for a profile to start from.",
    x = "{cli::qty(length(names))}The profile{?s} of {list_names(names)} can't start from the estimate{?s}.",
    i = "Simplify the random-effects terms; see {.fn convergence}."
  ), call)
}

# As stats::confint() names the columns.
interval_matrix <- function(ends, names, level) {
  probabilities <- c((1 - level) / 2, (1 + level) / 2)
  matrix(ends, ncol = 2L, dimnames = list(
    names, paste(format(100 * probabilities, trim = TRUE, scientific = FALSE, digits = 3L), "%")
  ))
}

bootstrap_interval <- function(estimate, values, level, boot.type) {
  values <- values[!is.na(values)]
  if (!length(values)) return(c(NA_real_, NA_real_))
  tails <- c(1 - level, 1 + level) / 2
  switch(boot.type,
    norm = 2 * estimate - mean(values) + stats::qnorm(tails) * stats::sd(values),
    basic = 2 * estimate - stats::quantile(values, rev(tails), names = FALSE, type = 6L),
    perc = stats::quantile(values, tails, names = FALSE, type = 6L)
  )
}

# Condensed data, terms and ML estimate: what every profile starts from.
profile_start <- function(fit, call) {
  estimates <- if (fit$REML) ml_estimates(fit, call) else list(theta = fit$theta, certificate = fit$certificate)
  if (!estimates$certificate$status %in% c("converged", "flat")) {
    abort_mixest("not_converged", c(
      "Profiles must start from an optimum of the likelihood.",
      x = "The status of the maximum likelihood fit is {.val {estimates$certificate$status}}.",
      i = "See {.fn convergence}."
    ), call)
  }
  list(stats = fit$stats, terms = fit$random$terms, theta = estimates$theta)
}

# As the core takes them.
profile_targets <- function(parameters) {
  lapply(seq_len(nrow(parameters)), function(i) as.list(parameters[i, c("kind", "term", "first", "second")]))
}

# Without the correlations that the core can't hold: of those that belong to lags, all but the
# first.
profiled_parameters <- function(fit, parameters, asked, call) {
  structures <- c(default_structure, vapply(fit$random$terms, `[[`, "", "structure"))[parameters$term + 1L]
  by_lag <- structure_has(structures, "correlations") == "lag"
  left_out <- by_lag & parameters$kind == "cor" & parameters$second > 1L
  if (!any(left_out)) return(parameters)
  names <- list_names(parameters$name[left_out])
  structure <- unique(structures[left_out])
  if (asked) {
    abort_mixest("input", c(
      "Profiles can't be computed for correlations of {.fn {structure}} beyond the first lag.", x = "{names}.",
      i = "Use {.code confint(fit, method = \"Wald\")}."
    ), call)
  }
  cli::cli_inform(
    c(i = "No profile for correlations of {.fn {structure}} beyond the first lag: {names}."), class = "mixest_left_out"
  )
  parameters[!left_out, ]
}
