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
#' @param ... not used.
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

is_whole <- function(level) is.numeric(level) && length(level) == 1L && !is.na(level) && level == trunc(level)

# Numbers of the grouping factors whose effects are among the columns `effects` of U.
factors_of <- function(fit, effects) {
  which(vapply(factor_columns(fit$random), function(columns) any(columns %in% effects), NA))
}

check_whole_factors <- function(fit, effects, factors, call = parent.frame()) {
  if (all(unlist(factor_columns(fit$random)[factors]) %in% effects)) return(invisible())
  abort_mixest("input", c(
    "Prediction intervals can't be given for some of the random effects of a grouping factor only.",
    i = "Use {.code re.form = NULL}, {.code re.form = NA} or a formula with all terms of a factor."
  ), call)
}

check_flag <- function(flag, argument, call = parent.frame()) {
  if (isTRUE(flag) || isFALSE(flag)) return(invisible())
  abort_mixest(
    "input", c("{.arg {argument}} must be `TRUE` or `FALSE`.", x = "It is {.obj_type_friendly {flag}}."), call
  )
}

check_probability <- function(level, argument = "level", call = parent.frame()) {
  if (is.numeric(level) && length(level) == 1L && !is.na(level) && level > 0 && level < 1) return(invisible())
  abort_mixest("input", c(
    "{.arg {argument}} must be one number between 0 and 1.",
    x = "It is {.obj_type_friendly {level}}."
  ), call)
}

# Columns of U to condition on.
chosen_effects <- function(fit, re.form, call = parent.frame()) {
  if (is.null(re.form)) return(seq_len(nrow(fit$lambda)))
  if (is.atomic(re.form) && length(re.form) == 1L && is.na(re.form)) return(integer())
  if (!inherits(re.form, "formula")) {
    abort_mixest("input", c(
      "{.arg re.form} must be `NULL`, `NA` or a formula.",
      x = "It is {.obj_type_friendly {re.form}}."
    ), call)
  }
  parts <- split_random(re.form[[length(re.form)]], environment(re.form), call)
  if (!length(parts$random) && length(all.vars(re.form))) {
    abort_mixest("input", c(
      "{.arg re.form} must contain random-effects terms, or be {.code ~0}.",
      x = "It is {.code {deparse1(re.form)}}."
    ), call)
  }
  bars <- unlist(lapply(parts$random, parse_random_term, env = environment(re.form), call = call), recursive = FALSE)
  sort(unique(as.integer(unlist(lapply(bars, bar_columns, fit = fit, call = call)))))
}

# Columns of U of one term of `re.form`, as of parse_random_term(): a term of the fit, or some
# effects of a grouping factor.
bar_columns <- function(term, fit, call) {
  bar <- term$bar
  for (own in fit$random$terms) if (identical(deparse1(bar), deparse1(own$bar))) return(own$columns)
  same <- vapply(fit$random$terms, function(own) own$group == term$group || setequal(own$variables, term$variables), NA)
  own <- unlist(lapply(fit$random$terms[same], `[[`, "columns"))
  wanted <- c(if (attr(term$terms, "intercept")) "(Intercept)", attr(term$terms, "term.labels"))
  at <- match(wanted, column_names(fit)[own])
  if (length(at) && !anyNA(at)) return(own[at])
  terms <- vapply(fit$random$terms, function(term) deparse1(term$bar), "")
  abort_mixest("input", c(
    "Every term of {.arg re.form} must be in the fit.",
    x = "Can't find {.code ({deparse1(bar)})}.",
    i = "The fit has {.code {paste0('(', terms, ')')}}."
  ), call)
}

# list(X, U, codes, offset, weights): the rows to predict; U is NULL where not wanted, codes are
# looked up for the grouping factors `factors` only.
prediction_rows <- function(fit, newdata = NULL, wants_random = TRUE, factors = seq_along(fit$random$groups),
                            call = parent.frame()) {
  X <- fixed_matrix(fit, newdata, call)
  list(
    X = X,
    U = if (wants_random) random_matrix(fit, newdata, call),
    codes = group_codes(fit, newdata, factors, call),
    offset = model_offset(fit, newdata, call),
    weights = if (is.null(newdata)) prior_weights(fit, call) else rep(1, nrow(X))
  )
}

