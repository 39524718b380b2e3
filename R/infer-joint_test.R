# The F test of a linear hypothesis L beta = r about the fixed effects: one statistic, with the
# denominator degrees of freedom of Fai & Cornelius (1996) or of Kenward & Roger (1997). `method` is
# that of df_method() in R/infer-estimation_error.R.

# The F test of L beta = rhs: list(NumDF, DenDF, F, unscaled, without), where Kenward and Roger's F
# is `unscaled` times their factor; `without` says what the test lacks, see warn_untested().
joint_test <- function(method, L, rhs = 0, call = parent.frame()) {
  hypothesis <- independent_hypothesis(method, L, rhs, call)
  q <- length(hypothesis$estimate)
  untested <- list(NumDF = q, DenDF = NA_real_, F = NA_real_, unscaled = NA_real_)
  if (q == 0L || !(method$fit$sigma > 0)) return(untested)
  spread <- if (is.null(method$inner)) diag(q) else crossprod(hypothesis$basis, method$inner)
  if (!is.null(method$robust)) {
    # Few groups can leave contrasts without a variance: there is no joint test then.
    plain <- crossprod(hypothesis$basis, method$robust$plain)
    if (ncol(plain) < q || min(svd(plain, 0L, 0L)$d) <= no_variance) return(c(untested, without = "variance"))
  }
  unscaled <- mean(backsolve(qr.R(qr(t(spread), tol = 0)), hypothesis$estimate, transpose = TRUE)^2)
  df <- switch(method$ddf,
    satterthwaite = satterthwaite_df(method, hypothesis),
    `kenward-roger` = kenward_roger_df(method, hypothesis$basis),
    residual = list(DenDF = residual_df(method$fit), scale = 1),
    none = list(DenDF = NA_real_, scale = 1)
  )
  list(NumDF = q, DenDF = df$DenDF, F = df$scale * unscaled, unscaled = unscaled, without = df$without)
}

# The rows of L that are no combinations of those before, by what they say under the model, whose
# Var(beta^) is sigma^2 F F': list of
#   basis      rank x q: an orthonormal basis Q of the columns of F'L'
#   estimate   q: Q'F^{-1} beta^ minus its value under the hypothesis, in units of sigma
#   rows       q x p: contrasts that the elements of `estimate` estimate
#   directions rank x q: the basis that makes L beta^ uncorrelated, from the eigenvectors of its
#              covariance matrix
# Rows are compared in units of the standard errors of beta^ and of length 1, so that neither the
# units of covariates nor those of contrasts decide what is independent.
independent_hypothesis <- function(method, L, rhs, call) {
  fit <- method$fit
  rows <- L * rep(row_norms(method$F), each = nrow(L))
  length <- row_norms(rows)
  length[length == 0] <- 1
  rows <- rows / length
  chosen <- independent_rows(rows)
  rhs <- rep_len(rhs, nrow(L))
  check_consistent(rows, rhs / length, chosen, call)
  L <- L[chosen, , drop = FALSE]
  if (!nrow(L)) return(list(estimate = numeric()))

  A <- L %*% method$F
  size <- row_norms(A)
  decomposed <- qr(t(A / size), tol = 0)
  R <- qr.R(decomposed)
  basis <- qr.Q(decomposed)
  list(
    basis = basis,
    estimate = backsolve(R, drop(L %*% fit$coefficients - rhs[chosen]) / size / fit$sigma, transpose = TRUE),
    rows = backsolve(R, L / size, transpose = TRUE),
    directions = basis %*% svd(size * t(R))$v
  )
}

# Numbers of the first rows of which none is a combination of those before; rows of zeros are.
independent_rows <- function(X, tolerance = 1e-8) {
  nonzero <- which(row_norms(X) > 0)
  if (!length(nonzero)) return(integer())
  decomposed <- qr(t(X[nonzero, , drop = FALSE] / row_norms(X)[nonzero]), tol = tolerance)
  nonzero[sort(decomposed$pivot[seq_len(decomposed$rank)])]
}

# Rows that are combinations of the chosen ones must have the values that these imply.
check_consistent <- function(rows, rhs, chosen, call) {
  if (length(chosen) == nrow(rows) || all(rhs == 0)) return(invisible())
  implied <- parts <- numeric(nrow(rows))
  if (length(chosen)) {
    combination <- qr.coef(qr(t(rows[chosen, , drop = FALSE]), tol = 0), t(rows))
    implied <- drop(rhs[chosen] %*% combination)
    parts <- drop(abs(rhs[chosen]) %*% abs(combination))
  }
  bad <- which(abs(rhs - implied) > 1e-8 * (abs(rhs) + parts))
  if (!length(bad)) return(invisible())
  abort_mixest("input", c(
    "The rows of {.arg L} and {.arg rhs} must not contradict each other.",
    x = if (all(rows[bad[1L], ] == 0)) {
      "Row {bad[1L]} is zero, and so its value can't be another."
    } else {
      "Row {bad[1L]} is a combination of other rows, whose values imply another one than its own."
    },
    i = "Leave the row out, or give the value that the others imply."
  ), call)
}

satterthwaite_df <- function(method, hypothesis) {
  if (!is.null(method$robust)) return(hotelling_df(method, hypothesis$rows))
  list(DenDF = fai_cornelius(direction_df(method, t(hypothesis$directions))), scale = 1)
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
#
# `basis` of these columns is orthonormal. With few groups E and V of the F statistic can be such
# that no F variable has them: the approximation does not exist where m, the degrees of freedom, is
# not positive.
kenward_roger_df <- function(method, basis) {
  if (is.null(method$moves)) return(list(DenDF = NA_real_, scale = 1))
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
  if (!is.finite(df) || df <= 0) return(list(DenDF = NA_real_, scale = NA_real_, without = "approximation"))
  list(DenDF = df, scale = if (df > 2 && a < 1) df * (1 - a) / (df - 2) else 1)
}

# without: what tests lack ("variance", "groups", "approximation"), one for each of `labels`, NA for
# nothing. All of a kind are told in one warning.
warn_untested <- function(method, without, labels, call = parent.frame()) {
  for (kind in intersect(c("variance", "groups", "approximation"), without)) {
    which <- list_names(labels[without %in% kind])
    text <- switch(kind,
      variance = c(
        "The data give no robust variance for a test of {which}.", x = sole_groups(method),
        i = "Use {.code vcov = \"model\"}."
      ),
      groups = c(
        "There are too few groups for a robust test of {which}.",
        x = "The groups are {length(cluster_labels(method$fit))}.", i = "Test fewer contrasts at once."
      ),
      approximation = c(
        "Kenward and Roger's approximation doesn't exist for {which}.",
        x = "The data hold too little information about the covariance parameters: no F distribution has the moments.",
        i = "Use {.code ddf = \"satterthwaite\"}."
      )
    )
    cli::cli_warn(text, class = c("mixest_unidentified", "mixest_warning"), call = call)
  }
}
