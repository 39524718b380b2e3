# The same condensed data fitted with other options, as of new_mixest(): no row is needed.
fit_condensed <- function(fit, call, options, user) {
  start <- start_parameters(options$start, fit$random$terms, fit$stats, user)
  options["start"] <- list(if (!is.null(start)) list(theta = start))
  with_estimates(fit, call, fit$frame, fit$stats, options, user)
}

# `fit` with the estimates for other condensed data of the same design, or for other options.
with_estimates <- function(fit, call, frame, stats, options, user) {
  estimates <- fit_model(stats, fit$random$terms, options$REML, options$start$theta, options$control, user)
  fixed <- c(list(names = fit$fixed_names), unclass(fit)[c("terms", "xlevels", "contrasts")])
  design <- list(fixed = fixed, random = fit$random)
  again <- new_mixest(call, fit, frame, design, stats, estimates, options)
  again["na.action"] <- list(fit$na.action)
  structure(again, cluster = attr(fit, "cluster"))
}

# The fit by maximum likelihood, with a call that says so: from the condensed data.
by_ML <- function(fit) {
  if (!fit$REML) return(fit)
  call <- fit$call
  call$REML <- FALSE
  options <- fit_options(fit)
  options$REML <- FALSE
  suppressMessages(fit_condensed(fit, call, options, environment()))
}

by_REML <- function(fit) {
  if (fit$REML) return(fit)
  cli::cli_inform(c(
    i = "Kenward and Roger's method is for REML estimates: the fit is repeated by REML for it."
  ), class = "mixest_refit")
  options <- fit_options(fit)
  options$REML <- TRUE
  fit_condensed(fit, fit$call, options, environment())
}
