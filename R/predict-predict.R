#' Predictions
#'
#' Answers four questions: the population mean, the mean of a known group, that of a new group, and
#' a new observation of either.
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
#'   `"prediction"` for a new observation: of the same levels, and of new levels of the grouping
#'   factors that are not conditioned on.
#' @param level numeric in (0, 1): probability of the interval. Default 0.95. Without an interval
#'   also nlme's level, a whole number or several, in place of `re.form`: see [fitted.mixest()].
#' @param ddf character: degrees of freedom of the intervals, `"satterthwaite"` (default),
#'   `"kenward-roger"`, `"residual"` or `"none"` (covariance parameters as known, normal
#'   quantiles). See [df_for()] for the methods and Details for what they mean here.
#' @param weights precision weights of the new observations of a prediction interval, and of the
#'   responses that `use_responses` looks at: a positive number (default 1), a vector, or a
#'   one-sided formula in `newdata`. The rows of the fit have their own.
#' @param use_responses logical: shall rows of `newdata` with a response, and with a level of a
#'   grouping factor that the fit has not seen, inform the predictions for that level? Default
#'   `FALSE`: a response in `newdata` is never looked at. For `re.form = NULL` only.
#' @param random.only logical, lme4's: the random effects alone, without fixed effects and offset?
#'   Default `FALSE`.
#' @param newparams list with any of `beta`, `theta` and `sigma` in place of the estimates, see
#'   [simulate.mixest()]. Default `NULL`. Intervals take them as known: normal quantiles.
#' @param na.action function that treats rows of `newdata` with missing values: `na.pass` (default)
#'   gives `NA`; `na.omit` leaves them out; `na.fail` is an error.
#' @param type character: `"response"` or `"link"`, the same for a linear model.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @section Standard errors: `se.fit` is the standard deviation of the prediction error, covariance
#'   parameters as known: with \eqn{x'\hat\beta + u'\hat\gamma} predicting
#'   \eqn{x'\beta + u'\gamma}, \eqn{\gamma} the effects of all levels that the row meets, its square
#'   is the quadratic form of \eqn{(x, u)} in \eqn{\sigma^2 C^{-1}}, C the coefficient matrix of the
#'   mixed model equations (Henderson 1975). A level that the fit has not seen contributes
#'   \eqn{u' D u} of its factor, independent of the rest; for a population prediction it is
#'   \eqn{x' Var(\hat\beta) x}.
#' @section Intervals: The covariance parameters are estimated, which has two consequences.
#'
#'   The variance v of the error, \eqn{\sigma^2 / w} of a new observation included, is an estimate:
#'   quantiles are those of the t distribution with \eqn{2 v^2 / Var(v)} degrees of freedom
#'   (Satterthwaite), Var(v) from the exact information on the covariance parameters and the exact
#'   derivatives of v.
#'
#'   Predicted random effects vary with the covariance parameters at which they are predicted. With
#'   t the gradient of the prediction and B the covariance matrix of the parameters,
#'   \eqn{2 t' B t} is added to v for rows that use predicted effects: once for this variation
#'   (Kackar and Harville 1984; here given the data, so that groups far from the mean get more), and
#'   once because v, too, is on average too small by about as much (Prasad and Rao 1990).
#'
#'   For population predictions nothing is added under `"satterthwaite"`, and the interval is that
#'   of [contest()]; under `"kenward-roger"` the covariance matrix of the fixed effects is
#'   adjusted as there, for a fit by maximum likelihood after another fit by REML.
#'
#'   Left out are terms of higher order, skewness of the estimated variances, and what a boundary
#'   does: a variance estimated as zero counts as known to be zero, so that intervals of conditional
#'   predictions are then too short. With few groups use [bootstrap()] to see how much this is.
#' @section New groups with responses: With `use_responses = TRUE`, the rows of `newdata` that share
#'   levels the fit has not seen are predicted from those among them that have a response, by
#'   conditioning in the normal distribution with \eqn{\hat\beta} and covariance parameters as if
#'   they were known; intervals add the error of \eqn{\hat\beta} and use normal quantiles. Neither
#'   \eqn{\hat\beta} nor the predictions of other levels change: to have these informed, fit again.
#' @section What the data can't determine: A mean outside of the space that the rows of the fit
#'   span (an empty cell of two factors; a new row that breaks the relation by which a column was
#'   dropped; a factor level whose rows all had weight 0) is `NA`, with a warning of class
#'   `mixest_unidentified`, whatever the coding of the factors.
#' @return Numeric vector with the names of the rows, `NA` where a variable is missing. With
#'   `interval`, a matrix with columns `fit`, `lwr`, `upr`. With `se.fit = TRUE`, a list of `fit`
#'   (vector or matrix) and `se.fit`, with an interval also `df`, its degrees of freedom. For
#'   several levels, nlme's data frame: the grouping factors (labels `outer/inner`), then
#'   `predict.fixed`, `predict.<factor>` and so on.
#' @references Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a
#' selection model. *Biometrics* 31, 423-447.
#'
#' Kackar, R. N. and Harville, D. A. (1984). Approximations for standard errors of estimators of
#' fixed and random effects in mixed linear models. *Journal of the American Statistical
#' Association* 79, 853-862.
#'
#' Prasad, N. G. N. and Rao, J. N. K. (1990). The estimation of the mean squared error of small-area
#' estimators. *Journal of the American Statistical Association* 85, 163-171.
#' @examples
#' fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
#' new <- data.frame(age = 16, Sex = "Male", Subject = c("M01", "M02"))
#' predict(fit, new[1, ], re.form = NA, interval = "confidence")  # the population mean
#' predict(fit, new, interval = "confidence")                     # two boys of the data
#' predict(fit, new, interval = "prediction")                     # a new measurement of these
#' predict(fit, new[1, ], re.form = NA, interval = "prediction")  # of another boy
#'
#' # a boy who was measured twice: his distance at 14
#' boy <- data.frame(age = c(8, 10, 14), Sex = "Male", Subject = "new", distance = c(25, 26, NA))
#' predict(fit, boy, use_responses = TRUE, interval = "prediction")[3, ]
#'
#' # nested factors: the block alone, a new variety in a known block
#' oats <- lmm(yield ~ nitro + (1 | Block/Variety), data = nlme::Oats)
#' new <- data.frame(nitro = 0.3, Block = "I", Variety = "New")
#' predict(oats, new, re.form = ~ (1 | Block), interval = "prediction")
#' predict(oats, new, allow.new.levels = TRUE, se.fit = TRUE)
#' @export
predict.mixest <- function(object, newdata = NULL, re.form = NULL, allow.new.levels = FALSE, se.fit = FALSE,
                           interval = c("none", "confidence", "prediction"), level = 0.95, ddf = "satterthwaite",
                           weights = 1, use_responses = FALSE, random.only = FALSE, newparams = NULL,
                           na.action = stats::na.pass, type = "response", ...) {
  user <- environment()
  check_dots()
  choices <- c("none", "confidence", "prediction")
  if (identical(interval, choices)) interval <- "none"
  check_choice(interval, "interval", choices)
  check_choice(type, "type", c("response", "link"))
  check_flag(allow.new.levels, "allow.new.levels")
  check_flag(se.fit, "se.fit")
  check_flag(random.only, "random.only")
  check_flag(use_responses, "use_responses")
  ddf <- if (is.null(newparams)) match_ddf(ddf) else "none"
  by_level <- interval == "none" && is.null(re.form) && !missing(level) && are_levels(level)
  if (!by_level) check_probability(level)
  fit <- with_parameters(if (ddf == "kenward-roger") by_REML(object) else object, newparams, user)
  if (by_level && length(level) > 1L) {
    return(predict_levels(fit, newdata, level, allow.new.levels, random.only, na.action, se.fit, user))
  }
  effects <- if (by_level) effects_of_level(fit, level, user) else chosen_effects(fit, re.form, user)
  factors <- factors_of(fit, effects)
  if (interval == "prediction") check_whole_factors(fit, effects, factors)
  if (use_responses) check_use_of_responses(fit, newdata, effects, random.only, user)

  # A new observation of a new level varies with all random effects, so its interval wants U even
  # when nothing is conditioned on.
  wants_random <- length(effects) > 0L || interval == "prediction"
  rows <- known_rows(fit, newdata, wants_random, factors, allow.new.levels || use_responses, user)
  if (!is.null(newdata) || !missing(weights)) rows$weights <- weights_of_rows(weights, newdata, nrow(rows$X), user)
  if (random.only) rows <- without_fixed(rows)
  predicted <- if (length(effects)) predicted_effects(fit)
  mean <- linear_predictor(fit, rows, effects, predicted)
  finish <- function(x) pad(fit, newdata, x, rows, na.action, user)
  if (!use_responses && !se.fit && interval == "none") return(finish(mean))

  z <- errors_from_beta(fit, rows, effects, predicted)
  variance <- function(effects) relative_error_variance(fit, rows, effects, predicted, z)
  known <- variance(effects)
  informed <- integer()
  if (use_responses) {
    found <- condition_on_responses(fit, newdata, rows, mean, z, user)
    informed <- found$rows
    if (!allow.new.levels) refuse_uninformed(fit, newdata, rows, informed, user)
    mean[informed] <- found$mean
    known[informed] <- rowSums(found$z^2) + found$left_open
    if (!se.fit && interval == "none") return(finish(mean))
  }
  error <- fit$sigma * sqrt(known)
  error[is.na(mean)] <- NA
  if (interval == "none") return(list(fit = finish(mean), se.fit = finish(error)))
  target <- if (interval == "prediction") seq_len(nrow(fit$lambda)) else effects
  noise <- if (interval == "prediction") 1 / rows$weights else numeric(length(mean))
  errors <- interval_errors(fit, rows, target, z, variance(target), noise, ddf)
  errors$variance[informed] <- known[informed] + noise[informed]
  errors$df[informed] <- Inf
  half <- t_quantile((1 + level) / 2, errors$df) * fit$sigma * sqrt(errors$variance)
  result <- finish(cbind(fit = mean, lwr = mean - half, upr = mean + half))
  if (se.fit) list(fit = result, se.fit = finish(error), df = finish(named_by_row(errors$df, rows))) else result
}

# NA where there are no degrees of freedom.
t_quantile <- function(probability, df) suppressWarnings(stats::qt(probability, df))

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
