# performance. Methods for merMod that ask through generics are registered as they are
# (R/interop-register.R).

performance_aic.mixest <- function(x, estimator = "REML", ...) stats::AIC(logLik(x, REML = wants_REML(x, estimator)))

performance_aicc.mixest <- function(x, estimator = "REML", ...) {
  likelihood <- logLik(x, REML = wants_REML(x, estimator))
  k <- attr(likelihood, "df")
  n <- nobs(x)
  -2 * as.numeric(likelihood) + 2 * k * n / (n - k - 1)
}

# `estimator` as performance has it; a fit by maximum likelihood has no other criterion of its own.
wants_REML <- function(fit, estimator) fit$REML && identical(estimator, "REML")

# The fit's own certificate instead of a tolerance for the gradient.
check_convergence.mixest <- function(x, ...) {
  certificate <- convergence(x)
  structure(isTRUE(certificate$converged), gradient = certificate$gradient)
}

check_singularity.mixest <- function(x, tolerance = 1e-5, check = "model", ...) {
  check <- check_choice(check, "check", c("model", "terms"))
  labels <- vapply(x$random$terms, `[[`, "", "label")
  singular <- as.list(stats::setNames(x$certificate$rank < term_sizes(x), labels))
  if (check == "model") isSingular(x) else singular
}
