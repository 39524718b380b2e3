# Leaving out single rows, the covariance parameters held at their estimates. With P = V^{-1} -
# V^{-1}X M X'V^{-1} (in units of sigma^2, M = F F'), leaving out row j is the same as giving it a
# mean of its own, e_j'delta, which generalised least squares estimates as delta = e_j'P y / P_jj.
# Hence
#
#   beta^ - beta^_(-j) = M X'V^{-1}e_j delta,      r^2 - r^2_(-j) = P_jj delta^2, |M_(-j)| / |M| = 1
#                                                  + |F'X'V^{-1}e_j|^2 / P_jj
#
# P y = W e for the conditional residuals e, and P_jj = w_j (1 - h_j) with the leverages of
# hatvalues(). Row j of V^{-1}X F is w_j (F'x_j + E'u_j)', the error of beta as it reaches the row's
# prediction (errors_from_beta()). All this for any number of grouping factors.

#' Influence of rows
#'
#' What changes when a single row is left out, in one step: the covariance parameters relative to
#' sigma are held at their estimates.
#'
#' @param model a fit returned by [lmm()] that keeps its rows. (For the influence of groups, with
#'   all parameters estimated again, see [influence.mixest()].)
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details With the covariance parameters held, all four are exact: no fit is repeated.
#'   `as.data.frame(influence(fit, obs = TRUE))` is a table with the columns of
#'   [stats::influence.measures()], see [influence.mixest()].
#' @return One value (or row) for each row of the data, in the names of the rows; padded with `NA`
#'   under `na.exclude`.
#' * `dfbeta()`: matrix, fixed effects with all rows minus those without the row (the sign of
#'   [stats::dfbeta()]);
#' * `dfbetas()`: divided by their standard errors, with sigma estimated without the row;
#' * `cooks.distance()`: \eqn{d' Var(\hat\beta)^{-1} d / p} for a row d of `dfbeta()`, p fixed
#'   effects. It measures what the row does to the fixed effects alone, unlike lme4's distance for
#'   rows, which counts the random effects' share of the leverage too;
#' * `rstudent()`: the conditional residual divided by its standard deviation, sigma estimated
#'   without the row: \eqn{e / (\sigma_{(-j)} \sqrt{(1 - h) / w})}. (`rstandard()` has sigma of all
#'   rows.)
#'
#' Rows of weight 0 have no influence. `NaN` where the row alone determines a parameter.
#' @references Christensen, R., Pearson, L. M. and Johnson, W. (1992). Case-deletion diagnostics for
#' mixed models. *Technometrics* 34, 38-45.
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' sort(cooks.distance(fit), decreasing = TRUE)[1:3]
#' head(dfbetas(fit))
#' @name cooks.distance.mixest
NULL

#' @rdname cooks.distance.mixest
#' @export
dfbeta.mixest <- function(model, ...) {
  check_dots()
  pad_rows(model, shifts_of_beta(row_deletions(model)))
}

#' @rdname cooks.distance.mixest
#' @export
dfbetas.mixest <- function(model, ...) {
  check_dots()
  deletions <- row_deletions(model)
  pad_rows(model, shifts_of_beta(deletions) / outer(deletions$sigma, row_norms(model$beta_factor)))
}

#' @rdname cooks.distance.mixest
#' @export
cooks.distance.mixest <- function(model, ...) {
  check_dots()
  deletions <- row_deletions(model)
  pad_rows(model, deletions$delta^2 * rowSums(deletions$X^2) / (model$sigma^2 * length(model$coefficients)))
}

#' @rdname cooks.distance.mixest
#' @importFrom stats rstudent
#' @export
rstudent.mixest <- function(model, ...) {
  check_dots()
  deletions <- row_deletions(model)
  pad_rows(model, deletions$delta * sqrt(deletions$P) / deletions$sigma)
}

# list of
#   X      n x rank, rows of V^{-1}X F;   delta  n, as above;   P  n, P_jj
#   sigma  n, without the row;            F
row_deletions <- function(fit, call = parent.frame()) {
  rows <- prediction_rows(fit, call = call)
  effects <- seq_len(nrow(fit$lambda))
  predicted <- blups(fit)
  z <- errors_from_beta(fit, rows, effects, predicted)
  free <- 1 - rows$weights * relative_error_variance(fit, rows, effects, predicted, z)
  free[alone_rows(fit, rows$weights, call)] <- NaN
  residual <- as.vector(response(fit, call) - linear_predictor(fit, rows, effects, predicted))
  counts <- rows$weights > 0
  delta <- replace(residual / free, !counts, 0)
  P <- replace(rows$weights * free, !counts, 0)
  nu <- fit$stats$n_obs - if (fit$REML) fit$rank else 0
  lower <- pmax(nu * fit$sigma^2 - P * delta^2, 0) / (nu - 1)
  z[!counts, ] <- 0
  list(
    X = rows$weights * z, delta = delta, P = P, sigma = replace(sqrt(lower), !counts, fit$sigma), F = fit$beta_factor
  )
}

shifts_of_beta <- function(deletions) {
  structure(deletions$delta * tcrossprod(deletions$X, deletions$F), dimnames = list(
    rownames(deletions$X), rownames(deletions$F)
  ))
}

pad_rows <- function(fit, x) stats::naresid(fit$na.action, x)
