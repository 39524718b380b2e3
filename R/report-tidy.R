#' Tidy tables of a fit
#'
#' @param x a fit returned by [lmm()].
#' @param effects character: which rows, `"fixed"`, `"ran_pars"` (standard deviations and
#'   correlations) or both (default).
#' @param conf.int logical: add normal-theory confidence limits of the fixed effects (`NA` for the
#'   others)? Default `FALSE`.
#' @param conf.level numeric in (0, 1): their level. Default 0.95.
#' @param scales character: the scale of the `ran_pars`. `"sdcor"` (default): standard deviations
#'   and correlations; `"vcov"`: variances and covariances, `var__(Intercept)`,
#'   `cov__(Intercept).x`. As in broom.mixed it may also have one element for each of `effects`,
#'   `NA` for `"fixed"`.
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
tidy.mixest <- function(x, effects = c("fixed", "ran_pars"), conf.int = FALSE, conf.level = 0.95,
                       scales = NULL, ...) {
  check_dots()
  check_flag(conf.int, "conf.int")
  for (effect in effects) check_choice(effect, "effects", c("fixed", "ran_pars"))
  check_probability(conf.level, "conf.level")
  scale <- scale_of_components(scales, effects)
  rows <- do.call(rbind, c(
    if ("fixed" %in% effects) list(tidy_fixed(x)), if ("ran_pars" %in% effects) list(tidy_components(x, scale))
  ))
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

# "sdcor" or "vcov".
scale_of_components <- function(scales, effects, call = parent.frame()) {
  if (is.null(scales)) return("sdcor")
  if (length(scales) > 1L && length(scales) == length(effects)) {
    if (any(!is.na(scales[effects == "fixed"]))) {
      refuse_value("scales", scales, "{.code NA} for the effects {.val fixed}", call)
    }
    scales <- scales[effects == "ran_pars"]
  }
  check_choice(scales, "scales", c("sdcor", "vcov"), call)
}

tidy_components <- function(fit, scale) {
  table <- as.data.frame(VarCorr(fit))
  prefix <- if (scale == "vcov") c("var__", "cov__") else c("sd__", "cor__")
  term <- ifelse(is.na(table$var2), paste0(prefix[1L], table$var1), paste0(prefix[2L], table$var1, ".", table$var2))
  term[table$grp == "Residual" & is.na(table$var1)] <- paste0(prefix[1L], "Observation")
  data.frame(
    effect = "ran_pars", group = table$grp, term = term, estimate = table[[scale]],
    std.error = if (scale == "vcov") component_errors(fit, covariance_slope) else table$std.error, statistic = NA_real_
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
