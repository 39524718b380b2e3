#' Fitted values, residuals and simulated responses
#'
#' @param object,model a fit of [lmm()] that keeps its rows.
#' @param level integer, nlme's: 1 (default) conditional on the random effects, 0 the population.
#' @param type character: `"response"` (default) \eqn{y - \hat y}; `"pearson"`, multiplied by the square root of the precision weight;
#'   `"normalized"`, also divided by sigma.
#' @param scaled logical, lme4's: divide by sigma? Default `FALSE`.
#' @param nsim integer: number of responses to simulate. Default 1.
#' @param seed integer, or `NULL` (default) to go on with the random number generator as it is.
#' @param re.form as in [predict.mixest()]. `NA` (default) or `~0`: new random effects are drawn in every simulation; `NULL`: the predicted random effects are kept.
#' @param ... not used.
#' @return `fitted()`, `residuals()`: numeric vectors, one element for each row (rows of weight 0 too), padded with `NA` under `na.exclude`. `hatvalues()`: the
#'   diagonal of the matrix that maps the response to the conditional fitted values, theta known. `rstandard()`: conditional
#'   residuals divided by their standard deviation \eqn{\sigma \sqrt{(1 - h) / w}}. `simulate()`: data frame `sim_1`, `sim_2`, ... with attribute `seed`, as
#'   [stats::simulate()]; `NA` in rows of weight 0, whose variance is infinite.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' head(cbind(fitted(fit), fitted(fit, level = 0), residuals(fit)))
#' head(simulate(fit, nsim = 2, seed = 1))
#' @name fitted
NULL

#' @rdname fitted
#' @export
fitted.mixest <- function(object, level = 1, ...) {
  effects <- chosen_effects(object, re_form_of_level(level))
  rows <- prediction_rows(object, NULL, wants_random = length(effects) > 0L)
  stats::napredict(object$na.action, linear_predictor(object, rows, effects))
}

# nlme's level as lme4's re.form.
re_form_of_level <- function(level, call = parent.frame()) {
  if (is.numeric(level) && length(level) == 1L && level %in% 0:1) return(if (level == 1) NULL else NA)
  abort_mixest("input", c(
    "{.arg level} must be 1 (conditional on the random effects) or 0 (population).",
    x = "It is {.obj_type_friendly {level}}."
  ), call)
}

#' @rdname fitted
#' @export
residuals.mixest <- function(object, type = "response", level = 1, scaled = FALSE, ...) {
  check_choice(type, "type", c("response", "pearson", "normalized"))
  rows <- prediction_rows(object, NULL, wants_random = TRUE)
  effects <- chosen_effects(object, re_form_of_level(level))
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

# The prediction error variance of a conditional mean is sigma^2 times the row's diagonal of T C^{-1} T', T = [X U], and with weights
# T C^{-1} T'W is the matrix that maps y to the fitted values.
leverage <- function(fit, call = parent.frame()) {
  rows <- prediction_rows(fit, NULL, wants_random = TRUE, call = call)
  unit <- fit
  unit$sigma <- 1
  rows$weights * prediction_variance(unit, rows, seq_len(nrow(fit$lambda)))
}

#' @rdname fitted
#' @export
simulate.mixest <- function(object, nsim = 1, seed = NULL, re.form = NA, ...) {
  state <- use_seed(seed)
  on.exit(state$restore(), add = TRUE)
  effects <- chosen_effects(object, re.form)
  rows <- prediction_rows(object, NULL, wants_random = TRUE)
  mean <- linear_predictor(object, rows, effects)
  noise <- object$sigma / sqrt(rows$weights)
  noise[rows$weights == 0] <- NA
  responses <- lapply(seq_len(nsim), function(i) {
    drawn <- if (length(effects)) 0 else draw_random_part(object, rows)
    stats::napredict(object$na.action, mean + drawn + noise * stats::rnorm(length(mean)))
  })
  names(responses) <- paste0("sim_", seq_len(nsim))
  structure(data.frame(responses, row.names = names(responses[[1L]]), check.names = FALSE), seed = state$seed)
}

# U gamma with new gamma_i ~ N(0, D).
draw_random_part <- function(fit, rows) {
  q <- nrow(fit$lambda)
  m <- length(fit$random$groups[[1L]])
  gamma <- fit$sigma * fit$lambda %*% matrix(stats::rnorm(q * m), q, m)
  rowSums(rows$U * t(gamma)[rows$codes, , drop = FALSE])
}

# As stats::simulate() promises: `seed` NULL records the generator's state; a number is set and the old state comes back on exit.
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
