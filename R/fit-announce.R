# Says once what the user must know about a fit: a message for a boundary estimate and for dropped
# columns, a warning for what is not certified.
announce_fit <- function(fit, call) {
  announce_aliased(fit$aliased)
  status <- fit$certificate$status
  if (status == "converged") return(announce_boundary(fit))
  sentence <- certificate_sentence(fit)
  headline <- if (status == "perfect_fit") {
    "There is no variation left to estimate."
  } else {
    "The fit is not certified as the optimum."
  }
  advice <- switch(status,
    flat = "Simplify the random-effects terms: estimates of these parameters mean nothing.",
    perfect_fit = "Standard errors, t values and the likelihood mean nothing.",
    max_iterations = "Try a larger {.arg max_iterations} in {.fn lmm_control}, or other starting values.",
    "Try other starting values with {.code lmm_control(starts = 5)}, or a simpler model."
  )
  class <- switch(status, flat = "mixest_unidentified", perfect_fit = "mixest_degenerate", "mixest_not_converged")
  cli::cli_warn(c(headline, x = "{sentence}", i = advice), class = c(class, "mixest_warning"), call = call)
}

announce_aliased <- function(aliased) {
  if (!length(aliased)) return(invisible())
  columns <- list_names(aliased)
  cli::cli_inform(
    c(i = "The fixed-effects design is rank deficient: {cli::qty(length(aliased))}column{?s} {columns} dropped."),
    class = "mixest_aliased"
  )
}

announce_boundary <- function(fit) {
  if (all(fit$certificate$rank >= vapply(fit$random$terms, `[[`, 0L, "size"))) return(invisible())
  boundary <- paste(boundary_clauses(fit), collapse = "; ")
  text <- strwrap(
    paste0("The estimate is on the boundary (singular fit): ", boundary, "."), prefix = "  ", initial = "i "
  )
  # Not formatted by cli: simulation studies see many of these, and that costs ten times a small
  # fit.
  rlang::inform(paste(text, collapse = "\n"), class = "mixest_singular")
}
