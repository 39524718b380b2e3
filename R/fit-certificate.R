certificate_sentence <- function(fit) {
  certificate <- fit$certificate
  verdict <- switch(certificate$status,
    converged = converged_clause(certificate),
    flat = flat_clause(fit),
    max_iterations = sprintf(
      "Not converged: the limit of iterations (%d) was reached; about %s is left in -2 logLik",
      as.integer(certificate$iterations), signif(certificate$newton_decrement, 2L)
    ),
    no_progress = sprintf(
      paste(
        "Not converged: no step improves the criterion any more, but the",
        "conditions of an optimum don't hold; about %s is left in -2 logLik"
      ),
      signif(certificate$newton_decrement, 2L)
    ),
    perfect_fit = "Perfect fit: the fixed effects reproduce the response; sigma is 0 and there are no t values"
  )
  singular <- if (isSingular(fit) && certificate$status != "perfect_fit") {
    paste0("singular: ", paste(c(boundary_clauses(fit), unaffected_clause(fit)), collapse = "; "))
  }
  paste0(paste(c(verdict, singular), collapse = "; "), ".")
}

# Below 1e-12 the digits are rounding noise that differs between machines.
converged_clause <- function(certificate) {
  sprintf(
    "Converged: at most %s left in -2 logLik, gradient %s of a standard error, %d evaluations",
    format(max(signif(certificate$newton_decrement, 1L), 1e-12)), format(max(signif(certificate$gradient, 1L), 1e-12)),
    as.integer(certificate$evaluations)
  )
}

flat_clause <- function(fit) {
  parameters <- flat_parameters(fit)
  sprintf(
    "Not certified: the likelihood is flat, the data don't determine the covariance parameter%s %s",
    if (length(parameters) == 1L) "" else "s", list_offenders(parameters)
  )
}

# Where the optimiser's parameters are not the user's (correlations tie them together) all of the
# term is named.
flat_parameters <- function(fit) {
  terms <- fit$random$terms
  counts <- lengths(lapply(terms, term_bounds))
  flat <- fit$certificate$flat
  owner <- rep(seq_along(terms), counts)[flat]
  alike <- has_separate_parameters(vapply(terms, `[[`, "", "structure"))[owner]
  c(theta_names(fit)[flat[alike]], sprintf("of %s", vapply(terms, `[[`, "", "label")[unique(owner[!alike])]))
}

unaffected_clause <- function(fit) {
  if (isTRUE(fit$certificate$converged)) paste(
    "standard errors of the fixed effects hold, degrees of freedom by Satterthwaite or Kenward-Roger can change a lot"
  )
}

# What is at the boundary, term by term.
boundary_clauses <- function(fit) {
  several <- length(fit$random$terms) > 1L
  ranks <- fit$certificate$rank
  unlist(lapply(which(ranks < term_sizes(fit)), function(t) {
    term <- fit$random$terms[[t]]
    factor <- fit$lambda[term$columns, term$columns, drop = FALSE]
    place <- if (several) sprintf(" of %s", term$label) else ""
    c(
      zero_clause(row_norms(factor) == 0, term$names, place),
      limit_clauses(factor, term$names, place),
      sprintf("D%s has rank %d of %d", place, as.integer(ranks[[t]]), length(term$names))
    )
  }))
}

zero_clause <- function(zero, names, place) {
  if (!any(zero)) return(NULL)
  sprintf("the standard deviation of %s%s is 0", list_offenders(names[zero]), place)
}

# Pairs of effects that are proportional. The factor of a singular estimate has exact zeros, so that
# the margin covers rounding only.
limit_clauses <- function(factor, names, place) {
  size <- row_norms(factor)
  correlation <- tcrossprod(factor / size)
  pairs <- which(lower.tri(correlation) & !is.na(correlation) & abs(correlation) > 1 - 1e-8, arr.ind = TRUE)
  if (!nrow(pairs)) return(NULL)
  if (nrow(pairs) > 5L) return(sprintf("%d correlations%s are at 1 or -1", nrow(pairs), place))
  sprintf("the correlation of %s and %s%s is at %d", names[pairs[, "col"]], names[pairs[, "row"]], place, as.integer(
    sign(correlation[pairs])
  ))
}
