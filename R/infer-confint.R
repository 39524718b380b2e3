#' Confidence intervals
#'
#' @param object a fit returned by [lmm()].
#' @param parm which parameters: names or numbers of rows of the result; `"theta_"` stands for all
#'   standard deviations and correlations and sigma, `"beta_"` for the fixed effects. Default: all.
#' @param level numeric in (0, 1): probability of the intervals. Default 0.95.
#' @param method character: `"profile"` (default), `"Wald"` or `"boot"`.
#' @param boot.type character: for `method = "boot"`, the kind of interval, see [bootstrap()].
#' @param ddf,vcov character: for `method = "Wald"`, degrees of freedom and covariance matrix of the
#'   fixed effects, see [df_for()]. Defaults: `"none"`, normal quantiles, and `"model"`; with
#'   another `vcov` the default of `ddf` is `"satterthwaite"`.
#' @param oldNames logical: lme4's old names of the standard deviations and correlations, `.sig01`,
#'   `.sig02`, ..., and `.sigma`, in `parm` and in the result? Default `FALSE`.
#' @param ... for `method = "boot"`, arguments of [bootstrap()] such as `nsim` and `seed`; otherwise
#'   must be empty.
#' @details `"profile"`: the values of a parameter that a likelihood-ratio test at level 1 - `level`
#' does not reject: those where the deviance, minimised over all other parameters, is at most
#' `qchisq(level, 1)` above its minimum. The ends are found by Newton's method with exact
#' derivatives, for standard deviations and correlations as for fixed effects. As in lme4 the
#' deviance is that of maximum likelihood: for a REML fit the profile is that of the ML fit of the
#' same model. Where the deviance at the limit of a parameter (a standard deviation of 0, a
#' correlation of 1 or -1) is below the cutoff, the interval ends there; an interval is never `NA`.
#' For a correlation beside a standard deviation that may be zero this can be all of -1 to 1.
#'
#' `"Wald"`: estimate and standard error from the observed information, of REML for a REML fit; for
#' standard deviations on the log scale, for correlations on Fisher's z scale, for fixed effects
#' with normal quantiles. `NA` at the boundary.
#'
#' `"boot"`: intervals from [bootstrap()], 1000 replicates by default; with `FUN =` those of its
#' statistics, which `parm` then names or numbers. Unlike profile intervals they
#' are of the criterion of the fit, REML or ML.
#'
#' For `toep()` with three effects or more, profile intervals of correlations beyond the first lag
#' can't be computed: asking for them by name is an error, without `parm` they are left out with a
#' message of class `mixest_left_out`.
#' @return Matrix with one row for each parameter, named `sd_(Intercept)|school`,
#'   `cor_cses.(Intercept)|school`, `sigma` and by the fixed effects, and columns named by the
#'   probabilities (`2.5 %`, `97.5 %`). Standard deviations in units of the response. Where
#'   structures have one standard deviation or correlation for all effects, it is `sd|school`,
#'   `cor|school`.
#' @references Bates, D., Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear
#' mixed-effects models using lme4. *Journal of Statistical Software* 67(1), 1-48, section 5.1.
#' @seealso [profile.mixest()] for the whole profile.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' confint(fit)
#' confint(fit, "beta_", method = "Wald")
#' confint(fit, "theta_", method = "boot", nsim = 200, seed = 1)
#' @export
confint.mixest <- function(object, parm = NULL, level = 0.95, method = c("profile", "Wald", "boot"),
                           boot.type = c("perc", "basic", "norm"), ddf = NULL, vcov = "model", oldNames = FALSE, ...) {
  methods <- c("profile", "Wald", "boot")
  if (identical(method, methods)) method <- "profile"
  if (!identical(method, "boot")) check_dots()
  check_choice(method, "method", methods)
  check_probability(level)
  check_flag(oldNames, "oldNames")
  user <- environment()
  if (method != "Wald" && !(is.null(ddf) && identical(vcov, "model"))) refuse_tests(user)
  if (method == "boot" && !is.null(list(...)$FUN)) {
    return(confint.mixest_boot(bootstrap(object, ...), parm, level, match_boot_type(boot.type)))
  }
  all <- interval_parameters(object)
  shown <- stats::setNames(if (oldNames) old_names(all) else all$name, all$name)
  chosen <- choose_parameters(transform(all, name = shown), parm, user)
  parameters <- all[match(chosen$name, shown), ]
  intervals <- switch(method,
    Wald = wald_intervals(object, parameters, level, wald_method(object, ddf, vcov, user)),
    boot = confint.mixest_boot(
      bootstrap(object, ...), parameters$name, level, match_boot_type(boot.type)
    ),
    profile = profile_intervals(
      profile_start(object, user), profiled_parameters(object, parameters, asked = !is.null(parm), user), level, user
    )
  )
  rownames(intervals) <- unname(shown[rownames(intervals)])
  intervals
}

# lme4's with oldNames = TRUE.
old_names <- function(parameters) {
  names <- parameters$name
  random <- parameters$kind %in% c("sd", "cor")
  names[random] <- sprintf(".sig%02d", seq_len(sum(random)))
  names[parameters$kind == "sigma"] <- ".sigma"
  names
}

wald_method <- function(fit, ddf, vcov, call) {
  if (is.null(ddf)) ddf <- if (identical(vcov, "model")) "none" else "satterthwaite"
  df_method(fit, match_ddf(ddf, call), vcov = vcov, call = call)
}

refuse_tests <- function(call) {
  abort_mixest("input", c(
    "{.arg ddf} and {.arg vcov} must be left out unless the method is {.val Wald}.",
    i = "Use {.code method = \"Wald\"}."
  ), call)
}
