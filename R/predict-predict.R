#' Predictions
#'
#' @param object a fit returned by [lmm()].
#' @param newdata data frame with the variables of the model, or `NULL` (default) for the rows of
#'   the fit. Factor levels, contrasts, `poly()`, splines and offsets are those of the fit. Without
#'   the response, and without grouping factors whose effects aren't used.
#' @param re.form which random effects to condition on: `NULL` (default) all of them; `NA` or `~0`
#'   none, the population mean; or a formula with some of the fit's terms, for example
#'   `~ (1 | school)`.
#' @param allow.new.levels logical: predict with random effects of zero for levels of a grouping
#'   factor that the fit has not seen, and for missing ones? The effects of the other factors stay.
#'   Default `FALSE`: an error that names them.
#' @param se.fit logical: standard errors too? Default `FALSE`.
#' @param interval character: `"none"` (default), `"confidence"` for the mean that is predicted,
#'   `"prediction"` for a new observation of weight 1 (for the rows of the fit, of the row's
#'   weight): of the same levels, and of new levels of the grouping factors that are not conditioned
#'   on.
#' @param level numeric in (0, 1): probability of the interval. Default 0.95. Without an interval
#'   also nlme's level, a whole number or several, in place of `re.form`: see [fitted.mixest()].
#' @param weights precision weights of the new observations of a prediction interval: a positive
#'   number (default 1), a vector, or a one-sided formula in `newdata`. The rows of the fit have
#'   their own.
#' @param random.only logical, lme4's: the random effects alone, without fixed effects and offset?
#'   Default `FALSE`.
#' @param newparams list with any of `beta`, `theta` and `sigma` in place of the estimates, see
#'   [simulate.mixest()]. Default `NULL`.
#' @param na.action function that treats rows of `newdata` with missing values: `na.pass` (default)
#'   gives `NA`; `na.omit` leaves them out; `na.fail` is an error.
#' @param type character: `"response"` or `"link"`, the same for a linear model.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details The standard error is that of the prediction error: with
#'   \eqn{x'\hat\beta + u'\hat\gamma} predicting \eqn{x'\beta + u'\gamma}, \eqn{\gamma} the effects
#'   of all levels that the row meets, its square is the quadratic form of
#'   \eqn{(x, u)} in \eqn{\sigma^2 C^{-1}}, C the coefficient matrix of the mixed model equations
#'   (Henderson 1975). A level that the fit has not seen contributes
#'   \eqn{u' D u} of its factor, independent of the rest; for a population prediction it is
#'   \eqn{x' Var(\hat\beta) x}. Variance parameters are taken as known, and intervals use
#'   normal quantiles.
#' @return Numeric vector with the names of the rows, `NA` where a variable is missing. With
#'   `interval`, a matrix with columns `fit`, `lwr`, `upr`. With `se.fit = TRUE`, a list of `fit`
#'   (vector or matrix) and `se.fit`. For several levels, nlme's data frame: the grouping factors
#'   (labels `outer/inner`), then `predict.fixed`, `predict.<factor>` and so on.
#' @references Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a
#'   selection model. *Biometrics* 31, 423-447.
#' @examples
#' fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
#' new <- data.frame(age = 16, Sex = "Male", Subject = c("M01", "M02"))
#' predict(fit, new)
#' predict(fit, new, re.form = NA, interval = "confidence")
#'
#' # nested factors: the block alone, a new variety in a known block
#' oats <- lmm(yield ~ nitro + (1 | Block/Variety), data = nlme::Oats)
#' new <- data.frame(nitro = 0.3, Block = "I", Variety = "New")
#' predict(oats, new, re.form = ~ (1 | Block), interval = "prediction")
#' predict(oats, new, allow.new.levels = TRUE, se.fit = TRUE)
#' @export
predict.mixest <- function(object, newdata = NULL, re.form = NULL, allow.new.levels = FALSE, se.fit = FALSE,
                           interval = c("none", "confidence", "prediction"), level = 0.95, weights = 1,
                           random.only = FALSE, newparams = NULL, na.action = stats::na.pass, type = "response", ...) {
  user <- environment()
  check_dots()
  choices <- c("none", "confidence", "prediction")
  if (identical(interval, choices)) interval <- "none"
  check_choice(interval, "interval", choices)
  check_choice(type, "type", c("response", "link"))
  check_flag(allow.new.levels, "allow.new.levels")
  check_flag(se.fit, "se.fit")
  check_flag(random.only, "random.only")
  by_level <- interval == "none" && is.null(re.form) && !missing(level) && are_levels(level)
  if (!by_level) check_probability(level)
  fit <- with_parameters(object, newparams, user)
  if (by_level && length(level) > 1L) {
    return(predict_levels(fit, newdata, level, allow.new.levels, random.only, na.action, se.fit, user))
  }
  effects <- if (by_level) effects_of_level(fit, level, user) else chosen_effects(fit, re.form, user)
  factors <- factors_of(fit, effects)
  if (interval == "prediction") check_whole_factors(fit, effects, factors)

  # A new observation of a new level varies with all random effects, so its interval wants U even
  # when nothing is conditioned on.
  wants_random <- length(effects) > 0L || interval == "prediction"
  rows <- known_rows(fit, newdata, wants_random, factors, allow.new.levels, user)
  if (!is.null(newdata) || !missing(weights)) rows$weights <- weights_of_rows(weights, newdata, nrow(rows$X), user)
  if (random.only) rows <- without_fixed(rows)
  predicted <- if (length(effects)) blups(fit)
  mean <- linear_predictor(fit, rows, effects, predicted)
  finish <- function(x) pad(fit, newdata, x, rows, na.action, user)
  if (!se.fit && interval == "none") return(finish(mean))

  variance <- relative_error_variance(fit, rows, effects, predicted)
  result <- mean
  if (interval != "none") {
    spread <- variance
    if (interval == "prediction") spread <- spread + 1 / rows$weights + relative_prior_variance(fit, rows, effects)
    half <- stats::qnorm((1 + level) / 2) * fit$sigma * sqrt(spread)
    result <- cbind(fit = mean, lwr = mean - half, upr = mean + half)
  }
  if (se.fit) list(fit = finish(result), se.fit = finish(fit$sigma * sqrt(variance))) else finish(result)
}

