#' Predictions
#'
#' @param object a fit of [lmm()].
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
#'   also nlme's level, a whole number, in place of `re.form`: see [fitted.mixest()].
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
#'   (vector or matrix) and `se.fit`.
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
                           interval = c("none", "confidence", "prediction"), level = 0.95, ...) {
  check_dots()
  choices <- c("none", "confidence", "prediction")
  if (identical(interval, choices)) interval <- "none"
  check_choice(interval, "interval", choices)
  by_level <- is_whole(level) && interval == "none" && is.null(re.form)
  if (!by_level) check_probability(level)
  check_flag(allow.new.levels, "allow.new.levels")
  check_flag(se.fit, "se.fit")
  effects <- if (by_level) effects_of_level(object, level) else chosen_effects(object, re.form)
  factors <- factors_of(object, effects)
  if (interval == "prediction") check_whole_factors(object, effects, factors)

  # A new observation of a new level varies with all random effects, so its interval wants U even
  # when nothing is conditioned on.
  rows <- prediction_rows(object, newdata, wants_random = length(effects) > 0L || interval == "prediction", factors)
  if (!allow.new.levels && !is.null(newdata)) for (f in factors) check_known_levels(object, newdata, rows$codes[, f], f)
  predicted <- if (length(effects)) blups(object)
  mean <- linear_predictor(object, rows, effects, predicted)
  if (!se.fit && interval == "none") return(pad(object, newdata, mean))

  variance <- relative_error_variance(object, rows, effects, predicted)
  result <- mean
  if (interval != "none") {
    spread <- variance
    if (interval == "prediction") spread <- spread + 1 / rows$weights + relative_prior_variance(object, rows, effects)
    half <- stats::qnorm((1 + level) / 2) * object$sigma * sqrt(spread)
    result <- cbind(fit = mean, lwr = mean - half, upr = mean + half)
  }
  result <- pad(object, newdata, result)
  if (se.fit) list(fit = result, se.fit = pad(object, newdata, object$sigma * sqrt(variance))) else result
}

# Predictions for the rows of the fit are padded under na.exclude, those for new data are as given.
pad <- function(fit, newdata, x) if (is.null(newdata)) stats::napredict(fit$na.action, x) else x
