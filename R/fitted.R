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
#' @param ... not used.
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
  effects <- effects_of_level(object, level)
  rows <- prediction_rows(object, wants_random = length(effects) > 0L, factors = factors_of(object, effects))
  stats::napredict(object$na.action, linear_predictor(object, rows, effects))
}

# Columns of U that nlme's level conditions on.
effects_of_level <- function(fit, level, call = parent.frame()) {
  n_factors <- length(fit$random$groups)
  if (is.null(level)) level <- n_factors
  if (!is_whole(level) || level < 0 || level > n_factors) {
    abort_mixest("input", c(
      "{.arg level} must be a whole number from 0 (population) to {n_factors} (conditional on all random effects).",
      x = if (is_whole(level)) "It is {level}." else "It is {.obj_type_friendly {level}}."
    ), call)
  }
  outermost_first <- fit$random$nested
  if (level == n_factors) outermost_first <- seq_len(n_factors)
  if (level > 0 && is.null(outermost_first)) {
    abort_mixest("input", c(
      "{.arg level} can be 0 or {n_factors} only: the grouping factors are not nested in each other.",
      x = "It is {level}; the factors are {.code {names(fit$random$groups)}}.",
      i = "Use {.fn predict} with {.arg re.form}, such as {.code ~ (1 | {names(fit$random$groups)[[1L]]})}."
    ), call)
  }
  unlist(factor_columns(fit$random)[outermost_first[seq_len(level)]], use.names = FALSE)
}

#' @rdname fitted
#' @export
residuals.mixest <- function(object, type = "response", level = NULL, scaled = FALSE, ...) {
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
hatvalues.mixest <- function(model, ...) stats::naresid(model$na.action, leverage(model))

#' @rdname fitted
#' @export
rstandard.mixest <- function(model, ...) {
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

#' @rdname fitted
#' @export
simulate.mixest <- function(object, nsim = 1, seed = NULL, re.form = NA, ...) {
  state <- use_seed(seed)
  on.exit(state$restore(), add = TRUE)
  effects <- chosen_effects(object, re.form)
  rows <- prediction_rows(object)
  mean <- linear_predictor(object, rows, effects)
  noise <- object$sigma / sqrt(rows$weights)
  noise[rows$weights == 0] <- NA
  responses <- lapply(seq_len(nsim), function(i) {
    drawn <- draw_random_part(object, rows, effects)
    stats::napredict(object$na.action, mean + drawn + noise * stats::rnorm(length(mean)))
  })
  names(responses) <- paste0("sim_", seq_len(nsim))
  structure(data.frame(responses, row.names = names(responses[[1L]]), check.names = FALSE), seed = state$seed)
}

# U gamma with new gamma ~ N(0, D), without the columns `kept`. Nothing is drawn for a factor whose
# effects are all kept.
draw_random_part <- function(fit, rows, kept) {
  total <- 0
  for (f in seq_along(fit$random$groups)) {
    columns <- factor_columns(fit$random)[[f]]
    if (all(columns %in% kept)) next
    m <- length(fit$random$groups[[f]])
    gamma <- fit$sigma * fit$lambda[columns, columns, drop = FALSE] %*% matrix(
      stats::rnorm(length(columns) * m), length(columns), m
    )
    gamma[columns %in% kept, ] <- 0
    total <- total + rowSums(rows$U[, columns, drop = FALSE] * t(gamma)[rows$codes[, f], , drop = FALSE])
  }
  total
}

# As stats::simulate() promises: `seed` NULL records the generator's state; a number is set and the
# old state comes back on exit.
use_seed <- function(seed) {
  global <- globalenv()
  if (!exists(".Random.seed", envir = global, inherits = FALSE)) stats::runif(1)
  before <- get(".Random.seed", envir = global)
  if (is.null(seed)) return(list(seed = before, restore = function() invisible()))
  set.seed(seed)
  list(
    seed = structure(seed, kind = as.list(RNGkind())),
    restore = function() assign(".Random.seed", before, envir = global)
  )
}
