# The fixed part of a fit, for tools that think of a model as a vector of coefficients with a
# covariance matrix: car, lmtest, stats::dummy.coef(). It answers their questions about the fixed
# effects only.
#
# covariance  p x p, in place of vcov(fit)
# df          degrees of freedom of t and F tests: one number for all
fixed_part <- function(fit, covariance = NULL, df = Inf) {
  coefficients <- fixef(fit)
  structure(
    list(
      coefficients = coefficients, covariance = covariance_given(fit, covariance), df.residual = df, fit = fit,
      terms = fit$terms, call = fit$call, contrasts = fit$contrasts, xlevels = fit$xlevels, rank = fit$rank
    ),
    class = "mixest_fixed_part"
  )
}

# A covariance matrix of the fixed effects as other packages let one give it: none (the model's), a
# matrix, a function of the fit, or one of the types of vcov().
covariance_given <- function(fit, given = NULL, argument = "vcov.", call = parent.frame()) {
  if (is.null(given)) return(vcov(fit))
  if (is.function(given)) given <- given(fit)
  if (is.character(given) && length(given) == 1L) return(vcov(fit, type = given))
  covariance <- as.matrix(given)
  p <- length(fit$coefficients)
  if (is.numeric(covariance) && identical(dim(covariance), c(p, p))) return(covariance)
  abort_mixest("input", c(
    "{.arg {argument}} must be a covariance matrix of the {p} fixed effect{?s}, or a function that makes one.",
    x = "It has {nrow(covariance)} row{?s} and {ncol(covariance)} column{?s}."
  ), call)
}

# Satterthwaite's degrees of freedom, one for each fixed effect.
df_of_coefficients <- function(fit, covariance = NULL, ddf = "satterthwaite") {
  p <- length(fit$coefficients)
  robust <- is.character(covariance) && covariance %in% robust_types
  t_df(df_method(fit, match_ddf(ddf), vcov = if (robust) covariance else "model"), diag(1, p, p))
}

# Limits of the fixed effects, p x 2. `vcov.` as other packages let one give it, see
# covariance_given().
t_limits <- function(fit, vcov. = NULL, level = 0.95, ddf = "satterthwaite", df = NULL) {
  check_probability(level)
  if (is.null(df)) df <- df_of_coefficients(fit, vcov., ddf)
  half <- stats::qt((1 + level) / 2, df) * sqrt(diag(covariance_given(fit, vcov.)))
  names <- names(fit$coefficients)
  interval_matrix(cbind(fit$coefficients - half, fit$coefficients + half), names, level)
}

#' @export
coef.mixest_fixed_part <- function(object, ...) object$coefficients

#' @export
vcov.mixest_fixed_part <- function(object, ...) object$covariance

#' @export
df.residual.mixest_fixed_part <- function(object, ...) object$df.residual

#' @export
formula.mixest_fixed_part <- function(x, ...) stats::formula(x$terms)

#' @export
terms.mixest_fixed_part <- function(x, ...) x$terms

#' @export
model.frame.mixest_fixed_part <- function(formula, ...) fixed_frame(formula$fit)

#' @export
model.matrix.mixest_fixed_part <- function(object, ...) fixed_matrix(object$fit)

#' @export
nobs.mixest_fixed_part <- function(object, ...) nobs(object$fit)

#' @export
family.mixest_fixed_part <- function(object, ...) stats::gaussian()

#' @export
residuals.mixest_fixed_part <- function(object, ...) residuals(object$fit, ...)

#' @export
hatvalues.mixest_fixed_part <- function(model, ...) hatvalues(model$fit)

#' @export
cooks.distance.mixest_fixed_part <- function(model, ...) stats::cooks.distance(model$fit)

#' @export
rstudent.mixest_fixed_part <- function(model, ...) stats::rstudent(model$fit, ...)
