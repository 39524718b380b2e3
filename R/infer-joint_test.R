# The F test of a linear hypothesis L beta = r about the fixed effects: one statistic, with the
# denominator degrees of freedom of Fai & Cornelius (1996) or of Kenward & Roger (1997). `method` is
# that of df_method() in R/infer-estimation_error.R.

# The F test of L beta = rhs: list(NumDF, DenDF, F, unscaled), where Kenward and Roger's F is
# `unscaled` times their factor.
joint_test <- function(method, L, rhs = 0) {
  independent <- independent_contrasts(L %*% method$factor, (L %*% method$fit$coefficients - rhs) / method$fit$sigma)
  q <- length(independent$t)
  if (q == 0L || !(method$fit$sigma > 0)) return(list(NumDF = q, DenDF = NA_real_, F = NA_real_, unscaled = NA_real_))
  if (!is.null(method$robust)) {
    # Few groups can leave contrasts without a variance: there is no joint test then.
    rank <- length(independent_contrasts(L %*% method$F, numeric(nrow(L)))$t)
    if (q < rank) return(list(NumDF = rank, DenDF = NA_real_, F = NA_real_, unscaled = NA_real_))
  }
  unscaled <- mean(independent$t^2)
  df <- switch(method$ddf,
    satterthwaite = satterthwaite_df(method, t(independent$directions) %*% L),
    `kenward-roger` = kenward_roger_df(method, L),
    residual = list(DenDF = residual_df(method$fit), scale = 1),
    none = list(DenDF = NA_real_, scale = 1)
  )
  list(NumDF = q, DenDF = df$DenDF, F = df$scale * unscaled, unscaled = unscaled)
}

# `L`: uncorrelated contrasts.
satterthwaite_df <- function(method, L) {
  if (is.null(method$robust)) list(DenDF = fai_cornelius(t_df(method, L)), scale = 1) else hotelling_df(method, L)
}

# Uncorrelated combinations of the rows of L, the eigenvectors of Var(L beta^) = sigma^2 A A': their
# t values and, in columns, coefficients. Rows that repeat others give no combination. `estimate`:
# of L beta - r, in units of sigma.
independent_contrasts <- function(A, estimate) {
  if (!length(A)) return(list(directions = matrix(0, nrow(A), 0L), t = numeric()))
  parts <- svd(A)
  keep <- parts$d > 1e-10 * max(parts$d, 0)
  directions <- parts$u[, keep, drop = FALSE]
  list(directions = directions, t = drop(crossprod(directions, estimate)) / parts$d[keep])
}

# Denominator degrees of freedom E[F] = d / (d - 2) of a mean of squares of independent t variables
# with `df` degrees of freedom.
fai_cornelius <- function(df) {
  if (anyNA(df)) return(NA_real_)
  if (max(df) - min(df) < 1e-8 * max(df)) return(mean(df))
  if (any(df <= 2)) return(2)
  # E - q, the excess of the expected sum of squares, has no cancellation in this form
  excess <- sum(2 / (df - 2))
  2 + 2 * length(df) / excess
}

# Kenward and Roger (1997): F scaled by `scale` has about an F distribution with DenDF. In their
# notation l = rank of L and
#
#   A1 = sum_k tr(P Lambda_k)^2,  A2 = sum_k tr(P Lambda_k P Lambda_k), P the projection on the
#                                 columns of F'L'.
#
# With x = A1 / A2 and a = A2 / l their c_2 B is a (1 + w), where w has the factor x - l. At x = l
# every P Lambda_k is a multiple of P, F needs no scaling and has 2 / a degrees of freedom: with the
# textbook's formula (1 - a) / (1 - c_2 B) is then 0 / 0 at 2 degrees of freedom.
kenward_roger_df <- function(method, L) {
  if (is.null(method$moves)) return(list(DenDF = NA_real_, scale = 1))
  parts <- svd(L %*% method$F)
  basis <- parts$v[, parts$d > 1e-10 * max(parts$d), drop = FALSE]
  l <- ncol(basis)
  A1 <- A2 <- 0
  for (move in method$moves) {
    projected <- crossprod(basis, move %*% basis)
    A1 <- A1 + sum(diag(projected))^2
    A2 <- A2 + sum(projected^2)
  }
  x <- A1 / A2
  a <- A2 / l
  if (l - x < 1e-8) return(list(DenDF = 2 / a, scale = 1))

  B <- a * (x + 6) / 2
  g <- ((l + 1) * x - (l + 4)) / (l + 2)
  denominator <- 3 * l + 2 * (1 - g)
  c1 <- g / denominator
  c2 <- (l - g) / denominator
  c3 <- (l + 2 - g) / denominator
  # l V / (2 E^2) of the F statistic, as numerator / below
  numerator <- (1 - a)^2 * (1 + c1 * B)
  below <- (1 - c2 * B)^2 * (1 - c3 * B)
  df <- 4 + (l + 2) * below / (numerator - below)
  list(DenDF = df, scale = if (df > 2 && a < 1) df * (1 - a) / (df - 2) else 1)
}
