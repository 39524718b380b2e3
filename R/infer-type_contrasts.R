# The hypotheses L beta = 0 of type I, II and III for each term of the fixed part, in the coding of
# the fit: list of matrices named by term, one column for each coefficient (aliased columns are left
# out). A term about which the data say nothing apart from the others has no row.
#
# A term t is contained in a term u when both have the same numeric variables and the factors of t
# are some of those of u. In the coefficients of the cells (R/infer-cells.R) let
#
#   S1   be the estimable functions that involve only t and the terms that contain it,
#   S2   those of S1 that do not involve t.
#
#   I    t adjusted for the terms before it: its rows of the triangular factor of X'WX
#   II   the functions in S1 whose estimates from independent rows are uncorrelated with those of
#        S2: t adjusted for all terms that do not contain it
#   III  the functions in S1 whose coefficients of the cells are orthogonal to those of S2: with all
#        cells present, comparisons of means over the cells with equal weights
#   marginal   the coefficients of t are zero, which depends on the coding (nlme's)
#
# Types II and III don't depend on the coding. With one term the types are the same; its rows are
# those of type I, as in lmerTest. The definitions are those of SAS; Goodnight (1980),
# Communications in Statistics A 9, 167-180.
type_contrasts <- function(fit, type) {
  labels <- attr(fit$terms, "term.labels")
  if (!length(labels)) return(list())
  columns <- cpp_fixed_columns(fit$stats)
  contrasts <- switch(if (length(labels) == 1L) "I" else type,
    I = rows_by_term(fit, unit_triangle(columns$factor), columns),
    marginal = rows_by_term(fit, diag(1, length(columns$kept)), columns),
    cell_contrasts(fixed_cells(fit, columns), containing_terms(fit$terms), type, columns)
  )
  lapply(stats::setNames(contrasts, labels), function(L) {
    dimnames(L) <- list(NULL, names(fit$coefficients))
    L
  })
}

# `L` has one row for each column of X that is kept.
rows_by_term <- function(fit, L, columns) {
  term <- column_terms(fit)[columns$kept]
  lapply(seq_along(attr(fit$terms, "term.labels")), function(t) L[term == t, , drop = FALSE])
}

# The triangular factor of a matrix, each row divided by its diagonal element.
unit_triangle <- function(X) {
  R <- qr.R(qr(X, tol = 0))
  R / diag(R)
}

cell_contrasts <- function(cells, containing, type, columns) {
  lapply(seq_along(containing), function(t) {
    above <- containing[[t]]
    space <- estimable_functions(cells, t, above)
    if (type == "II" && length(above) && space$plain) return(adjusted_contrasts(cells, t, above, columns))
    if (type == "III" && nrow(space$above)) {
      by_cells <- function(S) S %*% cells$W[, cells$cell_term %in% above, drop = FALSE]
      space$own <- without_part(space$own, space$above, by_cells)
    }
    L <- of_coefficients(space$own, cells, columns)
    if (type == "II" && length(above)) {
      R <- qr.R(qr(columns$factor, tol = 0))
      by_rows <- function(S) t(backsolve(R, t(S), transpose = TRUE))
      L <- without_part(L, of_coefficients(space$above, cells, columns), by_rows)
    }
    L
  })
}

# `S` minus the combinations of the rows of `T` that leave S orthogonal to T, where `coordinates`
# gives the rows in a space with the usual product.
without_part <- function(S, T, coordinates) {
  if (!nrow(S) || !nrow(T)) return(S)
  along <- qr.coef(qr(t(coordinates(T)), tol = 0), t(coordinates(S)))
  row_cleaned(S - crossprod(along, T))
}

# Where the functions in S1 are those of the columns of t and of the terms that contain it: rows of
# the triangular factor with these columns last, as lmerTest has them.
adjusted_contrasts <- function(cells, t, above, columns) {
  own <- cells$row[cells$row_term == t]
  last <- cells$row[cells$row_term %in% above]
  order <- c(setdiff(seq_len(ncol(columns$factor)), c(own, last)), own, last)
  L <- unit_triangle(columns$factor[, order, drop = FALSE])[match(own, order), , drop = FALSE]
  L[, order] <- L
  L
}

