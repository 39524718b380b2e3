# Bootstrap from condensed data (src/core/inference/resampling/bootstrap.h): what is drawn are the
# R_i, B_i and R_0 of a new data set, never its rows.

#' Bootstrap
#'
#' Draws new data sets, fits the model to each, and collects the estimates.
#'
#' @param fit a fit returned by [lmm()].
#' @param FUN function of a fit that returns a numeric vector: the statistic. Default `NULL`: fixed
#'   effects, sigma, standard deviations and correlations of the random effects, which is by far the
#'   quickest, since it stays in C++.
#' @param nsim integer: number of replicates. Default 1000.
#' @param type character: `"parametric"` (default), responses drawn from the fitted model, random
#'   effects and residuals anew; or `"cases"`, whole groups drawn with replacement, as many as there
#'   are.
#' @param seed integer from 0 to 2^32 - 1: the same seed gives the same replicates, on any number of
#'   threads. Default `NULL`: drawn from R's random numbers, so that `set.seed()` works too. R's
#'   generator is not used otherwise.
#' @param progress logical: show a progress bar when it takes longer than two seconds? Default: in
#'   interactive sessions.
#' @param x,object what `bootstrap()` returned.
#' @param parm names or numbers of the statistics. Default: all.
#' @param level numeric in (0, 1): probability of the intervals. Default 0.95.
#' @param boot.type character: `"perc"` (default), the quantiles of the replicates (the k-th
#'   smallest of R estimating the quantile k / (R + 1)); `"basic"`, the same reflected at the
#'   estimate; `"norm"`, normal with the bias and the standard deviation of the replicates.
#' @param digits integer: significant digits to print.
#' @param ... for `plot()`, passed on to package boot; otherwise must be empty.
#' @details The response of a linear mixed model enters the condensed data linearly, so that a
#' replicate is drawn group by group in the condensed form: its cost does not depend on the number
#' of rows. So is a replicate of groups, from what is kept of each group (the rows of the fit are
#' read once for that); with several grouping factors groups share random effects, and `"cases"` is
#' an error of class `mixest_input`. Each replicate is fitted from the estimate, with REML or ML and
#' the control settings of `fit`, on as many threads as these say.
#'
#' *Failures.* A replicate whose fit is not an optimum, or for which `FUN` fails, is a row of `NA`;
#' they are counted in `status`, printed, and announced by a warning of class
#' `mixest_bootstrap_failed`. A singular fit is no failure. A correlation beside a standard
#' deviation of zero has no value: `NaN` in this column, and the number of values is printed.
#' Intervals use the values that there are.
#'
#' *Your own statistic.* `FUN` gets a fit of the replicate without rows, as from
#' `lmm_control(keep_data = FALSE)`: everything that comes from the condensed data works (estimates,
#' tests, `ranef()`, `predict()` of new data, `icc()`). If `FUN` fails for such a fit, as it does
#' with fitted values or residuals, with `update()` of the formula or with `anova()` of two fits,
#' the replicates are drawn with rows, at a cost that grows with their number; with `type = "cases"`
#' the grouping factor must then be a variable that the model uses nowhere else. A replicate never
#' has rows of the original data. The random stream of a replicate is the same for every `FUN`
#' without rows, and for every `FUN` with rows. With `type = "cases"` the i-th level stands for the
#' i-th group that was drawn. `FUN` should not use random numbers; `seed` does not control them.
#' What the fits that `FUN` makes have to say is not shown.
#' @return Object of class `c("mixest_boot", "boot")`, which package boot can read
#'   (`boot::boot.ci(x, type = c("norm", "basic", "perc"), index = 1)`, `plot(x, index = 1)`): a
#'   list with `t0` (the statistic of the fit), `t` (replicates x statistics), `R` (their number),
#'   `seed`, `statistic`, `sim`, `call`, and `status` (factor, one for each replicate:
#'   `"converged"`, or what went wrong) and `singular` (logical: the fit is at the boundary).
#'   `confint()`: a matrix as from [confint.mixest()].
#' @references Davison, A. C. and Hinkley, D. V. (1997). *Bootstrap Methods and their Application*,
#' Cambridge University Press, chapters 2 and 5.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' replicates <- bootstrap(fit, nsim = 200, seed = 1)
#' replicates
#' confint(replicates, "sigma")
#' slope_share <- function(fit) c(slope_share = VarCorr(fit)$school[2, 2] / sigma(fit)^2)
#' confint(bootstrap(fit, FUN = slope_share, nsim = 20, seed = 1))
#'
#' # a statistic of two models of the same replicate
#' oats <- lmm(yield ~ nitro + (1 | Block), data = nlme::Oats)
#' gain <- function(fit) c(gain = deviance(update(fit, . ~ . - nitro)) - deviance(fit))
#' bootstrap(oats, FUN = gain, nsim = 20, seed = 1)
#' @export
bootstrap <- function(fit, FUN = NULL, nsim = 1000, type = c("parametric", "cases"), seed = NULL,
                      progress = interactive(), ...) {
  check_dots()
  call <- match.call()
  user <- environment()
  check_fit(fit, "bootstrap")
  if (!is.null(FUN)) FUN <- check_function(FUN, user)
  check_count(nsim, user)
  check_flag(progress, "progress")
  types <- c("parametric", "cases")
  type <- if (identical(type, types)) types[1L] else check_choice(type, "type", types, user)
  if (type == "cases") {
    check_one_factor(fit, user)
    check_several_groups(fit, "Draws of whole groups", user)
  }
  check_optimum(fit, user)
  seed <- check_seed(seed, user)
  request <- bootstrap_request(fit, type, seed)
  stats <- if (type == "cases") stats_with_leftovers(fit, user) else fit$stats
  found <- if (is.null(FUN)) {
    replicate_estimates(fit, stats, request, nsim, progress)
  } else {
    replicate_statistic(fit, FUN, stats, request, nsim, progress, user)
  }
  out <- structure(
    c(found, list(R = nsim, seed = seed, statistic = FUN, sim = type, call = call)), class = c("mixest_boot", "boot")
  )
  announce_failures(out, user)
  out
}

