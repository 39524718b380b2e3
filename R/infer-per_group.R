#' Each group's own least-squares fit
#'
#' Regresses the response of each group on the group's own columns of the random-effects terms: the
#' estimates without pooling, beside which [coef.mixest()][ranef.mixest] shows the shrinkage. (In a
#' picture: the line of each school's own data beside the model's.)
#'
#' @param fit a fit returned by [lmm()] that keeps its rows.
#' @param group character: the grouping factor. Default `NULL`: the one with the most effects, of
#'   these the first.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return Data frame with one row for each level, in the order of `ranef(fit)`, and a column for
#'   each effect of the factor; `NA` for what the group's rows can't determine. Attributes `n`, the
#'   rows of positive weight of each group, and `sigma`, the residual standard deviation of each,
#'   `NA` without residual degrees of freedom. Offsets are subtracted and precision weights used as
#'   in the model; other covariates are not.
#' @seealso [nlme::lmList()] for fits of any formula.
#' @examples
#' fit <- lmm(mathach ~ cses + (cses | school), data = MathAchieve)
#' head(per_group(fit))
#' head(coef(fit)$school)
#' @export
per_group <- function(fit, group = NULL, ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "per_group")
  columns <- factor_columns(fit$random)
  names <- names(columns)
  if (is.null(group)) group <- names[which.max(lengths(columns))]
  check_choice(group, "group", names, user)
  own <- columns[[group]]
  frame <- kept_frame(fit, user)
  weights <- prior_weights(fit)
  U <- random_matrix(fit)[, own, drop = FALSE]
  y <- response(fit) - model_offset(fit)
  levels <- fit$random$groups[[group]]
  codes <- group_codes(fit)[, group]
  rows <- split(seq_len(nrow(frame))[weights > 0], factor(codes[weights > 0], seq_along(levels)))
  fits <- lapply(rows, function(rows) least_squares(U[rows, , drop = FALSE], y[rows], weights[rows]))
  table <- do.call(rbind, lapply(fits, `[[`, "coefficients"))
  dimnames(table) <- list(levels, column_names(fit)[own])
  structure(
    data.frame(table, check.names = FALSE), n = stats::setNames(lengths(rows), levels),
    sigma = stats::setNames(vapply(fits, `[[`, 0, "sigma"), levels)
  )
}

least_squares <- function(X, y, weights) {
  fitted <- stats::lm.wfit(X, y, weights)
  df <- fitted$df.residual
  list(
    coefficients = fitted$coefficients, sigma = if (df > 0) sqrt(sum(weights * fitted$residuals^2) / df) else NA_real_
  )
}
