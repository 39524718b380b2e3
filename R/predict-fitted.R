#' Fitted values and residuals
#'
#' @param object,model a fit returned by [lmm()] that keeps its rows.
#' @param level whole number, nlme's: 0 for the population; with grouping factors that are nested, 1
#'   conditional on the random effects of the outermost one, 2 on those of the next too, and so on.
#'   Default `NULL`: the innermost level, conditional on all random effects. Several numbers
#'   (`level = 0:1`) give one column for each. Crossed factors have no order: for them 0 and the
#'   number of factors (all of them) can be used; for intermediate levels use the `re.form` of
#'   [predict.mixest()].
#' @param type character, the beginning of the name suffices:
#' * `"response"` (default) and `"working"`: \eqn{e = y - \hat y}, in units of the response;
#' * `"pearson"` and `"deviance"`, as in lme4: \eqn{e \sqrt{w}}, w the precision weight;
#' * `"normalized"`: multiplied by the inverse root of the covariance matrix that the model gives
#'   them. Conditional on all random effects that is \eqn{e \sqrt{w} / \sigma}. At an outer `level`
#'   the rows are correlated, and \eqn{V^{-1/2} e} is returned, \eqn{V^{-1/2}} the symmetric root
#'   and V the covariance matrix of what is not conditioned on: under the model these have variance
#'   1 and no correlation, up to the error of \eqn{\hat\beta}.
#' @param scaled logical, lme4's: divide by sigma? Default `FALSE`. Normalized residuals are scaled
#'   already.
#' @param fullHatMatrix logical, lme4's: the whole n x n matrix instead of its diagonal? Default
#'   `FALSE`.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details A normalized residual at `level = 0` costs work with the cube of the number of random
#'   effects of one group (with crossed factors: of all effects together).
#' @return `fitted()`, `residuals()`: numeric vectors, one element for each row (rows of weight 0
#'   too), padded with `NA` under `na.exclude`; for several levels a matrix with nlme's column names
#'   (`"fixed"` and the grouping factors). `hatvalues()`: the diagonal of the matrix that maps the
#'   response (less any offset) to the conditional fitted values, theta known, or this matrix.
#'   `rstandard()`: conditional residuals divided by their standard deviation
#'   \eqn{\sigma \sqrt{(1 - h) / w}}.
#' @seealso [rstudent.mixest()] for residuals divided by a sigma from the other rows,
#'   [predict.mixest()] for new data.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' head(fitted(fit, level = 0:1))
#' head(cbind(residuals(fit), residuals(fit, type = "normalized", level = 0)))
#' @name fitted
NULL

#' @rdname fitted
#' @export
fitted.mixest <- function(object, level = NULL, ...) {
  check_dots()
  mean <- at_levels(object, level, prediction_rows(object), function(mean, effects) mean, environment())
  stats::napredict(object$na.action, mean)
}

#' @rdname fitted
#' @export
residuals.mixest <- function(object, type = "response", level = NULL, scaled = FALSE, ...) {
  check_dots()
  type <- match_residual_type(type)
  check_flag(scaled, "scaled")
  rows <- prediction_rows(object)
  y <- response(object)
  residual <- at_levels(object, level, rows, function(mean, effects) {
    residual <- y - mean
    if (type %in% c("response", "working")) return(if (scaled) residual / object$sigma else residual)
    residual <- residual * sqrt(rows$weights)
    if (type == "normalized") residual <- whiten(object, rows, residual, effects)
    if (type == "normalized" || scaled) residual / object$sigma else residual
  }, environment())
  stats::naresid(object$na.action, residual)
}

match_residual_type <- function(type, call = parent.frame()) {
  choices <- c("response", "pearson", "normalized", "deviance", "working")
  full <- if (is.character(type) && length(type) == 1L && !is.na(type)) choices[pmatch(type, choices)] else NA
  if (is.na(full)) check_choice(type, "type", choices, call) else full
}

# value(linear predictor, effects) at one level, a vector, or at several, a matrix.
at_levels <- function(fit, level, rows, value, call) {
  one <- function(effects) value(linear_predictor(fit, rows, effects), effects)
  if (length(level) < 2L) return(one(effects_of_level(fit, level, call)))
  columns <- lapply(levels_of_grouping(fit, level, call), one)
  matrix(unlist(columns), ncol = length(columns), dimnames = list(rownames(rows$X), names(columns)))
}

#' @rdname fitted
#' @importFrom stats hatvalues
#' @export
hatvalues.mixest <- function(model, fullHatMatrix = FALSE, ...) {
  check_dots()
  check_flag(fullHatMatrix, "fullHatMatrix")
  if (fullHatMatrix) hat_matrix(model) else stats::naresid(model$na.action, leverage(model))
}

#' @rdname fitted
#' @export
rstandard.mixest <- function(model, ...) {
  check_dots()
  residual <- residuals(model, type = "normalized")
  h <- hatvalues(model)
  residual / sqrt(replace(1 - h, h %in% 1, NaN))
}

# The prediction error variance of a conditional mean is sigma^2 times the row's diagonal of T
# C^{-1} T', T = [X U], and with weights T C^{-1} T'W is the matrix that maps y to the fitted
# values. A row that alone determines a fixed effect is fitted exactly: 1.
leverage <- function(fit, call = parent.frame()) {
  rows <- prediction_rows(fit, call = call)
  variance <- relative_error_variance(fit, rows, seq_len(nrow(fit$lambda)), blups(fit))
  h <- pmin(rows$weights * variance, 1)
  h[rows$weights == 0] <- 0
  h[alone_rows(fit, rows$weights, call)] <- 1
  h
}

# With rows times the square roots of their weights, A = W^{1/2} U Lambda and V = I + A A',
#
#   beta^ = K W^{1/2} y,   K = M X'W^{1/2} V^{-1}, gamma^ = Lambda (I + A'A)^{-1} A' (I - W^{1/2} X
#                          K) W^{1/2} y
hat_matrix <- function(fit, call = parent.frame()) {
  X <- fixed_matrix(fit, call = call)
  UL <- sparse_random_matrix(fit) %*% sparse_factor(fit)
  root <- sqrt(prior_weights(fit, call))
  A <- root * UL
  shrink <- function(x) Matrix::solve(Matrix::crossprod(A) + Matrix::Diagonal(ncol(A)), Matrix::crossprod(A, x))
  XV <- root * X - A %*% shrink(root * X)
  K <- tcrossprod(fit$beta_factor) %*% t(as.matrix(XV))
  left <- diag(root, length(root)) - (root * X) %*% K %*% diag(root, length(root))
  H <- X %*% K %*% diag(root, length(root)) + as.matrix(UL %*% shrink(left))
  dimnames(H) <- list(rownames(X), rownames(X))
  H
}
