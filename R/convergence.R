#' The certificate of a fit
#'
#' Every fit is checked against the conditions of an optimum, with exact gradient and Hessian, at
#' any size of the data. `isSingular()` tells whether the estimate is on the boundary: an estimated
#' covariance matrix D without full rank.
#'
#' @param object,x a fit of [lmm()]; for `print()`, what `convergence()` returned.
#' @param ... not used.
#' @return `convergence()`: list of class `"mixest_convergence"`, printed as one sentence, of
#' * `converged`: logical, do all conditions hold?
#' * `gradient`: largest gradient component of the free parameters, in units of its standard error;
#' * `newton_decrement`: bound on what is left to gain in -2 log-likelihood;
#' * `hessian_min_eigen`: smallest eigenvalue of the scaled Hessian over the free directions (`NaN`
#'   when there is none);
#' * `kkt_min_eigen`: smallest eigenvalue of the scaled gradient with respect to D, negative if
#'   leaving the boundary would improve the fit;
#' * `rank`: integer, rank of D for each random-effects term;
#' * `iterations`, `evaluations`: counts;
#' * `status`: `"converged"`, or the reason why not: `"flat"` (the data don't determine a parameter;
#'   `flat` has the numbers of those concerned), `"max_iterations"`, `"no_progress"`,
#'   `"perfect_fit"`;
#' * `message`: the sentence.
#'
#' `isSingular()`: logical, exact (a rank, not a tolerance).
#' @examples
#' fit <- lmm(mathach ~ cses + (cses | school), data = MathAchieve)
#' convergence(fit)
#' convergence(fit)$newton_decrement
#' isSingular(fit)
#' @export
convergence <- function(object, ...) UseMethod("convergence")

#' @rdname convergence
#' @export
convergence.mixest <- function(object, ...) {
  structure(c(unclass(object$certificate), message = certificate_sentence(object)), class = "mixest_convergence")
}

#' @rdname convergence
#' @export
print.mixest_convergence <- function(x, ...) {
  cat(strwrap(x$message, width = getOption("width")), sep = "\n")
  invisible(x)
}

#' @rdname convergence
#' @export
isSingular.mixest <- function(x, ...) any(x$certificate$rank < term_sizes(x))

term_sizes <- function(fit) vapply(fit$random$terms, function(term) length(term$columns), 0L)

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
  alike <- vapply(terms, `[[`, "", "structure")[owner] %in% c("us", "diag", "homdiag")
  c(theta_names(fit)[flat[alike]], sprintf("of %s", vapply(terms, `[[`, "", "label")[unique(owner[!alike])]))
}

unaffected_clause <- function(fit) {
  if (isTRUE(fit$certificate$converged)) "inference on the fixed effects is unaffected"
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
