# The model by its definition: every V_i is built and factored, nothing is condensed. All covariances are relative to sigma^2,
#
#   V_i = U_i Psi U_i' + diag(1 / w_i),    Var(y_i) = sigma^2 V_i,
#
# and beta (and sigma, unless given) takes its best value for that Psi.

# fixed: y ~ x; random: list of one-sided formulas, one for each term on the group; weights, offset: names of columns.
dense_model <- function(fixed, random, data, group = "g", weights = NULL, offset = NULL) {
  if (inherits(random, "formula")) random <- list(random)
  w <- if (is.null(weights)) rep(1, nrow(data)) else data[[weights]]
  o <- if (is.null(offset)) rep(0, nrow(data)) else data[[offset]]
  list(
    y = eval(fixed[[2L]], data) - o,
    X = model.matrix(fixed, data),
    U = do.call(cbind, lapply(random, model.matrix, data)),
    group = factor(data[[group]]),
    w = w
  )
}

dense_fit <- function(model, Psi, REML = TRUE, sigma = NULL) {
  p <- ncol(model$X)
  groups <- lapply(split(seq_along(model$y), model$group), whiten_group, model = model, Psi = Psi)
  X <- do.call(rbind, lapply(groups, `[[`, "X"))
  y <- unlist(lapply(groups, `[[`, "y"))
  decomposed <- qr(X, LAPACK = FALSE)
  R <- qr.R(decomposed)
  beta <- if (p) qr.coef(decomposed, y) else numeric()
  r2 <- sum((y - X %*% beta)^2)
  nu <- length(y) - if (REML) p else 0
  s2 <- if (is.null(sigma)) r2 / nu else sigma^2
  log_det <- sum(vapply(groups, `[[`, 0, "log_det"))
  list(
    criterion = nu * log(2 * pi * s2) + r2 / s2 + log_det + if (REML && p) 2 * sum(log(abs(diag(R)))) else 0,
    beta = beta,
    sigma = sqrt(s2),
    vcov = if (p) s2 * chol2inv(R) else matrix(0, 0, 0),
    gamma = vapply(groups, function(i) drop(Psi %*% crossprod(i$U, i$y - i$X %*% beta)), numeric(nrow(Psi))),
    cond_var = lapply(groups, function(i) s2 * (Psi - Psi %*% crossprod(i$U) %*% Psi))
  )
}

# [U_i X_i y_i] times V_i^{-1/2}, rows of weight zero left out.
whiten_group <- function(i, model, Psi) {
  i <- i[model$w[i] > 0]
  U <- model$U[i, , drop = FALSE]
  C <- chol(U %*% Psi %*% t(U) + diag(1 / model$w[i], length(i)))
  list(
    log_det = 2 * sum(log(diag(C))),
    X = backsolve(C, model$X[i, , drop = FALSE], transpose = TRUE),
    y = backsolve(C, model$y[i], transpose = TRUE),
    U = backsolve(C, U, transpose = TRUE)
  )
}

dense_criterion <- function(model, Psi, REML = TRUE, sigma = NULL) dense_fit(model, Psi, REML, sigma)$criterion

# -2 log density of y at any beta, D and sigma.
dense_deviance <- function(model, beta, D, sigma) {
  sum(vapply(split(seq_along(model$y), model$group), function(i) {
    U <- model$U[i, , drop = FALSE]
    V <- U %*% D %*% t(U) + diag(sigma^2 / model$w[i], length(i))
    e <- model$y[i] - model$X[i, , drop = FALSE] %*% beta
    length(i) * log(2 * pi) + as.numeric(determinant(V)$modulus) + sum(e * solve(V, e))
  }, 0))
}

# Psi of the parameters that users see, as in `?devfun`: the lower triangle of the Cholesky factor, or standard deviations and correlations.
psi_of <- function(theta, structure, q) {
  lag <- abs(outer(seq_len(q), seq_len(q), "-"))
  n_sd <- if (structure %in% c("homdiag", "homcs", "ar1")) 1L else q
  s <- rep_len(theta[seq_len(n_sd)], q)
  r <- theta[-seq_len(n_sd)]
  correlation <- function(by_lag) matrix(c(1, by_lag)[lag + 1L], q)
  switch(structure,
    us = {
      L <- matrix(0, q, q)
      L[lower.tri(L, diag = TRUE)] <- theta
      tcrossprod(L)
    },
    diag = , homdiag = diag(s^2, q),
    cs = , homcs = outer(s, s) * correlation(rep(r, q - 1L)),
    ar1 = outer(s, s) * correlation(r^seq_len(q - 1L)),
    toep = outer(s, s) * correlation(r)
  )
}

n_parameters_of <- function(structure, q) {
  c(us = q * (q + 1L) / 2L, diag = q, homdiag = 1L, cs = q + 1L, homcs = 2L, ar1 = 2L, toep = 2L * q - 1L)[[structure]]
}

block_diagonal <- function(blocks) {
  sizes <- vapply(blocks, nrow, 0L)
  out <- matrix(0, sum(sizes), sum(sizes))
  last <- cumsum(sizes)
  for (b in seq_along(blocks)) {
    at <- seq_len(sizes[b]) + last[b] - sizes[b]
    out[at, at] <- blocks[[b]]
  }
  out
}
