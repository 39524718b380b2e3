# The hypotheses L beta = 0 of type I, II and III for each term of the fixed part, in the coding of
# the fit: list of matrices named by term, one column for each coefficient (aliased columns are left
# out), for each term as many rows as it has columns.
#
# A term t is contained in a term u when both have the same numeric variables and the factors of t
# are some of those of u.
#
#   I    t adjusted for the terms before it: its rows of the triangular factor of X'WX
#   II   t adjusted for all terms that do not contain it: the same with the columns ordered so
#   III  the functions of the cells that involve only t and the terms that contain it, and are
#        orthogonal to those of the terms that contain it: with all cells present, comparisons of
#        means over the cells with equal weights. They do not depend on the coding.
#   marginal   the coefficients of t are zero, which depends on the coding (nlme's)
#
# The definitions are those of SAS; Goodnight (1980), Communications in Statistics A 9, 167-180.
type_contrasts <- function(fit, type, call = parent.frame()) {
  terms <- attr(fit$terms, "term.labels")
  if (!length(terms)) return(list())
  design <- coded_designs(fit, call)
  names <- names(fit$coefficients)
  columns <- lapply(stats::setNames(seq_along(terms), terms), function(t) which(design$assign == t))
  columns <- columns[lengths(columns) > 0L]
  # With one term the types are the same.
  contrasts <- switch(if (length(columns) == 1L) "I" else type,
    I = sequential_contrasts(fit, columns),
    II = adjusted_contrasts(fit, columns, containing_terms(fit$terms)),
    marginal = lapply(columns, function(own) diag(length(names))[own, , drop = FALSE]),
    III = marginal_contrasts(design, terms, containing_terms(fit$terms))
  )
  lapply(contrasts, function(L) {
    L[abs(L) < 1e-12 * max(abs(L), 0)] <- 0
    colnames(L) <- names
    L
  })
}

sequential_contrasts <- function(fit, columns) {
  R <- unit_triangle(cpp_fixed_triangle(fit$stats))
  lapply(columns, function(own) R[own, , drop = FALSE])
}

adjusted_contrasts <- function(fit, columns, containing) {
  R <- cpp_fixed_triangle(fit$stats)
  stats::setNames(lapply(names(columns), function(term) {
    own <- columns[[term]]
    last <- unlist(columns[intersect(containing[[term]], names(columns))])
    if (!length(last)) return(diag(ncol(R))[own, , drop = FALSE])
    order <- c(setdiff(seq_len(ncol(R)), c(own, last)), own, last)
    L <- unit_triangle(R[, order, drop = FALSE])[match(own, order), , drop = FALSE]
    L[, order] <- L
    L
  }), names(columns))
}

# The triangular factor of a matrix, each row divided by its diagonal element.
unit_triangle <- function(X) {
  R <- qr.R(qr(X, tol = 0))
  R / diag(R)
}

# In treatment coding: beta_t = G beta_o for beta_o the effects of all cells, so that the rows of G
# are functions of the cells. Those of a term involve only the term and those that contain it; the
# part along the latter is taken out. `columns` of X need not be those of treatment coding.
marginal_contrasts <- function(design, terms, containing) {
  G <- qr.coef(design$treatment, design$cells)
  to_treatment <- qr.coef(design$treatment, design$X)
  assign <- design$treatment_assign
  tested <- terms[seq_along(terms) %in% assign]
  stats::setNames(lapply(tested, function(term) {
    own <- which(assign == match(term, terms))
    above <- which(assign %in% match(containing[[term]], terms))
    L <- to_treatment[own, , drop = FALSE]
    if (!length(above)) return(L)
    along <- qr.coef(qr(t(G[above, , drop = FALSE])), t(G[own, , drop = FALSE]))
    L - crossprod(along, to_treatment[above, , drop = FALSE])
  }), tested)
}

