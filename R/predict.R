#' Predictions
#'
#' @param object a fit of [lmm()].
#' @param newdata data frame with the variables of the model, or `NULL` (default) for the rows of the fit. Factor levels, contrasts, `poly()`,
#'   splines and offsets are those of the fit. Without the response, and for population predictions without the grouping factor too.
#' @param re.form which random effects to condition on: `NULL` (default) all of them; `NA` or `~0` none, the population mean; or a
#'   formula with some of the fit's terms, for example `~ (1 | school)`.
#' @param allow.new.levels logical: predict with random effects of zero for levels of the grouping factor that the fit has not seen, and for
#'   missing ones? Default `FALSE`: an error that names them.
#' @param se.fit logical: standard errors too? Default `FALSE`.
#' @param interval character: `"none"` (default), `"confidence"` for the mean that is predicted, `"prediction"` for a new observation of
#'   weight 1 (for the rows of the fit, of the row's weight): of the same level, or for population predictions of a new level.
#' @param level numeric in (0, 1): probability of the interval. Default 0.95.
#' @param ... not used.
#' @details The standard error is that of the prediction error: with \eqn{x'\hat\beta + u'\hat\gamma_i} predicting \eqn{x'\beta + u'\gamma_i}, its square is the quadratic form of
#'   \eqn{(x, u)} in \eqn{\sigma^2 C^{-1}}, C the coefficient matrix of the mixed model equations (Henderson 1975). For a level that the fit has not seen it is
#'   \eqn{x' Var(\hat\beta) x + u' D u}, for a population prediction \eqn{x' Var(\hat\beta) x}. Variance parameters are taken as known, and intervals use normal quantiles.
#' @return Numeric vector with the names of the rows, `NA` where a variable is missing. With `interval`, a matrix with columns `fit`, `lwr`, `upr`. With
#'   `se.fit = TRUE`, a list of `fit` (vector or matrix) and `se.fit`.
#' @references Henderson, C. R. (1975). Best linear unbiased estimation and prediction under a selection model. *Biometrics* 31, 423-447.
#' @examples
#' fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
#' new <- data.frame(age = 16, Sex = "Male", Subject = c("M01", "M02"))
#' predict(fit, new)
#' predict(fit, new, re.form = NA, interval = "confidence")
#' @export
predict.mixest <- function(object, newdata = NULL, re.form = NULL, allow.new.levels = FALSE, se.fit = FALSE,
                           interval = c("none", "confidence", "prediction"), level = 0.95, ...) {
  choices <- c("none", "confidence", "prediction")
  if (identical(interval, choices)) interval <- "none"
  check_choice(interval, "interval", choices)
  check_probability(level)
  check_flag(allow.new.levels, "allow.new.levels")
  check_flag(se.fit, "se.fit")
  effects <- chosen_effects(object, re.form)
  if (interval == "prediction" && length(effects) && length(effects) < nrow(object$lambda)) {
    abort_mixest("input", c(
      "Prediction intervals can't be given for some of the random effects only.",
      i = "Use {.code re.form = NULL} or {.code re.form = NA}."
    ), environment())
  }

  # A new observation of a new level varies with all random effects, so its interval wants U even when nothing is conditioned on.
  wants_random <- length(effects) > 0L || interval == "prediction"
  rows <- prediction_rows(object, newdata, wants_random, needs_group = length(effects) > 0L)
  if (length(effects) && !allow.new.levels) check_known_levels(object, newdata, rows$codes)
  mean <- linear_predictor(object, rows, effects)
  if (!se.fit && interval == "none") return(pad(object, newdata, mean))

  variance <- prediction_variance(object, rows, effects)
  result <- mean
  if (interval != "none") {
    spread <- variance
    if (interval == "prediction") spread <- spread + new_observation_variance(object, rows, effects)
    half <- stats::qnorm((1 + level) / 2) * sqrt(spread)
    result <- cbind(fit = mean, lwr = mean - half, upr = mean + half)
  }
  result <- pad(object, newdata, result)
  if (se.fit) list(fit = result, se.fit = pad(object, newdata, sqrt(variance))) else result
}

check_flag <- function(flag, argument, call = parent.frame()) {
  if (isTRUE(flag) || isFALSE(flag)) return(invisible())
  abort_mixest("input", c("{.arg {argument}} must be `TRUE` or `FALSE`.", x = "It is {.obj_type_friendly {flag}}."), call)
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
  bars <- reformulas::findbars(re.form)
  if (!length(bars) && length(all.vars(re.form))) {
    abort_mixest("input", c(
      "{.arg re.form} must contain random-effects terms, or be {.code ~0}.",
      x = "It is {.code {deparse1(re.form)}}."
    ), call)
  }
  sort(unique(as.integer(unlist(lapply(bars, bar_columns, fit = fit, call = call)))))
}

