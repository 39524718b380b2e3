# Predictions of the random effects from the condensed data, at the estimates.
#
# value: gamma        q x m, rows named by effect, columns by level: E(gamma_i | y), in the user's columns of U
#        cond_factor  q x q x m, M_i with Var(gamma_i | y) = sigma^2 M_i M_i', beta and theta taken as known
blups <- function(fit) {
  predicted <- cpp_blups(fit$stats, fit$random$terms, fit$REML, fit$lambda)
  dimnames(predicted$gamma) <- list(effect_names(fit), fit$random$groups[[1L]])
  predicted
}

# Names of the columns of U over all terms, q of them.
effect_names <- function(fit) unlist(lapply(fit$random$terms, `[[`, "names"))

# sigma^2 M_i M_i' for every group, q x q x m.
conditional_covariance <- function(predicted, sigma) {
  M <- sigma * predicted$cond_factor
  q <- dim(M)[1L]
  m <- dim(M)[3L]
  covariance <- array(0, c(q, q, m))
  for (a in seq_len(q)) {
    for (b in seq_len(a)) {
      covariance[a, b, ] <- covariance[b, a, ] <- colSums(matrix(M[a, , ] * M[b, , ], q, m))
    }
  }
  covariance
}

# How errors of beta reach the predictions: gamma_i falls by K_i d when beta rises by d, K_i = Psi U_i'V_i^{-1} X_i. For the directions of
# sigma F (vcov(beta) = sigma^2 F F'), -sigma K_i F of all groups, q x rank x m.
#
# K_i = M_i M_i' U_i'X_i, and the condensed data have R_i'B_iX = U_i'X_i for columns that were shifted and scaled,
#     x -> (x - s 1) / c  with 1 = X a,  hence  X F = X_condensed C (F + a s'F),  and the same for U.
carried_errors <- function(fit, predicted) {
  M <- predicted$cond_factor
  q <- dim(M)[1L]
  m <- dim(M)[3L]
  stats <- fit$stats
  directions <- matrix(0, ncol(stats$R0) - 1L, length(fit$coefficients))
  directions[!is_aliased(fit), ] <- fit$sigma * fit$beta_factor
  directions <- to_condensed(directions, stats$basis$x, rep(1L, nrow(directions)))
  M_condensed <- array(to_condensed(matrix(M, q), stats$basis$u, stats$basis$u_term), c(q, q, m))

  errors <- array(0, c(q, ncol(directions), m))
  p <- nrow(directions)
  for (j in seq_len(ncol(directions))) {
    moved <- times_groupwise(stats$B[, seq_len(p), , drop = FALSE], matrix(directions[, j], p, m))
    moved <- times_groupwise(aperm(stats$R, c(2L, 1L, 3L)), moved)
    moved <- times_groupwise(aperm(M_condensed, c(2L, 1L, 3L)), moved)
    errors[, j, ] <- -times_groupwise(M, moved)
  }
  errors
}

# Coefficients (columns of `x`) on the user's columns -> coefficients on the condensed columns; `term`: to which `constant` a column belongs.
to_condensed <- function(x, basis, term) {
  for (t in unique(term)) {
    own <- which(term == t)
    shift <- colSums(basis$shift[own] * x[own, , drop = FALSE])
    x[own, ] <- x[own, , drop = FALSE] + outer(basis$constant[own], shift)
  }
  x * basis$scale
}

# A_i x_i for all groups: A is r x c x m, x is c x m; r x m.
times_groupwise <- function(A, x) {
  r <- dim(A)[1L]
  product <- matrix(0, r, ncol(x))
  for (j in seq_len(nrow(x))) product <- product + matrix(A[, j, ], r) * rep(x[j, ], each = r)
  product
}
