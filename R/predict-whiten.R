# Residuals made independent: V^{-1/2} r with the symmetric root of the covariance of rows,
#
#   V = I + A A',   A = W^{1/2} U Lambda (in units of sigma^2, rows times the square root of their
#                   weight)
#
# over the effects that are not conditioned on. With A'A = O diag(s) O', no n x n matrix is needed:
#
#   V^{-1/2} = I - A O diag(1 / (r (1 + r))) O'A',   r = sqrt(1 + s)
#
# The rows that share an effect, directly or through others, are one block: the levels of the
# outermost of the factors that are left; of crossed factors all rows.

# residual: n, times the square roots of the weights; effects: columns of U that it is conditional
# on.
whiten <- function(fit, rows, residual, effects) {
  left <- setdiff(seq_len(nrow(fit$lambda)), effects)
  if (!length(left)) return(residual)
  A <- sqrt(rows$weights) * (rows$U %*% fit$lambda)
  factors <- factors_of(fit, left)
  if (length(factors) == 1L) return(whiten_levels(A[, left, drop = FALSE], rows$codes[, factors], residual))
  block <- if (is.null(fit$random$nested)) rep(1L, nrow(A)) else rows$codes[, intersect(fit$random$nested, factors)[1L]]
  for (at in split(seq_along(block), block)) {
    wide <- lapply(factors, function(f) {
      by_level(A[at, intersect(factor_columns(fit$random)[[f]], left), drop = FALSE], rows$codes[at, f])
    })
    residual[at] <- whiten_block(do.call(cbind, wide), residual[at])
  }
  residual
}

# One factor: A'A is block diagonal, one q x q block for each level.
whiten_levels <- function(A, codes, residual) {
  at <- which(!is.na(codes))
  if (ncol(A) > 1L) {
    for (level in split(at, codes[at])) residual[level] <- whiten_block(A[level, , drop = FALSE], residual[level])
    return(residual)
  }
  a <- A[at, 1L]
  sums <- rowsum(cbind(a^2, a * residual[at]), codes[at])
  root <- sqrt(1 + sums[, 1L])
  taken <- sums[, 2L] / (root * (1 + root))
  residual[at] <- residual[at] - a * taken[as.character(codes[at])]
  residual
}

whiten_block <- function(A, residual) {
  parts <- eigen(as.matrix(Matrix::crossprod(A)), symmetric = TRUE)
  root <- sqrt(1 + pmax(parts$values, 0))
  along <- crossprod(parts$vectors, as.vector(Matrix::crossprod(A, residual)))
  residual - as.vector(A %*% (parts$vectors %*% (along / (root * (1 + root)))))
}

# n x (q levels), sparse: the columns of each level that occurs.
by_level <- function(A, codes) {
  levels <- match(codes, sort(unique(codes)))
  known <- which(!is.na(levels))
  q <- ncol(A)
  Matrix::sparseMatrix(
    i = rep(known, q), j = rep((levels[known] - 1L) * q, q) + rep(seq_len(q), each = length(known)),
    x = as.vector(A[known, ]), dims = c(nrow(A), q * max(levels, 0L, na.rm = TRUE))
  )
}
