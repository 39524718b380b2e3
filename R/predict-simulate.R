#' Simulated responses
#'
#' @param object a fit returned by [lmm()].
#' @param nsim positive whole number: how many responses to simulate. Default 1.
#' @param seed whole number, or `NULL` (default) to go on with the random number generator as it is.
#' @param newdata data frame with the variables of the model, without the response, or `NULL`
#'   (default) for the rows of the fit. Grouping factors may have levels that the fit has not seen,
#'   as many as you like.
#' @param re.form which random effects are kept at their predictions, as in [predict.mixest()]: `NA`
#'   (default) or `~0` none, new ones are drawn in every simulation; `NULL` all; a formula those
#'   that it names, the others are drawn.
#' @param use.u logical, lme4's: `TRUE` means `re.form = NULL`, `FALSE` (default) `re.form = NA`.
#' @param newparams list with any of `beta` (fixed effects), `theta` (covariance parameters as in
#'   `getME(fit, "theta")`) and `sigma`, in place of the estimates. Default `NULL`. Random effects
#'   that are kept are predicted at them.
#' @param allow.new.levels logical: where random effects are kept, may `newdata` have levels that
#'   the fit has not seen, or missing ones? Their effects are drawn. Default `FALSE`: an error that
#'   names them.
#' @param weights precision weights of the rows of `newdata`: a positive number (default 1), a
#'   vector or a one-sided formula. The rows of the fit have their own.
#' @param na.action function that treats rows of `newdata` with missing values: `na.pass` (default)
#'   gives `NA`; `na.omit` leaves them out.
#' @param type character: `"response"` or `"link"`, the same for a linear model.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details With U the columns of the effects that are drawn, the responses have covariance
#'   \eqn{U D U' + \sigma^2 W^{-1}} around \eqn{X \beta} and the effects that are kept. The
#'   parameters are taken as they are: the uncertainty of the estimates is not part of it.
#'
#'   Two simulations with the same seed are the same. The order of the rows decides which number
#'   falls to which row.
#' @return Data frame `sim_1`, `sim_2`, ... with attribute `seed`, as [stats::simulate()]; `NA` in
#'   rows of weight 0, whose variance is infinite, and where the data can't determine the mean.
#' @seealso [simulate_lmm()] for responses without a fit.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' head(simulate(fit, nsim = 2, seed = 1))
#'
#' # twenty new children, a steeper slope
#' children <- expand.grid(age = 8:14, Subject = paste("new", 1:20))
#' y <- simulate(fit, seed = 1, newdata = children, newparams = list(beta = c(17, 1)))$sim_1
#' lmm(y ~ age + (age | Subject), data = cbind(children, y))
#' @importFrom stats simulate
#' @export
simulate.mixest <- function(object, nsim = 1, seed = NULL, newdata = NULL, re.form = NA, use.u = FALSE,
                            newparams = NULL, allow.new.levels = FALSE, weights = 1, na.action = stats::na.pass,
                            type = "response", ...) {
  user <- environment()
  check_dots()
  check_count(nsim)
  check_generator_seed(seed, user)
  check_flag(use.u, "use.u")
  check_flag(allow.new.levels, "allow.new.levels")
  check_choice(type, "type", c("response", "link"))
  fit <- with_parameters(object, newparams, user)
  kept <- kept_effects(fit, re.form, use.u, missing(re.form), user)
  rows <- prediction_rows(fit, newdata, wants_random = TRUE, factors_of(fit, kept), user)
  if (!is.null(newdata) || !missing(weights)) rows$weights <- weights_of_rows(weights, newdata, nrow(rows$X), user)
  if (!allow.new.levels && !is.null(newdata)) {
    for (f in factors_of(fit, kept)) check_known_levels(fit, newdata, rows$codes[, f], f, "draws their effects", user)
  }
  drawn <- drawn_effects(fit, rows, kept, newdata, user)

  state <- use_seed(seed)
  on.exit(state$restore(), add = TRUE)
  mean <- linear_predictor(fit, rows, kept)
  responses <- draw_responses(mean, drawn, fit$lambda, fit$sigma, rows$weights, floor(nsim))
  responses <- pad(fit, newdata, responses, rows, na.action, user)
  structure(as.data.frame(responses), seed = state$seed)
}

check_generator_seed <- function(seed, call) {
  if (is.null(seed) || is_number(seed) && seed == trunc(seed) && abs(seed) <= .Machine$integer.max) return(invisible())
  abort_mixest("input", c(
    "{.arg seed} must be a whole number that {.fn set.seed} takes, or {.code NULL}.",
    x = if (is_number(seed)) "It is {seed}." else "It is {.obj_type_friendly {seed}}."
  ), call)
}

# Columns of U that keep their predictions.
kept_effects <- function(fit, re.form, use.u, by_use.u, call) {
  if (use.u && !by_use.u && !is.null(re.form)) {
    abort_mixest("input", c(
      "{.code use.u = TRUE} means {.code re.form = NULL}: the two can't say different things.",
      x = "{.arg re.form} is {.code {deparse1(re.form)}}.", i = "Leave one of them out."
    ), call)
  }
  chosen_effects(fit, if (use.u) NULL else re.form, call)
}

# What is drawn for each grouping factor: list of
#   U       n x w, its columns
#   columns numbers of them among all
#   codes   n, own numbers of the levels of these rows; a missing level is one of its own
#   known   levels whose effects in `kept`, a logical for each column, are kept
# Nothing is drawn for a factor whose effects are all kept.
drawn_effects <- function(fit, rows, kept, newdata, call) {
  parts <- lapply(seq_along(fit$random$groups), function(f) {
    columns <- factor_columns(fit$random)[[f]]
    known <- columns %in% kept
    if (all(known) && !anyNA(rows$codes[, f])) return(NULL)
    levels <- if (is.null(newdata)) group_codes(fit, NULL, f, call)[, f] else group_labels(fit, newdata, f, call)
    codes <- match(levels, unique(levels))
    alone <- which(is.na(levels))
    codes[alone] <- max(codes, 0L) + seq_along(alone)
    seen <- unique(codes[!is.na(rows$codes[, f])])
    list(U = rows$U[, columns, drop = FALSE], columns = columns, codes = codes, kept = known, known = seen)
  })
  Filter(Negate(is.null), parts)
}

# n x nsim: mean + U gamma + noise of variance sigma^2 / weight.
draw_responses <- function(mean, drawn, lambda, sigma, weights, nsim) {
  noise <- sigma / sqrt(weights)
  noise[weights == 0] <- NA
  responses <- vapply(seq_len(nsim), function(i) {
    total <- mean
    for (part in drawn) total <- total + draw_random_part(part, sigma * lambda)
    total + noise * stats::rnorm(length(mean))
  }, mean)
  matrix(responses, length(mean), nsim, dimnames = list(names(mean), paste0("sim_", seq_len(nsim))))
}

# U gamma of one factor with new gamma ~ N(0, D), without the effects that are kept.
draw_random_part <- function(part, factor) {
  w <- length(part$columns)
  m <- max(part$codes, 0L)
  gamma <- factor[part$columns, part$columns, drop = FALSE] %*% matrix(stats::rnorm(w * m), w, m)
  gamma[part$kept, part$known] <- 0
  rowSums(part$U * t(gamma)[part$codes, , drop = FALSE])
}