# As the core takes it.
bootstrap_request <- function(fit, type, seed) {
  list(
    terms = fit$random$terms, REML = fit$REML, theta = as.double(fit$theta), type = type, seed = seed,
    control = fit$control,
    components = component_columns(fit)
  )
}

# Estimates: list(t0, t, status, singular). Replicates are done in blocks, so that progress can be
# shown in between.
replicate_estimates <- function(fit, stats, request, nsim, progress) {
  parts <- in_memory(
    with_progress(nsim, progress, function(first, count) cpp_bootstrap(stats, request, first, count)),
    "the replicates", "A smaller {.arg nsim} needs less."
  )
  t0 <- default_statistic(fit)
  kept <- !is_aliased(fit)
  t <- do.call(rbind, lapply(parts, `[[`, "values"))[, c(kept, rep(TRUE, length(t0) - sum(kept))), drop = FALSE]
  status <- unlist(lapply(parts, `[[`, "status"))
  lost <- status %in% c("converged", "flat") & rowSums(is.na(t[, seq_len(sum(kept)), drop = FALSE])) > 0
  status[lost] <- "rank_deficient"
  t[lost, ] <- NA
  dimnames(t) <- list(NULL, names(t0))
  list(t0 = t0, t = t, status = factor(status), singular = unlist(lapply(parts, `[[`, "at_boundary")))
}

# The same for FUN, one fit at a time: without rows, or with them if FUN fails without.
replicate_statistic <- function(fit, FUN, stats, request, nsim, progress, call) {
  lean <- without_rows(fit)
  t0 <- tryCatch(quiet_value(FUN, lean), error = identity)
  replicate <- if (inherits(t0, "error") && !is.null(fit$frame)) {
    replicates_with_rows(fit, request, nsim, call)
  } else {
    function(r) refit_replicate(lean, NULL, cpp_bootstrap_stats(stats, request, r))
  }
  if (inherits(t0, "error")) t0 <- statistic_of_fit(FUN, fit, call)
  t0 <- check_statistic(t0, call)
  status <- character(nsim)
  singular <- logical(nsim)
  t <- matrix(NA_real_, nsim, length(t0), dimnames = list(NULL, names(t0)))
  with_progress(nsim, progress, function(first, count) for (r in first - 1 + seq_len(count)) {
    again <- tryCatch(replicate(r), mixest_error = identity)
    status[r] <<- if (inherits(again, "error")) sub("mixest_", "", class(again)[1L]) else again$certificate$status
    if (!status[r] %in% c("converged", "flat")) next
    singular[r] <<- isSingular(again)
    value <- tryCatch(quiet_value(FUN, again), error = function(error) NULL)
    fine <- is.numeric(value) && length(value) == length(t0)
    if (fine) t[r, ] <<- value else status[r] <<- "FUN_failed"
  })
  list(t0 = t0, t = t, status = factor(status), singular = singular)
}

