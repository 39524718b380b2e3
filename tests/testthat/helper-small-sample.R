# Small-sample inference by its definition: V of all rows (n x n), its derivatives dV_a, and the
# textbook's formulas. The covariance parameters are sigma^2 and the entries of D given by
# `directions` (q x q matrices), in which V is linear.
#
#   P = V^{-1} - V^{-1}X Phi X'V^{-1},   expected REML information tr(P dV_a P dV_b) / 2,
#   observed: y'P dV_a P dV_b P y - tr(P dV_a P dV_b) / 2  (ML: V^{-1} for P in the trace)

# model: as of dense_model(); D and sigma: the estimates
dense_small_sample <- function(model, D, sigma, REML = TRUE, directions = unit_directions(ncol(model$U))) {
  spread <- function(A) covariance_of_rows(model, A)
  dV <- c(list(diag(1 / model$w)), lapply(directions, spread))
  X <- model$X
  inverse <- solve(spread(D) + sigma^2 * dV[[1L]])
  Phi <- solve(crossprod(X, inverse %*% X))
  P <- inverse - inverse %*% X %*% Phi %*% crossprod(X, inverse)
  in_trace <- if (REML) P else inverse
  traces <- pairwise(dV, function(a, b) sum(diag(in_trace %*% a %*% in_trace %*% b)))
  squares <- pairwise(dV, function(a, b) drop(crossprod(model$y, P %*% a %*% P %*% b %*% P %*% model$y)))
  list(
    Phi = Phi, n_par = length(dV),
    observed = squares - traces / 2, expected = traces / 2,
    P = lapply(dV, function(a) -crossprod(X, inverse %*% a %*% inverse %*% X)),
    Q = function(a, b) crossprod(X, inverse %*% dV[[a]] %*% inverse %*% dV[[b]] %*% inverse %*% X)
  )
}

unit_directions <- function(q) {
  pairs <- which(lower.tri(diag(q), diag = TRUE), arr.ind = TRUE)
  lapply(seq_len(nrow(pairs)), function(r) {
    E <- matrix(0, q, q)
    E[pairs[r, 1L], pairs[r, 2L]] <- E[pairs[r, 2L], pairs[r, 1L]] <- 1
    E
  })
}

pairwise <- function(x, f) outer(seq_along(x), seq_along(x), Vectorize(function(i, j) f(x[[i]], x[[j]])))

# Satterthwaite's degrees of freedom of one contrast.
dense_satterthwaite <- function(dense, l) {
  variance <- drop(l %*% dense$Phi %*% l)
  gradient <- -vapply(dense$P, function(P) drop(l %*% dense$Phi %*% P %*% dense$Phi %*% l), 0)
  2 * variance^2 / drop(gradient %*% solve(dense$observed, gradient))
}

# Kenward & Roger (1997), section 2: adjusted covariance, and F scaled by lambda on (l, m) degrees
# of freedom.
dense_kenward_roger <- function(dense, L, information = "expected") {
  W <- solve(dense[[information]])
  Phi <- dense$Phi
  middle <- 0 * Phi
  Theta <- t(L) %*% solve(L %*% Phi %*% t(L), L)
  l <- nrow(L)
  A1 <- A2 <- 0
  for (a in seq_len(dense$n_par)) {
    for (b in seq_len(dense$n_par)) {
      middle <- middle + W[a, b] * (dense$Q(a, b) - dense$P[[a]] %*% Phi %*% dense$P[[b]])
      left <- Theta %*% Phi %*% dense$P[[a]] %*% Phi
      right <- Theta %*% Phi %*% dense$P[[b]] %*% Phi
      A1 <- A1 + W[a, b] * sum(diag(left)) * sum(diag(right))
      A2 <- A2 + W[a, b] * sum(diag(left %*% right))
    }
  }
  B <- (A1 + 6 * A2) / (2 * l)
  g <- ((l + 1) * A1 - (l + 4) * A2) / ((l + 2) * A2)
  c <- c(g, l - g, l + 2 - g) / (3 * l + 2 * (1 - g))
  E <- 1 / (1 - A2 / l)
  V <- 2 / l * (1 + c[1L] * B) / ((1 - c[2L] * B)^2 * (1 - c[3L] * B))
  m <- 4 + (l + 2) / (l * V / (2 * E^2) - 1)
  list(vcov = Phi + 2 * Phi %*% middle %*% Phi, df = m, lambda = m / (E * (m - 2)))
}