# Columns of U of one bar of `re.form`: a term of the fit, or some effects of one.
bar_columns <- function(bar, fit, call) {
  group <- deparse1(bar[[3L]])
  left <- stats::terms(stats::as.formula(call("~", bar[[2L]])))
  wanted <- c(if (attr(left, "intercept")) "(Intercept)", attr(left, "term.labels"))
  for (term in fit$random$terms) {
    if (identical(deparse1(bar), deparse1(term$bar))) return(term$columns)
    if (identical(group, deparse1(term$bar[[3L]])) && length(wanted) && all(wanted %in% term$names)) {
      return(term$columns[match(wanted, term$names)])
    }
  }
  terms <- vapply(fit$random$terms, function(term) deparse1(term$bar), "")
  abort_mixest("input", c(
    "Every term of {.arg re.form} must be in the fit.",
    x = "Can't find {.code ({deparse1(bar)})}.",
    i = "The fit has {.code {paste0('(', terms, ')')}}."
  ), call)
}

# list(X, U, codes, offset, weights): the rows to predict; U and codes are NULL where not wanted.
prediction_rows <- function(fit, newdata, wants_random, needs_group = wants_random, call = parent.frame()) {
  X <- fixed_matrix(fit, newdata, call)
  list(
    X = X,
    U = if (wants_random) random_matrix(fit, newdata, call),
    codes = if (needs_group) group_codes(fit, newdata, call),
    offset = model_offset(fit, newdata, call),
    weights = if (is.null(newdata)) prior_weights(fit, call) else rep(1, nrow(X))
  )
}

check_known_levels <- function(fit, newdata, codes, call = parent.frame()) {
  if (!anyNA(codes)) return(invisible())
  group <- names(fit$random$groups)
  labels <- group_labels(fit, newdata, call)
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
linear_predictor <- function(fit, rows, effects) {
  mean <- drop(rows$X %*% fit$coefficients) + rows$offset
  names(mean) <- rownames(rows$X)
  if (!length(effects)) return(mean)
  gamma <- t(blups(fit)$gamma[effects, , drop = FALSE])
  own <- rowSums(rows$U[, effects, drop = FALSE] * gamma[rows$codes, , drop = FALSE])
  own[is.na(rows$codes)] <- 0
  mean + own
}

# Variance of the prediction error of linear_predictor(), one for each row.
#
# With F F' = Var(beta)/sigma^2 and M_i M_i' = Var(gamma_i | y)/sigma^2, gamma_i - gamma_hat_i is the sum of two independent parts: what y leaves
# open when beta is known, and the error of beta, which moves gamma_hat_i by E_i = (d gamma_hat_i / d beta') sigma F (carried_errors()). Hence
#     var = |sigma F'x + E_i'u|^2 + sigma^2 |M_i'u|^2,   for an unknown level  |sigma F'x|^2 + u'D u.
prediction_variance <- function(fit, rows, effects) {
  from_beta <- rows$X %*% (fit$sigma * fit$beta_factor)
  if (!length(effects)) return(row_squares(from_beta, rows))
  U <- matrix(0, nrow(rows$X), nrow(fit$lambda))
  U[, effects] <- rows$U[, effects]
  known <- !is.na(rows$codes)
  codes <- rows$codes[known]

  predicted <- blups(fit)
  carried <- carried_errors(fit, predicted)
  for (j in seq_len(ncol(from_beta))) {
    moved <- t(matrix(carried[, j, ], nrow(fit$lambda)))
    from_beta[known, j] <- from_beta[known, j] + rowSums(U[known, , drop = FALSE] * moved[codes, , drop = FALSE])
  }
  M <- fit$sigma * predicted$cond_factor
  left_open <- matrix(0, nrow(U), ncol(U))
  for (j in seq_len(ncol(U))) {
    column <- t(matrix(M[, j, ], nrow(fit$lambda)))
    left_open[known, j] <- rowSums(U[known, , drop = FALSE] * column[codes, , drop = FALSE])
  }
  left_open[!known, ] <- U[!known, , drop = FALSE] %*% (fit$sigma * fit$lambda)
  row_squares(cbind(from_beta, left_open), rows)
}

row_squares <- function(x, rows) stats::setNames(rowSums(x^2), rownames(rows$X))

# Variance of an observation around the mean that is predicted.
new_observation_variance <- function(fit, rows, effects) {
  residual <- fit$sigma^2 / rows$weights
  if (length(effects)) residual else residual + rowSums((rows$U %*% (fit$sigma * fit$lambda))^2)
}

# Predictions for the rows of the fit are padded under na.exclude, those for new data are as given.
pad <- function(fit, newdata, x) if (is.null(newdata)) stats::napredict(fit$na.action, x) else x
