# The exact null distribution of the likelihood-ratio statistic for one variance component,
# simulated.
#
# y = X beta + Z gamma + e, gamma ~ N(0, lambda sigma^2 I), tested lambda = 0. With P = I - X
# (X'X)^{-1} X', mu_s the positive eigenvalues of Z'PZ (K of them), xi_s those of Z'Z, independent
# standard normal w_s and a chi-squared variable of n - p - K degrees of freedom,
#
#   N(lambda) = sum lambda mu_s w_s^2 / (1 + lambda mu_s)
#   D(lambda) = sum w_s^2 / (1 + lambda mu_s) + chi^2_{n-p-K}
#   RLRT = sup { (n - p) log(1 + N / D) - sum log(1 + lambda mu_s) }
#   LRT  = sup { n log(1 + N / D) - sum log(1 + lambda xi_s) }
#
# Crainiceanu and Ruppert (2004). From the condensed data (q = 1) Z'Z = diag(R_i^2) and Z'X has the
# rows R_i B_iX, so that no row is needed; groups of the same R_i give the same eigenvalue many
# times, which is found once.

simulated_p_value <- function(fit, statistic, nsim, seed) {
  check_count(nsim)
  state <- use_seed(seed)
  on.exit(state$restore())
  # The observed value counts as one of the simulated ones: a p-value of zero is beyond any
  # simulation.
  (1 + sum(simulate_statistic(fit, nsim) >= statistic - 1e-8)) / (1 + nsim)
}

check_one_effect <- function(fit, call) {
  if (nrow(fit$lambda) == 1L) return(invisible())
  abort_mixest("input", c(
    "{.code exact = TRUE} can be used for models with one random effect only.",
    x = "The model has {nrow(fit$lambda)}: {list_names(effect_names(fit))}.",
    i = "Use {.code exact = FALSE}."
  ), call)
}

# nsim values under lambda = 0. The supremum is taken over 0 and a grid of lambda with steps of 12
# %.
simulate_statistic <- function(fit, nsim) {
  spectrum <- component_spectrum(fit)
  mu <- spectrum$mu
  lambda <- exp(seq(log(1e-5), log(1e5), length.out = 200L)) / (sum(mu * spectrum$count) / sum(spectrum$count))
  df <- fit$stats$n_obs - fit$rank
  nu <- if (fit$REML) df else fit$stats$n_obs
  shrink <- 1 / (1 + outer(mu, lambda))
  penalty <- if (fit$REML) {
    colSums(spectrum$count * log1p(outer(mu, lambda)))
  } else {
    colSums(log1p(outer(spectrum$xi, lambda)))
  }
  unlist(lapply(blocks_of(nsim), function(size) {
    w2 <- matrix(stats::rchisq(size * length(mu), rep(spectrum$count, each = size)), size)
    rest <- stats::rchisq(size, max(0, df - sum(spectrum$count)))
    D <- w2 %*% shrink + rest
    N <- w2 %*% (1 - shrink)
    values <- nu * log1p(N / D) - rep(penalty, each = size)
    pmax(0, do.call(pmax, lapply(seq_along(lambda), function(l) values[, l])))
  }))
}

# Simulations are done in blocks that fit in memory.
blocks_of <- function(nsim, size = 1000L) {
  whole <- nsim %/% size
  c(rep(size, whole), if (nsim %% size) nsim %% size)
}

# mu with their multiplicities `count`, and xi.
component_spectrum <- function(fit) {
  R <- as.vector(fit$stats$R)
  if (!fit$rank) {
    # Z'PZ is Z'Z
    equal <- rle(sort(R[R != 0]^2))
    return(list(mu = equal$values, count = equal$lengths, xi = R[R != 0]^2))
  }
  W <- R * whitened_columns(fit)
  parts <- lapply(split(seq_along(R), R), function(groups) {
    rows <- W[groups, , drop = FALSE]
    if (nrow(rows) <= ncol(rows)) return(list(square = rep(R[groups[1L]]^2, nrow(rows)), rows = rows, spare = 0L))
    list(square = rep(
      R[groups[1L]]^2, ncol(rows)
    ), rows = qr.R(qr(rows, tol = 0)), spare = nrow(rows) - ncol(rows), again = R[groups[1L]]^2)
  })
  square <- unlist(lapply(parts, `[[`, "square"))
  rows <- do.call(rbind, lapply(parts, `[[`, "rows"))
  mu <- eigen(diag(square, length(square)) - tcrossprod(rows), symmetric = TRUE, only.values = TRUE)$values
  mu <- mu[mu > 1e-10 * max(square, R^2)]
  again <- unlist(lapply(parts, `[[`, "again"), use.names = FALSE)
  spare <- unlist(lapply(parts, `[[`, "spare"), use.names = FALSE)
  list(mu = c(mu, again), count = c(rep(1, length(mu)), spare[spare > 0L]), xi = R[R != 0]^2)
}

# B_iX in a basis of X with X'X = I: m x rank, of rank >= 1.
whitened_columns <- function(fit) {
  stats <- fit$stats
  kept <- which(!is_aliased(fit))
  B <- matrix(aperm(stats$B[, kept, , drop = FALSE], c(3L, 2L, 1L)), ncol = length(kept))
  pooled <- qr.R(qr(rbind(stats$R0[, kept, drop = FALSE], B), tol = 0))
  t(backsolve(pooled, t(B), transpose = TRUE))
}
