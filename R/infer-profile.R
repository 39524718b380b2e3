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
#' @param prof.scale character: `"sdcor"` (default) for standard deviations; `"varcov"` for their
#'   squares, the variances, also of sigma. Covariances have no profile: with `"varcov"`, `which`
#'   must leave out the correlations.
#' @param object,x what `profile()` returned.
#' @param parm,level as in [confint.mixest()].
#' @param row.names `NULL`, or names for the rows.
#' @param optional not used; an argument of the generic.
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
profile.mixest <- function(fitted, which = NULL, alphamax = 0.01, delta.cutoff = 1 / 8,
                           prof.scale = c("sdcor", "varcov"), ...) {
  check_dots()
  scales <- c("sdcor", "varcov")
  if (identical(prof.scale, scales)) prof.scale <- scales[1L]
  check_choice(prof.scale, "prof.scale", scales)
  check_probability(alphamax, "alphamax")
  check_probability(delta.cutoff, "delta.cutoff")
  user <- environment()
  parameters <- choose_parameters(interval_parameters(fitted), which, user)
  parameters <- profiled_parameters(fitted, parameters, asked = !is.null(which), user)
  if (prof.scale == "varcov") refuse_correlations(parameters, user)
  start <- profile_start(fitted, user)
  largest <- sqrt(stats::qchisq(1 - alphamax, 1))
  curves <- cpp_profile_curves(
    start$stats, start$terms, start$theta, profile_targets(parameters), largest, delta.cutoff * largest
  )
  refuse_without_maximum(parameters$name[lengths(lapply(curves, `[[`, "value")) == 0L], user)
  points <- data.frame(
    .par = factor(rep(parameters$name, lengths(lapply(curves, `[[`, "value"))), levels = parameters$name),
    value = unlist(lapply(curves, `[[`, "value")),
    .zeta = unlist(lapply(curves, `[[`, "zeta"))
  )
  squared <- prof.scale == "varcov" & parameters$kind %in% c("sd", "sigma")
  of_points <- squared[as.integer(points$.par)]
  points$value[of_points] <- points$value[of_points]^2
  parameters$squared <- squared
  shown <- ifelse(squared, sub("^sd", "var", parameters$name), parameters$name)
  levels(points$.par) <- parameters$name <- shown
  structure(
    points, start = start, parameters = parameters, alphamax = alphamax, class = c("mixest_profile", "data.frame")
  )
}

# A variance has the profile of its square root; a covariance has none of the others'.
refuse_correlations <- function(parameters, call) {
  correlations <- parameters$name[parameters$kind == "cor"]
  if (!length(correlations)) return(invisible())
  abort_mixest("input", c(
    "With {.code prof.scale = \"varcov\"} a profile must be that of a variance or fixed effect.",
    x = "{.arg which} has {list_names(correlations)}.",
    i = "Name the parameters in {.arg which}, or use {.code prof.scale = \"sdcor\"}."
  ), call)
}

#' @rdname profile.mixest
#' @export
confint.mixest_profile <- function(object, parm = NULL, level = 0.95, ...) {
  check_dots()
  check_probability(level)
  parameters <- choose_parameters(attr(object, "parameters"), parm, environment())
  intervals <- profile_intervals(attr(object, "start"), parameters, level, environment())
  intervals[parameters$squared, ] <- intervals[parameters$squared, ]^2
  intervals
}

#' @rdname profile.mixest
#' @export
as.data.frame.mixest_profile <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  name_rows(data.frame(.par = x$.par, value = x$value, .zeta = x$.zeta), row.names)
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
