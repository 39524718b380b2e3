#' Tidy tables of a fit
#'
#' @param x a fit returned by [lmm()].
#' @param effects character: which rows, `"fixed"`, `"ran_pars"` (standard deviations and
#'   correlations) or both (default).
#' @param conf.int logical: add normal-theory confidence limits of the fixed effects (`NA` for the
#'   others)? Default `FALSE`.
#' @param conf.level numeric in (0, 1): their level. Default 0.95.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return Data frames with the columns of package broom.mixed. `tidy()`: `effect`, `group`, `term`,
#'   `estimate`, `std.error`, `statistic`, one row for each parameter; standard deviations are
#'   `sd__(Intercept)`, correlations `cor__(Intercept).x`, sigma `sd__Observation`. `glance()`: one
#'   row with `nobs`, `sigma`, `logLik`, `AIC`, `BIC`, `REMLcrit` (or `deviance` for ML),
#'   `df.residual`.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' tidy(fit)
#' glance(fit)
#' @method tidy mixest
#' @export
tidy.mixest <- function(x, effects = c("fixed", "ran_pars"), conf.int = FALSE, conf.level = 0.95, ...) {
  check_dots()
  for (effect in effects) check_choice(effect, "effects", c("fixed", "ran_pars"))
  check_probability(conf.level, "conf.level")
  rows <- do.call(
    rbind, c(if ("fixed" %in% effects) list(tidy_fixed(x)), if ("ran_pars" %in% effects) list(tidy_components(x)))
  )
  if (!conf.int) return(rows)
  half <- stats::qnorm((1 + conf.level) / 2) * ifelse(rows$effect == "fixed", rows$std.error, NA_real_)
  cbind(rows, conf.low = rows$estimate - half, conf.high = rows$estimate + half)
}

tidy_fixed <- function(fit) {
  table <- coefficient_table(fit)
  data.frame(
    effect = rep("fixed", nrow(table)), group = rep(NA_character_, nrow(table)), term = as.character(rownames(table)),
    estimate = unname(table[, "Estimate"]), std.error = unname(table[, "Std. Error"]),
    statistic = unname(table[, "t value"])
  )
}

tidy_components <- function(fit) {
  table <- as.data.frame(VarCorr(fit))
  term <- ifelse(is.na(table$var2), paste0("sd__", table$var1), paste0("cor__", table$var1, ".", table$var2))
  term[table$grp == "Residual" & is.na(table$var1)] <- "sd__Observation"
  data.frame(
    effect = "ran_pars", group = table$grp, term = term, estimate = table$sdcor, std.error = table$std.error,
    statistic = NA_real_
  )
}

#' @rdname tidy.mixest
#' @method glance mixest
#' @export
glance.mixest <- function(x, ...) {
  check_dots()
  log_likelihood <- logLik(x)
  row <- data.frame(
    nobs = nobs(x), sigma = x$sigma, logLik = as.numeric(log_likelihood), AIC = stats::AIC(log_likelihood),
    BIC = stats::BIC(log_likelihood)
  )
  row[[if (x$REML) "REMLcrit" else "deviance"]] <- x$deviance
  row$df.residual <- x$df.residual
  row
}
