# The same condensed data fitted with other options: no row is needed.
fit_condensed <- function(fit, call, options, user) {
  # REML = NULL drops the argument from the call: the default of lmm() holds then.
  REML <- check_REML(
    if (!"REML" %in% names(options)) fit$REML else if (is.null(options$REML)) TRUE else options$REML, user
  )
  control <- check_control(if (is.null(options$control)) fit$control else options$control, user)
  start <- start_parameters(options$start, fit$random$terms, fit$stats, user)
  again <- with_estimates(fit, call, fit$frame, fit$stats, REML, start, control, user)
  announce_fit(again, user)
  again
}

# `fit` with the estimates for other condensed data of the same design, or for other options.
with_estimates <- function(fit, call, frame, stats, REML, start, control, user) {
  estimates <- fit_model(stats, fit$random$terms, REML, start, control, user)
  fixed <- c(list(names = fit$fixed_names), unclass(fit)[c("terms", "xlevels", "contrasts")])
  design <- list(fixed = fixed, random = fit$random)
  again <- new_mixest(call, fit, frame, design, stats, estimates, REML, control)
  again["na.action"] <- list(fit$na.action)
  structure(again, cluster = attr(fit, "cluster"))
}
