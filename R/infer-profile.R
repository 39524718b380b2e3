#' Likelihood profiles
#'
#' How the deviance grows when one parameter is held away from its estimate, all others taking their
#' best values: for standard deviations and correlations of the random effects, sigma and the fixed
#' effects.
#'
#' @param fitted a fit returned by [lmm()].
#' @param which parameters to profile: as `parm` in [confint.mixest()]. Default: all.
#' @param alphamax numeric in (0, 1): the profile covers intervals up to level 1 - `alphamax`.
#'   Default 0.01.
#' @param delta.cutoff numeric: distance of the points as a fraction of the largest zeta. Default
#'   1/8, about 17 points for each parameter.
#' @param object,x what `profile()` returned.
#' @param parm,level as in [confint.mixest()].
#' @param row.names,optional not used; arguments of the generic.
#' @param ... for `plot()`, graphical parameters of the panels; otherwise must be empty.
#' @details zeta is the signed square root of the rise of the deviance, which is a straight line
#' where the likelihood is that of a normal estimate. As in lme4 the deviance is that of maximum
#' likelihood: for a REML fit it is the profile of the ML fit of the same model. A profile ends
#' where its parameter does: at a standard deviation of 0, at a correlation of -1 or 1.
#' @return `profile()`: data frame of class `"mixest_profile"` with columns `.par` (factor: the
#'   parameter), `value` and `.zeta`, in increasing order of the value for each parameter.
#'   `confint()` of it gives exact intervals, as [confint.mixest()] of the fit does, without fitting
#'   again. `plot()` draws zeta against the parameter, with the intervals of 50, 80, 90, 95 and 99 %
#'   as far as the profile goes, and returns its argument invisibly.
#' @references Bates, D. M. and Watts, D. G. (1988). *Nonlinear Regression Analysis and Its
#'   Applications*, Wiley, chapter 6, for profile zeta plots.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' profiled <- profile(fit)
#' plot(profiled)
#' confint(profiled, level = 0.9)
#' @export
profile.mixest <- function(fitted, which = NULL, alphamax = 0.01, delta.cutoff = 1 / 8, ...) {
  check_dots()
  check_probability(alphamax, "alphamax")
  check_probability(delta.cutoff, "delta.cutoff")
  user <- environment()
  parameters <- choose_parameters(interval_parameters(fitted), which, user)
  parameters <- profiled_parameters(fitted, parameters, asked = !is.null(which), user)
  start <- profile_start(fitted, user)
  largest <- sqrt(stats::qchisq(1 - alphamax, 1))
  curves <- cpp_profile_curves(
    start$stats, start$terms, start$theta, profile_targets(parameters), largest, delta.cutoff * largest
  )
  points <- data.frame(
    .par = factor(rep(parameters$name, lengths(lapply(curves, `[[`, "value"))), levels = parameters$name),
    value = unlist(lapply(curves, `[[`, "value")),
    .zeta = unlist(lapply(curves, `[[`, "zeta"))
  )
  structure(
    points, start = start, parameters = parameters, alphamax = alphamax, class = c("mixest_profile", "data.frame")
  )
}

#' @rdname profile.mixest
#' @export
confint.mixest_profile <- function(object, parm = NULL, level = 0.95, ...) {
  check_dots()
  check_probability(level)
  profile_intervals(attr(object, "start"), choose_parameters(attr(object, "parameters"), parm, environment()), level)
}

#' @rdname profile.mixest
#' @export
as.data.frame.mixest_profile <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  data.frame(.par = x$.par, value = x$value, .zeta = x$.zeta)
}

#' @rdname profile.mixest
#' @export
print.mixest_profile <- function(x, ...) {
  check_dots()
  cat(
    "Likelihood profiles of ", nlevels(x$.par), " parameters, to level ", format(100 * (1 - attr(x, "alphamax"))),
    " %: ", nrow(x), " points\n",
    sep = ""
  )
  print(stats::confint(x))
  invisible(x)
}