check_known_levels <- function(fit, newdata, codes, factor, call = parent.frame()) {
  if (!anyNA(codes)) return(invisible())
  group <- names(fit$random$groups)[[factor]]
  labels <- group_labels(fit, newdata, factor, call)
  missing <- which(is.na(labels))
  unknown <- unique(labels[is.na(codes) & !is.na(labels)])
  abort_mixest("input", c(
    "Every level of {.var {group}} in {.arg newdata} must be one that the fit has seen.",
    x = if (length(unknown)) "It has not seen {list_offenders(paste0('\"', unknown, '\"'))}.",
    x = if (length(missing)) "{cli::qty(length(missing))}Missing in row{?s} {list_offenders(missing)}.",
    i = "{.code allow.new.levels = TRUE} predicts them with random effects of zero."
  ), call)
}

# X beta + offset + U gamma over the chosen columns of U; unknown levels have gamma = 0.
linear_predictor <- function(fit, rows, effects, predicted = if (length(effects)) blups(fit)) {
  mean <- drop(rows$X %*% fit$coefficients) + rows$offset
  names(mean) <- rownames(rows$X)
  columns <- factor_columns(fit$random)
  for (f in factors_of(fit, effects)) {
    chosen <- columns[[f]] %in% effects
    gamma <- t(predicted$gamma[[f]][chosen, , drop = FALSE])
    own <- rowSums(rows$U[, columns[[f]][chosen], drop = FALSE] * gamma[rows$codes[, f], , drop = FALSE])
    own[is.na(rows$codes[, f])] <- 0
    mean <- mean + own
  }
  mean
}

# Variance of the prediction error of linear_predictor() in units of sigma^2, one for each row.
#
# With Var(beta) = sigma^2 F F', gamma - gamma_hat is the sum of two independent parts: what y
# leaves open when beta is known, and the error of beta, which moves gamma_hat by (d gamma_hat / d
# beta') F = E (blups()). With u the columns of U that are conditioned on, over all factors that the
# row meets,
#     var / sigma^2 = |F'x + E'u|^2 + u' Var(gamma | y) u / sigma^2.
relative_error_variance <- function(fit, rows, effects, predicted) {
  from_beta <- errors_from_beta(fit, rows, effects, predicted)
  if (!length(effects)) return(named_by_row(rowSums(from_beta^2), rows))
  U <- matrix(0, nrow(rows$X), nrow(fit$lambda))
  U[, effects] <- rows$U[, effects]
  left_open <- cpp_conditional_variance(fit$stats, fit$random$terms, fit$REML, fit$lambda, U, rows$codes)
  named_by_row(rowSums(from_beta^2) + left_open, rows)
}

# Rows F'x + E'u, n x rank.
errors_from_beta <- function(fit, rows, effects, predicted) {
  from_beta <- rows$X %*% fit$beta_factor
  columns <- factor_columns(fit$random)
  for (f in factors_of(fit, effects)) {
    chosen <- columns[[f]] %in% effects
    known <- which(!is.na(rows$codes[, f]))
    own <- rows$U[known, columns[[f]][chosen], drop = FALSE]
    for (j in seq_len(ncol(from_beta))) {
      moved <- t(matrix(predicted$carried[[f]][chosen, j, ], ncol(own)))
      from_beta[known, j] <- from_beta[known, j] + rowSums(own * moved[rows$codes[known, f], , drop = FALSE])
    }
  }
  from_beta
}

named_by_row <- function(x, rows) stats::setNames(x, rownames(rows$X))

# u' D u / sigma^2 over the columns of U that are not conditioned on: effects of levels yet to be
# drawn.
relative_prior_variance <- function(fit, rows, effects) {
  rows$U[, effects] <- 0
  rowSums((rows$U %*% fit$lambda)^2)
}

# Predictions for the rows of the fit are padded under na.exclude, those for new data are as given.
pad <- function(fit, newdata, x) if (is.null(newdata)) stats::napredict(fit$na.action, x) else x
