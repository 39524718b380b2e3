#' @rdname convergence
#' @export
isSingular.mixest <- function(x, ...) {
  check_dots()
  any(x$certificate$rank < term_sizes(x))
}

#' Likelihood and sizes of a fit
#'
#' @param object,x a fit returned by [lmm()].
#' @param REML logical: the REML or the ordinary log-likelihood? Default `NULL`: the one that was
#'   maximised. The other one is evaluated at the estimated relative covariance parameters theta,
#'   with fixed effects and sigma profiled out, as in lme4.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return
#' * `logLik()`: object of class `"logLik"` with attributes `df` (fixed effects of full rank +
#'   covariance parameters + sigma) and `nobs`; hence `AIC()` and `BIC()`. AICs of REML fits are
#'   comparable only between fits with the same fixed effects.
#' * `deviance()`: -2 log-likelihood, or the REML criterion of a REML fit. It never warns.
#' * `nobs()`: the number of rows of positive weight. `ngrps()`: named integer, the number of levels
#'   of each grouping factor.
#' * `df.residual()`: `nobs` minus the number of parameters, as in lme4.
#' * `isREML()`: logical.
#' * `sigma()`: the residual standard deviation of a row of weight 1, in units of the response.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' logLik(fit)
#' deviance(fit)
#' AIC(fit)
#' c(nobs(fit), ngrps(fit))
#' @export
logLik.mixest <- function(object, REML = NULL, ...) {
  check_dots()
  structure(-criterion(object, REML) / 2,
    df = n_estimated(object),
    nobs = nobs(object), nall = nobs(object),
    REML = if (is.null(REML)) object$REML else REML,
    class = "logLik"
  )
}

#' @rdname logLik.mixest
#' @export
deviance.mixest <- function(object, REML = NULL, ...) {
  check_dots()
  criterion(object, REML)
}

criterion <- function(fit, REML, call = parent.frame()) {
  if (is.null(REML)) return(fit$deviance)
  if (!isTRUE(REML) && !isFALSE(REML)) {
    abort_mixest("input", c(
      "{.arg REML} must be `TRUE`, `FALSE` or `NULL`.",
      x = "It is {.obj_type_friendly {REML}}."
    ), call)
  }
  if (REML == fit$REML) return(fit$deviance)
  cpp_evaluate(fit$stats, fit$random$terms, REML, fit$theta, 0L)$value
}

n_estimated <- function(fit) length(fit$coefficients) + length(fit$theta) + 1L

#' @rdname logLik.mixest
#' @export
nobs.mixest <- function(object, ...) {
  check_dots()
  as.integer(object$stats$n_obs)
}

#' @rdname logLik.mixest
#' @export
ngrps.mixest <- function(object, ...) {
  check_dots()
  lengths(object$random$groups)
}

#' @rdname logLik.mixest
#' @export
df.residual.mixest <- function(object, ...) {
  check_dots()
  object$df.residual
}

#' @rdname logLik.mixest
#' @export
isREML.mixest <- function(x, ...) {
  check_dots()
  x$REML
}

#' @rdname logLik.mixest
#' @export
sigma.mixest <- function(object, ...) {
  check_dots()
  object$sigma
}
