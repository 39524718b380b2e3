# What the rows of the fit say of a combination of the fixed effects: nothing, when it is outside of
# the space that their rows of X span, and everything, when a single row holds it alone.
#
# Both are decided in the columns of X as they were condensed (src/core/condensed/group_stats.h),
# where a distant origin costs no digits. A dropped column is a combination of those that are kept,
# X_d = X_k B, on all rows of positive weight: a row x can be predicted when x_d = x_k B.

# As fixed_matrix(), rows that can't be predicted NA, with a warning; attribute `undetermined`, one
# logical for each row.
determined_matrix <- function(fit, newdata, call) {
  X <- fixed_matrix(fit, newdata, call)
  undetermined <- rep(FALSE, nrow(X))
  if (length(fit$aliased) && may_be_undetermined(fit, newdata)) {
    undetermined <- !is_determined(fit, fixed_matrix(fit, newdata, call, dropped = TRUE))
    if (any(undetermined)) announce_undetermined(which(undetermined), fit, newdata, call)
    X[undetermined, ] <- NA
  }
  structure(X, undetermined = undetermined)
}

# The rows of the fit are, unless their weight is 0.
may_be_undetermined <- function(fit, newdata) {
  !is.null(newdata) || is.null(fit$frame) || !is.null(rows_that_count(fit$frame))
}

# X: n x p, with the dropped columns. A row with missing values is no case for this.
is_determined <- function(fit, X) {
  columns <- cpp_condensed_columns(fit$stats)
  X <- condensed_columns(fit, X)
  kept <- X[, columns$kept, drop = FALSE]
  dropped <- X[, columns$dropped, drop = FALSE]
  gap <- abs(kept %*% columns$combination - dropped)
  size <- abs(kept) %*% abs(columns$combination) + abs(dropped)
  rounding <- rep(64 * .Machine$double.eps * fit$stats$basis$x$magnitude[columns$dropped], each = nrow(X))
  is.na(rowSums(X)) | rowSums(gap > 1e-8 * size + rounding) == 0
}

condensed_columns <- function(fit, X) {
  basis <- fit$stats$basis$x
  (X - outer(drop(X %*% basis$constant), basis$shift)) / rep(basis$scale, each = nrow(X))
}

announce_undetermined <- function(rows, fit, newdata, call) {
  columns <- list_names(fit$aliased)
  cli::cli_warn(c(
    "Some predictions can't be determined by the data of the fit: they are {.code NA}.",
    x = paste(
      "{cli::qty(length(rows))}Row{?s} {list_offenders(rows)} of {if (is.null(newdata)) 'the fit' else '`newdata`'}",
      "{?lies/lie} outside of the space of the fixed effects that the data span."
    ),
    i = paste(
      "{cli::qty(length(fit$aliased))}The column{?s} {columns} {?was/were} dropped from the fit:",
      "{?a combination/combinations} of others there, but not here."
    )
  ), class = c("mixest_unidentified", "mixest_warning"), call = call)
}

# Rows of the fit without which X has a lower rank: their leverage is 1 whatever the covariance.
alone_rows <- function(fit, weights, call) {
  columns <- cpp_condensed_columns(fit$stats)
  X <- condensed_columns(fit, fixed_matrix(fit, call = call, dropped = TRUE))[, columns$kept, drop = FALSE]
  if (!ncol(X)) return(rep(FALSE, nrow(X)))
  leverage <- weights * colSums(backsolve(columns$triangle, t(X), transpose = TRUE)^2)
  unname(leverage > 1 - 1e-10)
}
