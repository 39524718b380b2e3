# parameters. Its methods for merMod are registered as they are (R/interop-register.R), but for the
# intervals that it takes from lme4's slots.
ci.mixest <- function(x, ci = 0.95, dof = NULL, method = "wald", iterations = 500, ...) {
  method <- lower_case(method)
  if (!method %in% c("profile", "boot")) {
    theirs <- utils::getS3method("ci", "merMod", envir = asNamespace("parameters"))
    return(theirs(x, ci = ci, dof = dof, method = method, ...))
  }
  rows <- lapply(ci, function(level) {
    limits <- if (method == "boot") {
      confint(x, "beta_", level = level, method = "boot", nsim = iterations)
    } else {
      confint(x, "beta_", level = level)
    }
    data.frame(
      Parameter = rownames(limits), CI = level, CI_low = limits[, 1L], CI_high = limits[, 2L], row.names = NULL
    )
  })
  do.call(rbind, rows)
}
