#' The certificate of a fit
#'
#' Every fit is checked against the conditions of an optimum, with exact gradient and Hessian, at
#' any size of the data. `isSingular()` tells whether the estimate is on the boundary: an estimated
#' covariance matrix D without full rank.
#'
#' @param object,x a fit returned by [lmm()]; for `print()`, what `convergence()` returned.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
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
  check_dots()
  structure(c(unclass(object$certificate), message = certificate_sentence(object)), class = "mixest_convergence")
}

#' @rdname convergence
#' @export
print.mixest_convergence <- function(x, ...) {
  check_dots()
  cat(strwrap(x$message, width = getOption("width")), sep = "\n")
  invisible(x)
}
