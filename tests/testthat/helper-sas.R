# The hypotheses of types II and III by their definition on rows: columns for all levels of every
# factor (SAS's parametrisation), the general form of estimable functions, and containment.
# Goodnight (1980), Communications in Statistics A 9, 167-180.

# labels: of the terms; X: the columns of the fit, kept ones; w: weights. Matrices named by term, in
# the coefficients of X, whose rows span the hypothesis.
sas_hypotheses <- function(labels, intercept, data, X, type, w = rep(1, nrow(data))) {
  parts <- lapply(strsplit(labels, ":", fixed = TRUE), function(names) data[names])
  columns <- lapply(parts, cell_columns)
  term <- rep(seq_along(labels), vapply(columns, ncol, 0L))
  cells <- sqrt(w) * do.call(cbind, columns)
  if (intercept) {
    term <- c(0, term)
    cells <- cbind(sqrt(w), cells)
  }
  X <- sqrt(w) * X
  # l'beta_cells = L beta where cells beta_cells = X beta
  to_beta <- function(L) if (nrow(L)) L %*% pseudo_inverse(cells) %*% X else matrix(0, 0L, ncol(X))
  estimable <- row_basis(cells)
  stats::setNames(lapply(seq_along(labels), function(t) {
    above <- which(vapply(seq_along(labels), function(u) u != t && contained(parts[[t]], parts[[u]]), NA))
    none <- !term %in% c(t, above)
    if (type == "II") {
      before <- cells[, none, drop = FALSE]
      own <- cells[, term == t, drop = FALSE]
      left <- if (ncol(before)) own - before %*% (pseudo_inverse(before) %*% own) else own
      left <- left[, colSums(left^2) > 1e-14 * colSums(own^2), drop = FALSE]
      return(row_basis(crossprod(left, X)))
    }
    S1 <- null_basis(t(estimable[, none, drop = FALSE])) %*% estimable
    S2 <- null_basis(t(S1[, term == t, drop = FALSE])) %*% S1
    # orthogonal to S2 within S1
    to_beta(null_basis(S2 %*% t(S1)) %*% S1)
  }), labels)
}

# Products of the indicators of all levels and of numeric columns of `variables`.
cell_columns <- function(variables) {
  Reduce(function(left, right) {
    do.call(cbind, lapply(seq_len(ncol(right)), function(j) left * right[, j]))
  }, lapply(variables, function(x) {
    if (is.numeric(x)) return(as.matrix(x))
    x <- factor(x)
    1 * outer(as.character(x), levels(x), `==`)
  }))
}

contained <- function(part, other) {
  numeric <- function(variables) names(variables)[vapply(variables, is.numeric, NA)]
  setequal(numeric(part), numeric(other)) && all(names(part) %in% names(other)) && length(part) < length(other)
}

pseudo_inverse <- function(A) {
  parts <- svd(A)
  keep <- parts$d > 1e-9 * max(parts$d, 0)
  parts$v[, keep, drop = FALSE] %*% (t(parts$u[, keep, drop = FALSE]) / parts$d[keep])
}

# Orthonormal, in rows.
row_basis <- function(A) {
  if (!length(A)) return(matrix(0, 0L, ncol(A)))
  parts <- svd(A)
  t(parts$v[, parts$d > 1e-9 * max(parts$d, 0), drop = FALSE])
}

# Orthonormal rows n with A n' = 0.
null_basis <- function(A) {
  if (!nrow(A) || !ncol(A)) return(diag(ncol(A)))
  parts <- svd(A, nv = ncol(A))
  rank <- sum(parts$d > 1e-9 * max(parts$d, 1e-9))
  t(parts$v[, seq_len(ncol(A) - rank) + rank, drop = FALSE])
}

# Do the rows span the same space? Columns in units of `scale`.
expect_same_space <- function(L, expected, scale) {
  L <- row_basis(sweep(L, 2L, scale, `/`))
  expected <- row_basis(sweep(expected, 2L, scale, `/`))
  testthat::expect_identical(nrow(L), nrow(expected))
  if (nrow(L) && nrow(L) == nrow(expected)) expect_close(L - L %*% crossprod(expected), 0 * L, 1e-7)
}
