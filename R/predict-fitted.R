#' Fitted values, residuals and simulated responses
#'
#' @param object,model a fit of [lmm()] that keeps its rows.
#' @param level integer, nlme's: 0 for the population; with grouping factors that are nested, 1
#'   conditional on the random effects of the outermost one, 2 on those of the next too, and so on.
#'   Default `NULL`: the innermost level, conditional on all random effects. Crossed factors have no
#'   order: for them 0 and the number of factors (all of them) can be used; what lies between is
#'   said by the `re.form` of [predict.mixest()].
#' @param type character: `"response"` (default) \eqn{y - \hat y}; `"pearson"`, multiplied by the
#'   square root of the precision weight; `"normalized"`, also divided by sigma.
#' @param scaled logical, lme4's: divide by sigma? Default `FALSE`.
#' @param nsim integer: number of responses to simulate. Default 1.
#' @param seed integer, or `NULL` (default) to go on with the random number generator as it is.
#' @param re.form as in [predict.mixest()]. `NA` (default) or `~0`: new random effects are drawn in
#'   every simulation; `NULL`: the predicted random effects are kept; a formula: those that it names
#'   are kept, the others drawn.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return `fitted()`, `residuals()`: numeric vectors, one element for each row (rows of weight 0
#'   too), padded with `NA` under `na.exclude`. `hatvalues()`: the diagonal of the matrix that maps
#'   the response to the conditional fitted values, theta known. `rstandard()`: conditional
#'   residuals divided by their standard deviation \eqn{\sigma \sqrt{(1 - h) / w}}. `simulate()`:
#'   data frame `sim_1`, `sim_2`, ... with attribute `seed`, as [stats::simulate()]; `NA` in rows of
#'   weight 0, whose variance is infinite.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' head(cbind(fitted(fit), fitted(fit, level = 0), residuals(fit)))
#' head(simulate(fit, nsim = 2, seed = 1))
#' @name fitted
NULL

#' @rdname fitted
#' @export
fitted.mixest <- function(object, level = NULL, ...) {
  check_dots()
  effects <- effects_of_level(object, level)
  rows <- prediction_rows(object, wants_random = length(effects) > 0L, factors = factors_of(object, effects))
  stats::napredict(object$na.action, linear_predictor(object, rows, effects))
}

#' @rdname fitted
#' @export
residuals.mixest <- function(object, type = "response", level = NULL, scaled = FALSE, ...) {
  check_dots()
  check_choice(type, "type", c("response", "pearson", "normalized"))
  effects <- effects_of_level(object, level)
  rows <- prediction_rows(object)
  residual <- response(object) - linear_predictor(object, rows, effects)
  if (type != "response") residual <- residual * sqrt(rows$weights)
  if (type == "normalized" || scaled) residual <- residual / object$sigma
  stats::naresid(object$na.action, residual)
}

#' @rdname fitted
#' @importFrom stats hatvalues
#' @export
hatvalues.mixest <- function(model, ...) {
  check_dots()
  stats::naresid(model$na.action, leverage(model))
}

#' @rdname fitted
#' @export
rstandard.mixest <- function(model, ...) {
  check_dots()
  residual <- residuals(model, type = "normalized")
  residual / sqrt(1 - hatvalues(model))
}

# The prediction error variance of a conditional mean is sigma^2 times the row's diagonal of T
# C^{-1} T', T = [X U], and with weights T C^{-1} T'W is the matrix that maps y to the fitted
# values.
leverage <- function(fit, call = parent.frame()) {
  rows <- prediction_rows(fit, call = call)
  rows$weights * relative_error_variance(fit, rows, seq_len(nrow(fit$lambda)), blups(fit))
}
