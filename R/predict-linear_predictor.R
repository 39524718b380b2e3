check_whole_factors <- function(fit, effects, factors, call = parent.frame()) {
  if (all(unlist(factor_columns(fit$random)[factors]) %in% effects)) return(invisible())
  abort_mixest("input", c(
    "Prediction intervals can't be given for some of the random effects of a grouping factor only.",
    i = "Use {.code re.form = NULL}, {.code re.form = NA} or a formula with all terms of a factor."
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
  expr <- re.form[[length(re.form)]]
  if (is_bar(expr)) expr <- call("(", expr)
  parts <- split_random(expr, environment(re.form), call)
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

# X beta + offset + U gamma over the chosen columns of U; unknown levels have gamma = 0.
linear_predictor <- function(fit, rows, effects, predicted = if (length(effects)) predicted_effects(fit)) {
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
#
#     var / sigma^2 = |z|^2 + u' Var(gamma | y) u / sigma^2,   z = F'x + E'u.
#
# A level without data has E = 0 and Var(gamma | y) = D.
relative_error_variance <- function(fit, rows, effects, predicted,
                                    z = errors_from_beta(fit, rows, effects, predicted)) {
  if (!length(effects)) return(named_by_row(rowSums(z^2), rows))
  left_open <- cpp_conditional_variance(
    fit$stats, fit$random$terms, fit$REML, fit$lambda, columns_of_effects(fit, rows, effects), rows$codes
  )
  named_by_row(rowSums(z^2) + left_open, rows)
}

# Rows z', n x rank.
errors_from_beta <- function(fit, rows, effects, predicted) {
  z <- rows$X %*% fit$beta_factor
  columns <- factor_columns(fit$random)
  for (f in factors_of(fit, effects)) {
    chosen <- columns[[f]] %in% effects
    known <- which(!is.na(rows$codes[, f]))
    if (!length(known)) next
    own <- rows$U[known, columns[[f]][chosen], drop = FALSE]
    for (j in seq_len(ncol(z))) {
      moved <- t(matrix(predicted$carried[[f]][chosen, j, ], ncol(own)))
      z[known, j] <- z[known, j] + rowSums(own * moved[rows$codes[known, f], , drop = FALSE])
    }
  }
  z
}

# U, zero outside of the columns `effects`.
columns_of_effects <- function(fit, rows, effects) {
  U <- matrix(0, nrow(rows$X), nrow(fit$lambda))
  if (length(effects)) U[, effects] <- rows$U[, effects]
  U
}

named_by_row <- function(x, rows) stats::setNames(x, rownames(rows$X))
