# What the covariance structures of D are: one row a structure. Adding one is a class and a line of
# the factory in src/core/covariance, a row here, and a line in the help of lmm(). No other file of
# R/ knows their names.
#
#   sds           "each" effect has a standard deviation of its own, or all have a "common" one
#   correlations  "pair": one for each pair of effects; "one" for all pairs; "lag": one for each
#                 distance of two effects; "none"
#   decays        TRUE: the one correlation is that of neighbours, and its powers those further
#                 apart
#   least         function(q): the smallest correlation that a positive semi-definite D can have
#   triangle      TRUE: theta is the lower triangle of the relative Cholesky factor, column by
#                 column, and U can be replaced by any U A; FALSE: theta has the standard deviations
#                 relative to sigma, then the correlations
#   span          function(q): dimension of the linear space that the matrices D span
#   reducible     TRUE: without some of its effects a term has the same structure, nested in it
#   one_level     TRUE: a single level of the grouping factor can determine its parameters
#   nlme          nlme's classes of the same structure
#   theta_of      function(Psi): the theta whose Psi is nearest to a covariance matrix; NULL: such a
#                 start is refused
covariance_structures <- local({
  everything <- function(q) q * (q + 1) / 2
  row <- function(sds, correlations, span = everything, least = function(q) -1, triangle = FALSE,
                  decays = FALSE, reducible = FALSE, one_level = FALSE, nlme = character(), theta_of = NULL) {
    list(
      sds = sds, correlations = correlations, least = least, decays = decays, triangle = triangle,
      span = span,
      reducible = reducible, one_level = one_level, nlme = nlme, theta_of = theta_of
    )
  }
  exchangeable <- function(q) -1 / (q - 1)
  list(
    us = row(
      "each", "pair", triangle = TRUE, reducible = TRUE, nlme = c("pdSymm", "pdLogChol"),
      theta_of = function(Psi) lower_triangle_of_factor(Psi)
    ),
    diag = row(
      "each", "none", span = function(q) q, reducible = TRUE, nlme = "pdDiag", theta_of = function(Psi) sqrt(diag(Psi))
    ),
    homdiag = row(
      "common", "none", span = function(q) 1, one_level = TRUE, nlme = "pdIdent",
      theta_of = function(Psi) sqrt(mean(diag(Psi)))
    ),
    cs = row("each", "one", least = exchangeable, reducible = TRUE),
    homcs = row("common", "one", span = function(q) min(q, 2), least = exchangeable, nlme = "pdCompSymm"),
    ar1 = row("common", "one", span = function(q) q, decays = TRUE),
    toep = row("each", "lag")
  )
})

# The structure of a term without a wrapper, and of `(x || g)`.
default_structure <- "us"
independent_structure <- "diag"

structure_has <- function(structure, property) {
  vapply(covariance_structures[structure], `[[`, covariance_structures[[1L]][[property]], property, USE.NAMES = FALSE)
}

is_correlated <- function(structure) structure_has(structure, "correlations") != "none"

is_triangle <- function(structure) structure_has(structure, "triangle")

is_reducible <- function(structure) structure_has(structure, "reducible")

# Parameters that stand for a standard deviation or a correlation of the user's own effects one by
# one: a flat one can be named.
has_separate_parameters <- function(structure) is_triangle(structure) | !is_correlated(structure)

# Is D of q effects free to be any covariance matrix?
is_unstructured <- function(structure, q) n_theta(structure, q) == q * (q + 1) / 2

# Are the elements of theta elements of the relative Cholesky factor, the others zero?
is_theta_of_factor <- function(structure, q) {
  q == 1L || is_triangle(structure) || !is_correlated(structure) && n_sds(structure, q) == q
}

n_sds <- function(structure, q) if (covariance_structures[[structure]]$sds == "each") q else 1L

# The pairs of effects (row > column) that stand for the correlations of a term, one row each.
correlation_pairs <- function(structure, q) {
  pairs <- unname(which(lower.tri(diag(q)), arr.ind = TRUE))
  colnames(pairs) <- c("row", "column")
  switch(covariance_structures[[structure]]$correlations,
    pair = pairs,
    lag = pairs[pairs[, "column"] == 1L, , drop = FALSE],
    one = pairs[seq_len(min(1L, nrow(pairs))), , drop = FALSE],
    none = pairs[0L, , drop = FALSE]
  )
}

# Length of theta of one term.
n_theta <- function(structure, size) n_sds(structure, size) + nrow(correlation_pairs(structure, size))

# Names and lower bounds of theta of one term.
parameter_bounds <- function(structure, names) {
  if (is_triangle(structure)) return(triangle_bounds(names))
  q <- length(names)
  sds <- if (n_sds(structure, q) == q) names else "sd"
  correlations <- correlation_names(structure, q)
  least <- covariance_structures[[structure]]$least(q)
  stats::setNames(c(numeric(length(sds)), rep(least, length(correlations))), c(sds, correlations))
}

triangle_bounds <- function(names) {
  triangle <- which(lower.tri(diag(length(names)), diag = TRUE), arr.ind = TRUE)
  row <- names[triangle[, "row"]]
  column <- names[triangle[, "col"]]
  stats::setNames(ifelse(row == column, 0, -Inf), ifelse(row == column, row, paste(row, column, sep = ".")))
}

# "cor", or with several lags "cor1", "cor2", ...
correlation_names <- function(structure, q) {
  count <- nrow(correlation_pairs(structure, q))
  if (count > 1L) paste0("cor", seq_len(count)) else rep("cor", count)
}

has_correlations <- function(D) is_correlated(attr(D, "structure")) && ncol(D) > 1L

# Dimension of the linear space that the structure's matrices span.
spanned_dimension <- function(structure, q) covariance_structures[[structure]]$span(q)

all_unstructured <- function(terms) {
  all(vapply(terms, function(term) is_unstructured(term$structure, term$size), NA))
}

# A term as the formula has it: `(x | g)` or `cs(x | g)`.
written_term <- function(term) {
  call(if (term$structure == default_structure) "(" else term$structure, term$bar)
}

# Lower triangle, column by column, of L with non-negative diagonal and L L' = `matrix`, which may
# be singular.
lower_triangle_of_factor <- function(matrix) {
  parts <- eigen(matrix, symmetric = TRUE)
  L <- t(qr.R(qr(t(parts$vectors %*% diag(sqrt(pmax(parts$values, 0)), nrow(matrix))), tol = 0)))
  L <- L %*% diag(ifelse(diag(L) < 0, -1, 1), nrow(L))
  L[lower.tri(L, diag = TRUE)]
}
