# Condensed data, class "group_stats": all that the likelihood needs to know about the rows (src/core/data/group_stats.h).
# A list of them, one for each column of the response.
condense_design <- function(design, threads) {
  cpp_condense(
    design$X, design$U, as.matrix(design$y), design$group, length(design$levels), design$weights, design$offset,
    design$constant_x, design$constant_u, design$u_term, threads
  )
}
