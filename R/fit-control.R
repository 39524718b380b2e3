#' Options of the fitting algorithm
#'
#' @param tolerance positive number: the optimiser stops when its estimate of what is left to gain
#'   in -2 log likelihood (the Newton decrement) is below it. Default 1e-10.
#' @param max_iterations positive whole number: largest number of Newton steps from each start.
#'   Default 200.
#' @param starts whole number from 1 to 7: the least number of starting values; the best optimum is
#'   kept. The default, 1, starts from a moment estimate. An optimum on the boundary, and structures
#'   other than `us`, are always compared with those from two more starts; all seven are tried with
#'   at most twice as many groups as covariance parameters, or when there is no row beyond those
#'   that the effects of the groups fit exactly; unless `start` was given. With a single variance
#'   and fewer than four rows in a group on average, every valley of the deviance is looked into.
#' @param threads positive whole number: threads used for condensation and for evaluating the
#'   likelihood during the fit, at most 64; the estimates are the same to the last bit for any
#'   number. Default: option `mixest.threads`, or 1.
#' @param keep_data logical: keep the model frame in the fit? Default `TRUE`. Without it the fit is
#'   small, but there are no fitted values or residuals; estimates, random effects and predictions
#'   for new data remain. What needs the groups one by one (robust covariance matrices,
#'   [influence.mixest()]) also remains as long as their condensed form, `4 m (p + 1)(p + 2)` bytes
#'   for m groups and p columns of the fixed-effects matrix, is at most 32 MB.
#' @param ... must be empty: unknown arguments are an error of class
#'   `mixest_argument`.
#' @return A list of class `"lmm_control"` with the elements above, for the argument `control` of
#'   [lmm()]. A value that can't be used gives an error of class `mixest_input`.
#' @examples
#' small <- lmm_control(keep_data = FALSE)
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont, control = small)
#' is.null(fit$frame)
#' @export
lmm_control <- function(tolerance = 1e-10, max_iterations = 200L, starts = 1L,
                        threads = getOption("mixest.threads", 1L), keep_data = TRUE, ...) {
  call <- environment()
  check_dots(refuse = TRUE)
  if (!is_number(tolerance) || tolerance <= 0) refuse_value("tolerance", tolerance, "a positive number", call)
  if (!is_count(max_iterations)) refuse_value("max_iterations", max_iterations, "a positive whole number", call)
  if (!is_count(starts) || starts > 7) refuse_value("starts", starts, "a whole number from 1 to 7", call)
  if (!is_count(threads)) refuse_value("threads", threads, "a positive whole number", call)
  if (!isTRUE(keep_data) && !isFALSE(keep_data)) refuse_value("keep_data", keep_data, "`TRUE` or `FALSE`", call)
  structure(
    list(
      tolerance = as.double(tolerance), max_iterations = as.integer(max_iterations), starts = as.integer(starts),
      threads = as.integer(threads), keep_data = keep_data
    ),
    class = "lmm_control"
  )
}

check_control <- function(control, call) {
  if (inherits(control, "lmm_control")) return(control)
  if (is_control_of_others(control)) {
    cli::cli_inform(c(i = paste(
      "{.arg control} is of another package and has no effect here:",
      "options of {.fn lmm} are made by {.fn lmm_control}."
    )), class = "mixest_argument")
    return(lmm_control())
  }
  if (is.list(control) && !is.object(control)) {
    known <- setdiff(names(formals(lmm_control)), "...")
    unknown <- setdiff(names_or_empty(control), known)
    if (length(unknown)) announce_arguments(unknown, "lmm_control", known, refuse = TRUE, call)
    return(do.call(lmm_control, control))
  }
  abort_mixest(
    "input", c("{.arg control} must be made by {.fn lmm_control}.", x = "It is {.obj_type_friendly {control}}."), call
  )
}

# Made by lme4's lmerControl() or nlme's lmeControl().
is_control_of_others <- function(control) {
  inherits(control, "merControl") || is.list(control) && all(c("niterEM", "returnObject") %in% names(control))
}
