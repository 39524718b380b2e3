# Condensed data, class "group_stats": all that the likelihood needs to know about the rows
# (src/core/condensed/group_stats.h). A list of them, one for each column of the response.
# `leftovers`: keep what belongs to each group alone, too? It is the element of that name: list of
#   C            k (k + 1) / 2 x m, the triangle C_i of each group, upper, column by column
#   n_obs        m, rows of positive weight; log_weights  m, sums of their logarithms
condense_design <- function(design, threads, leftovers = FALSE, call = NULL) {
  groups <- design$random$groups
  tryCatch(
    cpp_condense(
      design$X, design$U, design$y, design$codes, lengths(groups), design$weights, design$offset,
      design$constant_x, design$constant_u, design$u_term, vapply(design$random$terms, `[[`, 0L, "factor"), leftovers,
      threads
    ),
    `mixest::TooManyEffects` = function(error) refuse_too_many(groups, error, call),
    `std::bad_alloc` = function(error) refuse_memory(error, "the condensed data", condensed_advice, call)
  )
}

condensed_advice <- paste(
  "They have one row for each random effect of each group, as long as there are fixed effects:",
  "fewer effects in the random terms, or fewer fixed effects, need less."
)

refuse_too_many <- function(groups, error, call) {
  sizes <- paste0("`", names(groups), "` has ", format(lengths(groups), scientific = FALSE, trim = TRUE), " levels")
  abort_mixest("input", c(
    paste(
      "Crossed grouping factors can't both have very many levels:",
      "matrices over the effects of all but the largest factor must fit into memory."
    ),
    x = "{conditionMessage(error)}.", x = "{sizes}."
  ), call)
}

# A fit without rows can't condense them again: it keeps the leftovers from the beginning, where
# they take little memory. There are none with several grouping factors.
keeps_leftovers <- function(design, control) {
  groups <- design$random$groups
  k <- length(design$fixed$names) + 1
  bytes <- 8 * k * (k + 1) / 2 * length(groups[[1L]]) * NCOL(design$y)
  length(groups) == 1L && !control$keep_data && bytes <= leftovers_budget
}

leftovers_budget <- 32 * 2^20   # bytes
