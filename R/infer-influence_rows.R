# influence(fit, obs = TRUE): the estimates without each row, in one step, the covariance parameters
# relative to sigma held (R/infer-row_deletion.R). With beta_(-j) = beta^ - shift_j,
#
#   Var(beta_(-j)) = sigma_(-j)^2 (F F' + f_j f_j' / P_jj),   f_j = F X_j
#   D_(-j) = D sigma_(-j)^2 / sigma^2

# The parts of new_influence(), `growth` for the variance parameters.
influence_of_rows <- function(fit, call) {
  deletions <- row_deletions(fit, call)
  rows <- rownames(deletions$X)
  shifts <- shifts_of_beta(deletions)
  moved <- tcrossprod(deletions$X, deletions$F)
  M <- tcrossprod(deletions$F)
  covariances <- lapply(seq_along(rows), function(j) {
    growth <- if (deletions$P[j] %in% 0) 0 else tcrossprod(moved[j, ]) / deletions$P[j]
    structure(deletions$sigma[j]^2 * (M + growth), dimnames = rep(list(names(fit$coefficients)), 2L))
  })
  hat <- leverage(fit, call)
  weights <- prior_weights(fit)
  n <- length(rows)
  list(
    deleted = rows, fixed = sweep(-shifts, 2L, fit$coefficients, `+`), vcov = covariances,
    growth = (deletions$sigma / fit$sigma)^2,
    converged = rep(TRUE, n), evaluations = integer(n), singular = rep(isSingular(fit), n), hat = as.vector(hat),
    dffit = as.vector(deletions$delta * sqrt(weights * hat) / deletions$sigma)
  )
}

# For each level of the factor: the sum over its rows of the diagonal of X M X'V^{-1}; they sum to
# the number of fixed effects. NA without rows.
leverage_of_groups <- function(fit, name) {
  m <- length(fit$random$groups[[name]])
  if (is.null(fit$frame)) return(rep(NA_real_, m))
  rows <- prediction_rows(fit)
  carried <- errors_from_beta(fit, rows, seq_len(nrow(fit$lambda)), blups(fit))
  of_rows <- rows$weights * rowSums(carried * (rows$X %*% fit$beta_factor))
  of_rows[rows$weights == 0] <- 0
  level <- factor(rows$codes[, match(name, names(fit$random$groups))], levels = seq_len(m))
  sums <- tapply(of_rows, level, sum)
  sums[is.na(sums)] <- 0
  as.vector(sums)
}
