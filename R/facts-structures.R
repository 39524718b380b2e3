# The structures that D may have; the names are those of the covariance factory in the core.
covariance_structures <- c("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep")

# Length of theta of one term.
n_theta <- function(structure, size) {
  if (size == 1L) return(1)
  switch(
    structure, us = size * (size + 1) / 2, diag = size, homdiag = 1, cs = size + 1, homcs =, ar1 = 2,
    toep = 2 * size - 1
  )
}

parameter_bounds <- function(structure, names) {
  q <- length(names)
  sds <- if (structure %in% c("diag", "cs", "toep") || q == 1L) names else "sd"
  correlations <- if (structure %in% c("diag", "homdiag") || q == 1L) {
    NULL
  } else if (structure == "toep" && q > 2L) {
    paste0("cor", seq_len(q - 1L))
  } else {
    "cor"
  }
  smallest <- if (structure %in% c("cs", "homcs")) -1 / (q - 1) else -1
  stats::setNames(c(numeric(length(sds)), rep(smallest, length(correlations))), c(sds, correlations))
}

triangle_bounds <- function(names) {
  triangle <- which(lower.tri(diag(length(names)), diag = TRUE), arr.ind = TRUE)
  row <- names[triangle[, "row"]]
  column <- names[triangle[, "col"]]
  stats::setNames(ifelse(row == column, 0, -Inf), ifelse(row == column, row, paste(row, column, sep = ".")))
}

has_correlations <- function(D) !attr(D, "structure") %in% c("diag", "homdiag") && ncol(D) > 1L

# Dimension of the linear space that the structure's matrices span.
spanned_dimension <- function(structure, q) {
  switch(structure, diag = q, homdiag = 1, homcs = min(q, 2), ar1 = q, q * (q + 1) / 2)
}

# One variance is unstructured in every structure, and two effects under `cs` and `toep`.
all_unstructured <- function(terms) {
  all(vapply(
    terms,
    function(term) term$structure == "us" || term$size == 1L || term$size == 2L && term$structure %in% c("cs", "toep"),
    NA
  ))
}