# Of the fits that FUN makes on its way nothing is said.
quiet_value <- function(FUN, fit) {
  said <- c("mixest_singular", "mixest_aliased", "mixest_refit")
  suppressMessages(suppressWarnings(FUN(fit), classes = "mixest_warning"), classes = said)
}

# Calls part(first, count) for blocks of the numbers 1..n; list of its results.
with_progress <- function(n, progress, part) {
  if (!progress) return(list(part(1, n)))
  bar <- cli::cli_progress_bar("Bootstrap", total = n)
  size <- ceiling(n / 100)
  lapply(seq(1, n, by = size), function(first) {
    count <- min(size, n - first + 1)
    out <- part(first, count)
    cli::cli_progress_update(inc = count, id = bar)
    out
  })
}

default_statistic <- function(fit) {
  variance <- variance_estimates(fit)
  c(fit$coefficients, variance["sigma"], variance[names(variance) != "sigma"])
}

# Columns of U of each standard deviation and correlation, 2 x their number.
component_columns <- function(fit) {
  parameters <- interval_parameters(fit)
  parameters <- parameters[parameters$kind %in% c("sd", "cor"), ]
  columns <- lapply(fit$random$terms, `[[`, "columns")
  rbind(mapply(function(t, j) columns[[t]][j], parameters$term, parameters$row), mapply(
    function(t, j) columns[[t]][j], parameters$term, parameters$column
  ))
}

statistic_of_fit <- function(FUN, fit, call) {
  tryCatch(quiet_value(FUN, fit), error = function(error) {
    abort_mixest("input", c(
      "{.arg FUN} must return a numeric vector for a fit.",
      x = if (is.null(fit$frame)) "It fails for the fit, which has no rows." else "It fails for the fit itself."
    ), call, parent = error)
  })
}

check_statistic <- function(value, call) {
  if (is.numeric(value) && length(value)) return(c(value))
  abort_mixest(
    "input", c("{.arg FUN} must return a numeric vector.", x = "It returns {.obj_type_friendly {value}}."), call
  )
}

check_one_factor <- function(fit, call) {
  if (length(fit$random$groups) == 1L) return(invisible())
  abort_mixest("input", c(
    "{.code type = \"cases\"} draws groups that share no random effects: the fit must have one grouping factor.",
    x = "It has {.code {names(fit$random$groups)}}.", i = "Use {.code type = \"parametric\"}."
  ), call)
}

# Nothing can be drawn from a model without residual variation or from no optimum at all.
check_optimum <- function(fit, call) {
  status <- fit$certificate$status
  if (status %in% c("converged", "flat")) return(invisible())
  abort_mixest(if (status == "perfect_fit") "degenerate" else "not_converged", c(
    "A bootstrap must start from an optimum of the likelihood.", x = "The status of the fit is {.val {status}}.",
    i = "See {.fn convergence}."
  ), call)
}

failed_replicates <- function(x) table(droplevels(x$status[!x$status %in% c("converged", "flat")]))

announce_failures <- function(x, call) {
  failed <- failed_replicates(x)
  if (!length(failed)) return(invisible())
  cli::cli_warn(c(
    "{sum(failed)} of {x$R} replicates failed: their rows of {.code t} are {.code NA}.",
    x = "{paste0(names(failed), ': ', failed)}."
  ), class = c("mixest_bootstrap_failed", "mixest_warning"), call = call)
}
