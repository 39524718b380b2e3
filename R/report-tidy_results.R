#' Tidy tables of tests, bootstraps, profiles and deletions
#'
#' @param x what [anova.mixest()], [ranova()], [drop1.mixest()],
#'   [bootstrap()] or [profile.mixest()] returned.
#' @param conf.int logical, for a bootstrap: add percentile limits `conf.low`, `conf.high`? Default
#'   `FALSE`.
#' @param conf.level numeric in (0, 1): their level. Default 0.95.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return Tibbles (data frames of class `"tbl_df"`) in the names of package broom.
#' * Of tests: `term` and, as far as the table has them, `sumsq`, `meansq`, `NumDF`, `DenDF`,
#'   `npar`, `AIC`, `BIC`, `logLik`, `deviance`, `statistic`, `df`, `p.value`.
#' * Of a bootstrap: `term`, `statistic` (the estimate), `bias`, `std.error`.
#' * Of a profile: its data frame.
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' tidy(anova(fit))
#' tidy(ranova(fit))
#' @name tidy_results
NULL

#' @rdname tidy_results
#' @method tidy anova.mixest
#' @export
tidy.anova.mixest <- function(x, ...) {
  check_dots()
  named <- c(
    `Sum Sq` = "sumsq", `Mean Sq` = "meansq", `F value` = "statistic", Chisq = "statistic", LRT = "statistic",
    Df = "df", `Pr(>F)` = "p.value", `Pr(>Chisq)` = "p.value", `Pr(Chi)` = "p.value"
  )
  names <- names(x)
  known <- names %in% names(named)
  names[known] <- named[names[known]]
  rows <- data.frame(term = row.names(x), unclass(as.list(x)), check.names = FALSE)
  names(rows) <- c("term", names)
  as_tibble_like(rows)
}

#' @rdname tidy_results
#' @method tidy mixest_boot
#' @export
tidy.mixest_boot <- function(x, conf.int = FALSE, conf.level = 0.95, ...) {
  check_dots()
  check_flag(conf.int, "conf.int")
  check_probability(conf.level, "conf.level")
  rows <- data.frame(
    term = names(x$t0), statistic = unname(x$t0), bias = unname(colMeans(x$t, na.rm = TRUE) - x$t0),
    std.error = unname(apply(x$t, 2L, stats::sd, na.rm = TRUE))
  )
  if (conf.int) {
    limits <- confint(x, level = conf.level)
    rows$conf.low <- unname(limits[, 1L])
    rows$conf.high <- unname(limits[, 2L])
  }
  as_tibble_like(rows)
}

#' @rdname tidy_results
#' @method tidy mixest_profile
#' @export
tidy.mixest_profile <- function(x, ...) {
  check_dots()
  as_tibble_like(as.data.frame(x))
}
