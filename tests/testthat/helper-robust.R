# Robust covariance matrices and the moments of their estimates by definition: V and the covariance
# matrix of all residuals are built. Clusters are the rows that are connected by levels.

# For the covariance parameters Psi, in units of sigma^2: list of
#   vcov     the robust covariance matrix (absolute)
#   moments  function(L): mean and variance of the elements of L vcov L' / sigma^2 under the model
dense_sandwich <- function(model, Psi, type, REML = TRUE) {
  model <- rows_of_model(model, which(model$w > 0))
  fit <- dense_fit(model, Psi, REML)
  root <- sqrt(model$w)
  X <- root * model$X
  e <- root * (model$y - model$X %*% fit$beta)
  group <- factor(connected_rows(model))
  V <- diag(length(root)) + covariance_of_rows(model, Psi) * outer(root, root)
  M <- solve(t(X) %*% solve(V, X))
  estimating <- lapply(split(seq_along(root), group), function(i) {
    E <- matrix(0, ncol(X), length(root))
    V_i <- V[i, i, drop = FALSE]
    X_i <- X[i, , drop = FALSE]
    A <- switch(type,
      CR0 = diag(length(i)),
      CR1 = diag(sqrt(nlevels(group) / (nlevels(group) - 1)), length(i)),
      CR2 = geometric_mean(V_i, V_i - X_i %*% M %*% t(X_i)),
      CR3 = solve(diag(length(i)) - X_i %*% M %*% t(X_i) %*% solve(V_i))
    )
    E[, i] <- M %*% t(X_i) %*% solve(V_i) %*% A
    E
  })
  shifts <- vapply(estimating, function(E) E %*% e, numeric(ncol(X)))
  residual_covariance <- V - X %*% M %*% t(X)
  moments <- function(L) {
    u <- do.call(rbind, lapply(
      seq_len(nrow(L)), function(s) t(vapply(estimating, function(E) L[s, ] %*% E, numeric(length(root))))
    ))
    P <- u %*% residual_covariance %*% t(u)
    own <- function(s) seq_along(estimating) + (s - 1) * length(estimating)
    all <- seq_len(nrow(L))
    list(
      mean = outer(all, all, Vectorize(function(s, t) sum(diag(P[own(s), own(t)])))),
      variance = outer(all, all, Vectorize(
        function(s, t) sum(P[own(s), own(s)] * P[own(t), own(t)] + P[own(s), own(t)] * t(P[own(s), own(t)]))
      ))
    )
  }
  list(vcov = tcrossprod(matrix(shifts, ncol(X))), moments = moments)
}

# A model of dense_model() with some of its rows.
rows_of_model <- function(model, rows) {
  model[c("y", "w")] <- lapply(model[c("y", "w")], `[`, rows)
  model[c("X", "U")] <- lapply(model[c("X", "U")], function(x) x[rows, , drop = FALSE])
  model$groups <- lapply(model$groups, function(group) droplevels(group[rows]))
  model
}

# The symmetric A with A S A = V.
geometric_mean <- function(V, S) {
  power <- function(x, p) {
    parts <- eigen((x + t(x)) / 2, symmetric = TRUE)
    values <- ifelse(parts$values > 1e-11 * max(parts$values), parts$values, 0)
    parts$vectors %*% (ifelse(values > 0, values^p, 0) * t(parts$vectors))
  }
  root <- power(V, 1 / 2)
  root %*% power(root %*% S %*% root, -1 / 2) %*% root
}

# Degrees of freedom of one contrast, and of the approximate Hotelling test of several.
dense_robust_df <- function(moments) 2 * moments$mean^2 / moments$variance
dense_hotelling <- function(sandwich, L, beta) {
  q <- nrow(L)
  parts <- eigen(sandwich$moments(L)$mean, symmetric = TRUE)
  root <- parts$vectors %*% (parts$values^-0.5 * t(parts$vectors))
  nu <- q * (q + 1) / sum(sandwich$moments(root %*% L)$variance)
  Q <- drop(t(L %*% beta) %*% solve(L %*% sandwich$vcov %*% t(L), L %*% beta))
  c(DenDF = nu - q + 1, F = (nu - q + 1) / (nu * q) * Q)
}