# Names of the terms that contain each term.
containing_terms <- function(terms) {
  labels <- attr(terms, "term.labels")
  classes <- attr(terms, "dataClasses")
  involved <- attr(terms, "factors") > 0L
  is_factor <- is_factor_class(classes[rownames(involved)])
  contains <- function(u, t) {
    u != t && all(
      involved[!is_factor, u] == involved[!is_factor, t]
    ) && all(involved[is_factor, u] >= involved[is_factor, t])
  }
  stats::setNames(lapply(seq_along(labels), function(t) labels[vapply(seq_along(labels), contains, NA, t = t)]), labels)
}

# The fixed part on the same rows in three codings: list(X, assign: the fit's, columns that are
# kept; treatment: QR of treatment coding, treatment_assign; cells: indicators of all levels). With
# full rank the relations between them do not depend on the rows, and a small made-up table with all
# combinations of levels does; dropped columns depend on the combinations that occur.
coded_designs <- function(fit, call) {
  terms <- stats::delete.response(fit$terms)
  attr(terms, "offset") <- NULL
  frame <- if (length(fit$aliased)) kept_frame(fit, call) else example_frame(fit, call)
  matrix_of <- function(contrasts) stats::model.matrix(terms, frame, contrasts.arg = contrasts)

  X <- matrix_of(fit$contrasts)
  assign <- attr(X, "assign")
  kept <- !is_aliased(fit)
  levels <- lapply(stats::setNames(nm = names(fit$contrasts)), function(name) levels(as.factor(frame[[name]])))
  recode <- function(contrasts) if (length(levels)) lapply(levels, stats::contr.treatment, contrasts = contrasts)
  treatment <- matrix_of(recode(TRUE))
  decomposed <- qr(treatment)
  independent <- sort(decomposed$pivot[seq_len(decomposed$rank)])
  list(
    X = X[, kept, drop = FALSE], assign = assign[kept],
    treatment = qr(treatment[, independent, drop = FALSE]), treatment_assign = attr(treatment, "assign")[independent],
    cells = matrix_of(recode(FALSE))
  )
}

# A model frame for the fixed part: every combination of factor levels, with as many rows as the
# terms have products of numeric variables, and numeric variables in general position. The rows of
# the fit instead, when these are too many.
example_frame <- function(fit, call) {
  terms <- stats::delete.response(fit$terms)
  classes <- attr(fit$terms, "dataClasses")[rownames(attr(terms, "factors"))]
  factors <- lapply(stats::setNames(nm = names(classes)[is_factor_class(classes)]), function(name) {
    if (classes[[name]] == "logical") c(FALSE, TRUE) else fit$xlevels[[name]]
  })
  widths <- vapply(classes[!is_factor_class(classes)], variable_width, 0)
  copies <- 1 + n_products(attr(terms, "factors"), widths)
  if (prod(lengths(factors)) * copies > 1e5) return(kept_frame(fit, call))

  cells <- expand.grid(c(factors, list(`(copy)` = seq_len(copies))), KEEP.OUT.ATTRS = FALSE)
  rows <- seq_len(nrow(cells))
  last <- cumsum(widths)
  numbers <- lapply(stats::setNames(nm = names(widths)), function(name) {
    columns <- seq(to = last[[name]], length.out = widths[[name]])
    values <- vapply(columns, function(j) (sqrt(j + 1 / 3) * rows^1.5) %% 1, numeric(length(rows)))
    if (startsWith(classes[[name]], "nmatrix.")) values else drop(values)
  })
  structure(c(as.list(cells), numbers)[names(classes)], class = "data.frame", row.names = rows, terms = terms)
}

# Columns of a numeric variable of class "numeric" or "nmatrix.k".
variable_width <- function(class) if (startsWith(class, "nmatrix.")) as.numeric(
  sub("nmatrix.", "", class, fixed = TRUE)
) else 1

# Different products of columns of numeric variables in the terms. involved: variables x terms
n_products <- function(involved, widths) {
  parts <- unique(involved[names(widths), , drop = FALSE] > 0L, MARGIN = 2L)
  sum(apply(parts, 2L, function(part) prod(widths[part])))
}

is_factor_class <- function(classes) classes %in% c("factor", "ordered", "character", "logical")
