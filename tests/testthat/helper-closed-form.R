# Estimates that need no iteration.

# Balanced one-way layout, y ~ 1 + (1 | g): k groups of r rows, lambda = sigma^2 + r sd_group^2. The
# mean squares
#
#   between: SSB / (k - 1) under REML, SSB / k under ML     estimates lambda
#   within:  SSW / (k (r - 1))                              estimates sigma^2
#
# stand in this order unless the variance is zero; then both are pooled, SST / (n - 1) or SST / n.
# Searle, Casella & McCulloch (1992), Variance Components, sections 4.7 and 4.8.
one_way <- function(y, g, REML = TRUE) {
  k <- nlevels(g)
  n <- length(y)
  r <- n / k
  means <- vapply(split(y, g), mean, 0)
  SSB <- r * sum((means - mean(y))^2)
  SSW <- sum((y - means[g])^2)
  df_between <- if (REML) k - 1 else k
  between <- SSB / df_between
  within <- SSW / (k * (r - 1))
  if (between <= within) between <- within <- (SSB + SSW) / (df_between + k * (r - 1))
  variance <- (between - within) / r
  list(
    criterion = (n - REML) * log(2 * pi) + k * (r - 1) * log(within) + k * log(between) + SSW / within + SSB / between +
      if (REML) log(n / between) else 0,
    beta = mean(y),
    se = sqrt(between / n),
    sigma = sqrt(within),
    sd_group = sqrt(variance),
    theta = sqrt(variance / within),
    gamma = r * variance / between * (means - mean(y)),
    cond_sd = sqrt(variance * within / between)
  )
}

# Every group has the same r rows Z (r x q), all coefficients are random, and the fixed part gives
# every coefficient the same regression on the group-level matrix W (m x s): y ~ W:Z + (Z | g).
# By the group's own least squares b_i ~ N(B w_i, D + sigma^2 (Z'Z)^{-1}), independent of the
# residuals within groups, so that least squares is optimal and, if D comes out positive definite,
#
#   sigma^2 = RSS within / (m (r - q))
#   D       = residual covariance of the b_i (divisor m - s under REML, m under ML)
#             - sigma^2 (Z'Z)^{-1}
#
# `y` is the r x m matrix of responses.
common_design <- function(y, Z, W = matrix(1, ncol(y), 1L), REML = TRUE) {
  m <- ncol(y)
  r <- nrow(Z)
  q <- ncol(Z)
  b <- qr.coef(qr(Z), y)
  within <- sum(qr.resid(qr(Z), y)^2) / (m * (r - q))
  residual <- qr.resid(qr(W), t(b))
  S <- crossprod(residual) / (m - if (REML) ncol(W) else 0)
  list(
    beta = t(qr.coef(qr(W), t(b))),
    sigma = sqrt(within),
    D = S - within * solve(crossprod(Z)),
    vcov = kronecker(solve(crossprod(W)), S)
  )
}
