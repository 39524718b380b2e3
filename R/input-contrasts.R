# Contrasts set on a factor that loses levels.

# What `contrasts`, the attribute of a factor, becomes for the levels that are `used`; NULL when it
# can't be kept.
#   a function or its name                       the same
#   a matrix                                     the rows of these levels, if the columns that are
#                                                not zero there can be told from the intercept
#   else a matrix that a function of R makes     what that makes of fewer levels
contrasts_of_levels <- function(contrasts, used) {
  if (!is.matrix(contrasts) || nrow(contrasts) != length(used)) return(contrasts)
  rows <- contrasts[used, , drop = FALSE]
  rows <- rows[, colSums(rows != 0) > 0, drop = FALSE]
  if (ncol(rows) && qr(cbind(1, rows))$rank == 1L + ncol(rows)) return(rows)
  same_kind_of_contrasts(contrasts, used)
}

same_kind_of_contrasts <- function(contrasts, used) {
  if (sum(used) < 2L) return(NULL)
  made_by <- function(kind) identical(dim(kind(length(used))), dim(contrasts)) &&
    isTRUE(all.equal(unname(contrasts), unname(kind(length(used))), check.attributes = FALSE))
  kind <- Find(made_by, list(stats::contr.sum, stats::contr.helmert, stats::contr.poly, stats::contr.SAS))
  if (is.null(kind)) return(NULL)
  kept <- kind(sum(used))
  rownames(kept) <- rownames(contrasts)[used]
  # only those of contr.SAS() have the names of levels
  if (identical(kind, stats::contr.SAS)) colnames(kept) <- colnames(contrasts)[utils::head(which(used), -1L)]
  kept
}

announce_lost_contrasts <- function(factor, levels) {
  cli::cli_inform(c(
    i = paste(
      "The contrasts set on {.code {factor}} can't be kept without",
      "{cli::qty(length(levels))}the level{?s} {list_offenders(levels)}, which no row has.",
      "The contrasts of option {.code contrasts} are used."
    )
  ), class = "mixest_contrasts")
}
