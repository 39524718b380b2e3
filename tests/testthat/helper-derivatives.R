# Numerical derivatives: central differences with steps h, h/2, .., Richardson's extrapolation to
# step 0. For tests only.

extrapolate <- function(difference, step, levels = 4L) {
  column <- lapply(seq_len(levels), function(l) difference(step / 2^(l - 1L)))
  for (order in seq_len(levels - 1L)) {
    factor <- 4^order
    column <- Map(function(coarse, fine) (factor * fine - coarse) / (factor - 1), column[-length(column)], column[-1L])
  }
  column[[1L]]
}

unit_vector <- function(j, n) replace(numeric(n), j, 1)

numeric_gradient <- function(f, x, step = 0.02) {
  vapply(seq_along(x), function(j) slope_along(f, x, unit_vector(j, length(x)), step), 0)
}

slope_along <- function(f, x, direction, step = 0.02) {
  extrapolate(function(h) (f(x + h * direction) - f(x - h * direction)) / (2 * h), step)
}

curvature_along <- function(f, x, direction, step = 0.05) {
  centre <- f(x)
  extrapolate(function(h) (f(x + h * direction) - 2 * centre + f(x - h * direction)) / h^2, step)
}

# By polarisation: x'Hy = ((x + y)'H(x + y) - (x - y)'H(x - y)) / 4.
numeric_hessian <- function(f, x, step = 0.05) {
  n <- length(x)
  hessian <- matrix(0, n, n)
  for (j in seq_len(n)) {
    hessian[j, j] <- curvature_along(f, x, unit_vector(j, n), step)
    for (k in seq_len(j - 1L)) {
      plus <- curvature_along(f, x, unit_vector(j, n) + unit_vector(k, n), step)
      minus <- curvature_along(f, x, unit_vector(j, n) - unit_vector(k, n), step)
      hessian[j, k] <- hessian[k, j] <- (plus - minus) / 4
    }
  }
  hessian
}

# The gradient with respect to the symmetric Psi, as a symmetric matrix G with d dev = <G, dPsi>.
# V_i stays positive definite for small steps beyond the positive semi-definite matrices, so that
# the boundary needs no care.
numeric_psi_gradient <- function(f, Psi, step = 1e-3) {
  q <- nrow(Psi)
  G <- matrix(0, q, q)
  for (j in seq_len(q)) {
    for (k in seq_len(j)) {
      direction <- matrix(0, q, q)
      direction[j, k] <- direction[k, j] <- if (j == k) 1 else 0.5
      G[j, k] <- G[k, j] <- slope_along(f, Psi, direction, step)
    }
  }
  G
}
