# A model with other columns of U, from one whose columns span them: condensed data, for which no
# row is needed, or a design.
#
# For U_new = U K the rows [R_i K | B_i] of every group are made triangular again; what is left
# below joins the pooled rows:
#
#   Q_i' [R_i K | B_i] = | R_new  B_new |        R_0'R_0 + sum C_i'C_i = R_0,new'R_0,new
#                        |   0     C_i  |

# choose: list, one for each term that stays, of list(term = its number, columns = effects that
# stay, or NULL for the constant alone)
choose_random_columns <- function(stats, terms, choose) {
  parts <- lapply(choose, function(part) combine_columns(stats$basis$u, terms[[part$term]]$columns, part$columns))
  bind <- function(name) unlist(lapply(parts, `[[`, name))
  stats$basis$u <- list(
    shift = bind("shift"), scale = bind("scale"), magnitude = bind("magnitude"), constant = bind("constant")
  )
  stats$basis$u_term <- rep(seq_along(parts), vapply(parts, function(part) ncol(part$K), 0L))
  K <- matrix(0, dim(stats$R)[1L], 0L)
  for (p in seq_along(parts)) {
    wide <- matrix(0, nrow(K), ncol(parts[[p]]$K))
    wide[terms[[choose[[p]]$term]]$columns, ] <- parts[[p]]$K
    K <- cbind(K, wide)
  }
  reduce_groups(stats, K)
}

# K for one term and the basis of the new columns. Condensed columns were shifted by multiples of
# the constant 1 = U a and scaled; a column can keep its shift only where all columns of a stay.
combine_columns <- function(basis, own, columns) {
  basis <- lapply(basis, `[`, own)
  one <- basis$constant * basis$scale
  if (is.null(columns)) return(list(K = cbind(one), shift = 0, scale = 1, magnitude = 1, constant = 1))
  K <- diag(length(own))[, columns, drop = FALSE]
  kept <- lapply(basis, `[`, columns)
  if (!all(which(basis$constant != 0) %in% columns)) {
    K <- K + outer(one, kept$shift / kept$scale)
    kept$shift[] <- 0
    kept$constant[] <- 0
  }
  c(list(K = K), kept)
}

reduce_groups <- function(stats, K) {
  q <- nrow(K)
  columns <- ncol(K)
  m <- dim(stats$R)[3L]
  k <- ncol(stats$R0)
  A <- array(0, c(q, columns + k, m))
  for (j in seq_len(columns)) for (i in seq_len(q)) if (K[i, j] != 0) A[, j, ] <- A[, j, ] + K[i, j] * stats$R[, i, ]
  A[, columns + seq_len(k), ] <- stats$B
  A <- triangular_groups(A, columns)
  top <- seq_len(columns)
  stats$R <- A[top, top, , drop = FALSE]
  stats$B <- A[top, columns + seq_len(k), , drop = FALSE]
  below <- matrix(aperm(A[-top, columns + seq_len(k), , drop = FALSE], c(1L, 3L, 2L)), ncol = k)
  stats$R0 <- qr.R(qr(rbind(stats$R0, below), tol = 0))
  stats$leftovers <- NULL   # some of the C_i would grow
  stats
}

# Householder reflections of the first `columns` columns of every slice A[, , i], all slices at
# once.
triangular_groups <- function(A, columns) {
  q <- dim(A)[1L]
  m <- dim(A)[3L]
  for (j in seq_len(min(columns, q - 1L))) {
    rows <- j:q
    v <- matrix(A[rows, j, ], length(rows), m)
    length <- sqrt(colSums(v^2))
    pivot <- ifelse(v[1L, ] > 0, -length, length)
    v[1L, ] <- v[1L, ] - pivot
    factor <- ifelse(length > 0, 2 / colSums(v^2), 0)
    for (column in j:dim(A)[2L]) {
      x <- matrix(A[rows, column, ], length(rows), m)
      A[rows, column, ] <- x - v * rep(factor * colSums(v * x), each = length(rows))
    }
    A[rows[-1L], j, ] <- 0
  }
  A
}

# The same choice from a design, with grouping factors that are left without a term taken away.
design_with <- function(design, choose) {
  terms <- design$random$terms
  parts <- lapply(choose, function(part) {
    own <- terms[[part$term]]$columns
    if (is.null(part$columns)) return(list(U = design$U[, own, drop = FALSE] %*% design$constant_u[own], constant = 1))
    stays <- own[part$columns]
    whole <- all(which(design$constant_u[own] != 0) %in% part$columns)
    list(U = design$U[, stays, drop = FALSE], constant = if (whole) design$constant_u[stays] else 0 * stays)
  })
  sizes <- vapply(parts, function(part) ncol(part$U), 0L)
  factors <- vapply(choose, function(part) terms[[part$term]]$factor, 0L)
  left <- sort(unique(factors))
  design$U <- do.call(cbind, lapply(parts, `[[`, "U"))
  design$constant_u <- unlist(lapply(parts, `[[`, "constant"))
  design$u_term <- rep(seq_along(parts), sizes)
  design$codes <- design$codes[left]
  design$random <- list(
    terms = lapply(match(factors, left), function(f) list(factor = f)), groups = design$random$groups[left]
  )
  design
}
