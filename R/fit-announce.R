# What the user must know about a fit, said once: a message for a boundary estimate and for dropped
# columns, a warning for what is not certified. Simulation studies see many of them: see
# say_mixest() for what that costs.
announce <- function(fits, call) {
  if (inherits(fits, "mixest_fits")) announce_fits(fits, call) else announce_fit(fits, call)
}

announce_fit <- function(fit, call) {
  announce_aliased(fit$aliased, call)
  status <- fit$certificate$status
  if (status == "converged") return(announce_boundary(fit, call))
  headline <- if (status == "perfect_fit") {
    "The fixed effects fit the response exactly."
  } else {
    "The fit is not certified as the optimum."
  }
  advice <- switch(status,
    flat = "Simplify the random-effects terms: the estimates of these parameters are not meaningful.",
    perfect_fit = "Standard errors, t values and the likelihood are not meaningful.",
    max_iterations = "Try a larger `max_iterations` in `lmm_control()`, or other starting values.",
    "Try other starting values with `lmm_control(starts = 5)`, or a simpler model."
  )
  class <- switch(status, flat = "mixest_unidentified", perfect_fit = "mixest_degenerate", "mixest_not_converged")
  warn_mixest(class, c(headline, x = certificate_sentence(fit), i = advice), call)
}

announce_aliased <- function(aliased, call) {
  if (!length(aliased)) return(invisible())
  say_mixest("mixest_aliased", function() {
    columns <- paste(if (length(aliased) == 1L) "column" else "columns", list_names(aliased))
    c(i = paste0("The fixed-effects design is rank deficient: ", columns, " dropped."))
  }, call)
}

announce_boundary <- function(fit, call) {
  if (all(fit$certificate$rank >= term_sizes(fit))) return(invisible())
  say_mixest("mixest_singular", function() {
    boundary <- paste(boundary_clauses(fit), collapse = "; ")
    c(i = paste0("The estimate is on the boundary (singular fit): ", boundary, "."))
  }, call)
}

# Of many fits: one warning for all that are not certified, one message for all at the boundary.
announce_fits <- function(fits, call) {
  fitted <- is_fit(fits)
  if (!any(fitted)) rlang::cnd_signal(fits[[1L]])
  announce_aliased(unique(unlist(lapply(unclass(fits)[fitted], `[[`, "aliased"))), call)
  certified <- fitted
  certified[fitted] <- vapply(unclass(fits)[fitted], function(fit) fit$certificate$converged, NA)
  if (!all(certified)) {
    bad <- names(fits)[!certified]
    warn_mixest("mixest_not_converged", c(
      "Every response must have a fit that is certified as the optimum.",
      x = sprintf(
        "%d of %d %s none: %s.", length(bad), length(fits), if (length(bad) == 1L) "has" else "have", list_names(bad)
      ),
      i = "See `convergence()` of each fit; a response that can't be fitted has its error in the list."
    ), call)
  }
  singular <- sum(vapply(unclass(fits)[certified], function(fit) any(fit$certificate$rank < term_sizes(fit)), NA))
  if (!singular) return(invisible())
  say_mixest("mixest_singular", function() c(i = sprintf(
    "%d of the %d estimates %s on the boundary (singular fit).",
    singular, length(fits), if (singular == 1L) "is" else "are"
  )), call)
}

is_fit <- function(fits) vapply(unclass(fits), inherits, NA, what = "mixest")
