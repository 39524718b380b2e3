#' The function that was minimised
#'
#' @param fit a fit returned by [lmm()].
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return A function of `theta` (numeric, the covariance parameters in the order and meaning of
#'   `getME(fit, "theta")`) and `deriv` (0, 1 or 2). It returns the profiled deviance (-2
#'   log-likelihood) of an ML fit or the REML criterion of a REML fit, with fixed effects and sigma
#'   at their best values for that theta; with `deriv >= 1` attribute `gradient`, with `deriv = 2`
#'   also attribute `hessian`, both exact. The function holds the condensed data, not the rows.
#'
#'   For an unstructured term, theta is the lower triangle of the relative Cholesky factor
#'   \eqn{\Lambda} with \eqn{D = \sigma^2 \Lambda \Lambda'}, column by column, in the user's own
#'   columns. A theta of the wrong length or outside the structure gives an error of class
#'   `mixest_input`.
#' @examples
#' fit <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' f <- devfun(fit)
#' theta <- getME(fit, "theta")
#' f(theta, deriv = 2)
#' curve(vapply(x, f, 0), 0.5, 3, xlab = "theta", ylab = "REML criterion")
#' @export
devfun <- function(fit, ...) UseMethod("devfun")

#' @export
devfun.mixest <- function(fit, ...) {
  check_dots()
  stats <- fit$stats
  terms <- fit$random$terms
  REML <- fit$REML
  n_theta <- length(fit$theta)
  rm(fit)
  function(theta, deriv = 0) {
    check_given(missing(theta), "theta", quote(devfun()))
    check_theta(theta, n_theta)
    check_deriv(deriv)
    at_theta <- tryCatch(
      cpp_evaluate(stats, terms, REML, as.double(theta), as.integer(deriv)),
      error = reject_theta
    )
    value <- at_theta$value
    if (deriv >= 1) attr(value, "gradient") <- at_theta$gradient
    if (deriv >= 2) attr(value, "hessian") <- at_theta$hessian
    value
  }
}

check_theta <- function(theta, n_theta) {
  if (is.numeric(theta) && length(theta) == n_theta && all(is.finite(theta))) return(invisible())
  abort_mixest("input", c(
    "{.arg theta} must be {n_theta} finite number{?s}.",
    x = paste0(
      "It is {.obj_type_friendly {theta}} of length {length(theta)}",
      if (is.numeric(theta) && anyNA(theta)) " with missing values", "."
    )
  ), quote(devfun()))
}

check_deriv <- function(deriv) {
  if (is.numeric(deriv) && length(deriv) == 1L && deriv %in% 0:2) return(invisible())
  abort_mixest("input", c(
    "{.arg deriv} must be 0, 1 or 2.",
    x = "It is {.obj_type_friendly {deriv}}."
  ), quote(devfun()))
}

# The core's word on a theta that no covariance matrix of the structure has.
reject_theta <- function(problem) {
  abort_mixest("input", c(
    "{.arg theta} must be inside the covariance structure.",
    x = "{conditionMessage(problem)}"
  ), quote(devfun()))
}