# Rows in the units of `cells` as rows for the coefficients of the fit. Columns that complete
# contrasts have none, and rows can be combinations of others without them.
of_coefficients <- function(S, cells, columns) {
  known <- !is.na(cells$row)
  within <- S[, known, drop = FALSE]
  if (!all(known)) {
    within <- within[independent_rows(within), , drop = FALSE]
  }
  L <- matrix(0, nrow(within), length(columns$kept))
  L[, cells$row[known]] <- within * rep(cells$row_unit[known], each = nrow(within))
  L
}

# Bases, in rows, of the functions in the units of `cells`: list(own: complements `above` in S1,
# above: S2, plain: is S1 all functions of the columns of t and of the terms that contain it?)
estimable_functions <- function(cells, t, above) {
  inside <- cells$cell_term %in% c(t, above)
  block <- cells$cell_block[match(t, cells$cell_term)]
  rows <- which(cells$row_block == block)
  W <- cells$W[rows, , drop = FALSE]
  S1 <- left_null(W[, cells$cell_block == block & !inside, drop = FALSE])
  of_own <- without_rounding(S1, W[, cells$cell_term == t, drop = FALSE], 1e-9)
  S2 <- left_null(of_own)
  own <- which(rowSums(of_own != 0) > 0)
  if (length(own) > nrow(S1) - nrow(S2)) own <- own[independent_rows(of_own[own, , drop = FALSE])]
  unit <- rep(cells$cell_unit[cells$cell_term == t], each = length(own))
  S1_own <- reduced_rows(S1[own, , drop = FALSE], of_own[own, , drop = FALSE] * unit)
  wide <- function(S) {
    out <- matrix(0, nrow(S), nrow(cells$W))
    out[, rows] <- S
    out
  }
  plain <- cells$row_term %in% c(t, above)
  list(
    own = wide(S1_own), above = wide(S2 %*% S1),
    plain = !anyNA(cells$row[plain]) && nrow(S1) == sum(plain) && all(S1[, !plain[rows]] == 0)
  )
}

# A basis, in rows, of the l with l'W = 0. Rows of W without an element need no computation, nor do
# those that a column with one element alone holds at 0: with treatment contrasts nothing is left.
left_null <- function(W) {
  n <- nrow(W)
  rest <- which(rowSums(W != 0) > 0)
  basis <- diag(n)[setdiff(seq_len(n), rest), , drop = FALSE]
  repeat {
    element <- W[rest, , drop = FALSE] != 0
    held <- which(rowSums(element[, colSums(element) == 1, drop = FALSE]) > 0)
    if (!length(held)) break
    rest <- rest[-held]
  }
  if (!length(rest)) return(basis)
  W <- W[rest, colSums(element) > 0, drop = FALSE]
  decomposed <- qr(W / rep(sqrt(colSums(W^2)), each = nrow(W)), LAPACK = TRUE)
  size <- abs(diag(qr.R(decomposed)))
  rank <- sum(size > 1e-8 * max(size, 0))
  null <- t(qr.Q(decomposed, complete = TRUE)[, seq_len(length(rest) - rank) + rank, drop = FALSE])
  null[abs(null) < 1e-10] <- 0
  further <- matrix(0, nrow(null), n)
  further[, rest] <- reduced_rows(null)
  rbind(basis, further)
}

# The same functions by other rows: unit vectors in those of their `columns` that come last. When
# these are the cells of a term and all are present, the rows are the differences from the first
# levels, whatever the contrasts.
reduced_rows <- function(L, columns = L) {
  if (!nrow(L)) return(L)
  backwards <- qr(columns[, rev(seq_len(ncol(columns))), drop = FALSE], tol = 1e-8)
  pivots <- sort(ncol(columns) + 1L - backwards$pivot[seq_len(backwards$rank)])
  at <- columns[, pivots, drop = FALSE]
  if (all(at == diag(length(pivots)))) L else row_cleaned(solve(at, L))
}

row_cleaned <- function(L) {
  L[abs(L) < 1e-13 * apply(abs(L), 1L, max)] <- 0
  L
}

# Numbers of the terms that contain each term.
containing_terms <- function(terms) {
  pattern <- coding_pattern(terms) > 0
  is_factor <- is_factor_class(attr(terms, "dataClasses")[seq_len(nrow(pattern))])
  contains <- function(u, t) {
    same_numbers <- all(pattern[!is_factor, u] == pattern[!is_factor, t])
    u != t && same_numbers && all(pattern[is_factor, u] >= pattern[is_factor, t])
  }
  lapply(seq_len(ncol(pattern)), function(t) which(vapply(seq_len(ncol(pattern)), contains, NA, t = t)))
}