# Whole numbers are nlme's levels of grouping, one between 0 and 1 is a probability.
are_levels <- function(level) is.numeric(level) && length(level) > 0L && !anyNA(level) && all(level == trunc(level))

# The random part alone.
without_fixed <- function(rows) {
  rows$X[!is.na(rows$X)] <- 0
  rows$offset[!is.na(rows$offset)] <- 0
  rows
}

# Data frame of the grouping factors and predict.fixed, predict.<factor>, .., as nlme has it.
predict_levels <- function(fit, newdata, level, allow.new.levels, random.only, na.action, se.fit, call) {
  if (se.fit) {
    abort_mixest("input", c(
      "Standard errors can be given for one {.arg level} at a time.", x = "It is {.code {deparse1(level)}}."
    ), call)
  }
  levels <- levels_of_grouping(fit, level, call)
  factors <- factors_of(fit, unlist(levels))
  rows <- known_rows(fit, newdata, wants_random = TRUE, factors, allow.new.levels, call)
  if (random.only) rows <- without_fixed(rows)
  means <- lapply(levels, function(effects) linear_predictor(fit, rows, effects))
  names(means) <- paste0("predict.", names(levels))
  groups <- if (length(factors)) group_frame(fit, newdata, call)[seq_along(factors)]
  table <- do.call(data.frame, c(groups, means, list(row.names = rownames(rows$X), check.names = FALSE)))
  pad(fit, newdata, table, rows, na.action, call)
}
