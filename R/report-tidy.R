#' Tidy tables of a fit
#'
#' @param x a fit returned by [lmm()].
#' @param effects character: which rows, any of `"fixed"`, `"ran_pars"` (standard deviations and
#'   correlations), `"ran_vals"` (predicted random effects) and `"ran_coefs"` (coefficients of each
#'   group). Default: the first two.
#' @param conf.int logical: add confidence limits, `conf.low` and `conf.high`? Default `FALSE`.
#' @param conf.level numeric in (0, 1): their level. Default 0.95.
#' @param conf.method character: `"Wald"` (default; t intervals for fixed effects, Wald intervals on
#'   the log and Fisher's z scale for standard deviations and correlations, normal intervals for
#'   random effects), `"profile"` or `"boot"`, see [confint.mixest()].
#' @param ddf.method character: degrees of freedom of the fixed effects, see [df_for()]. Default
#'   `"satterthwaite"`.
#' @param scales `NULL` (default), or the scale of `"ran_pars"`: `"sdcor"`, standard deviations and
#'   correlations, or `"vcov"`, variances and covariances. As in broom.mixed it may also have one
#'   element for each of `effects`, `NA` for `"fixed"`.
#' @param exponentiate logical: exponentiate the fixed effects and their limits? Standard errors are
#'   then those of the delta method. Default `FALSE`.
#' @param ran_prefix character of length 2: what the terms of `"ran_pars"` begin with. Default
#'   `c("sd", "cor")`, or `c("var", "cov")`.
#' @param data,newdata data frames: the rows to add columns to, those of the fit (default: its
#'   model frame) or others.
#' @param se_fit logical: add the standard error of the prediction, `.se.fit`? Default `FALSE`.
#' @param interval character: add limits `.lower` and `.upper`? See [predict.mixest()]. Default
#'   `"none"`.
#' @param ... for `conf.method = "boot"`, arguments of [bootstrap()], and for `augment()` of
#'   [predict.mixest()]; otherwise must be empty.
#' @return Tibbles (data frames of class `"tbl_df"`) with the columns of package broom.mixed.
#'
#' `tidy()`: `effect`, `group`, `level` (with random effects), `term`, `estimate`, `std.error`,
#' `statistic`, `df`, `p.value`, one row for each parameter. Standard deviations are
#' `sd__(Intercept)`, correlations `cor__(Intercept).x`, sigma `sd__Observation`; their standard
#' errors are those of [VarCorr.mixest()].
#'
#' `glance()`: one row with `nobs`, `sigma`, `logLik`, `AIC`, `BIC`, `REMLcrit` (or `deviance` for
#' ML), `df.residual`.
#'
#' `augment()`: the rows with `.fitted`, and for the rows of the fit `.resid`, `.hat`, `.cooksd`,
#' `.fixed` (the population mean) and `.wtres` (residuals times the roots of the precision weights).
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' tidy(fit, conf.int = TRUE)
#' head(tidy(fit, effects = "ran_vals"))
#' glance(fit)
#' head(augment(fit))
#' @method tidy mixest
#' @export
tidy.mixest <- function(x, effects = c("fixed", "ran_pars"), conf.int = FALSE, conf.level = 0.95,
                        conf.method = c("Wald", "profile", "boot"), ddf.method = "satterthwaite", scales = NULL,
                        exponentiate = FALSE, ran_prefix = NULL, ...) {
  user <- environment()
  check_dots(if (identical(conf.method, "boot")) names(formals(bootstrap)))
  for (effect in effects) check_choice(effect, "effects", c("fixed", "ran_pars", "ran_vals", "ran_coefs"))
  check_flag(conf.int, "conf.int")
  check_probability(conf.level, "conf.level")
  check_flag(exponentiate, "exponentiate")
  conf.method <- match_conf_method(conf.method, user)
  limits <- if (conf.int) function(fit, parm) confint(fit, parm, conf.level, conf.method, ...)
  parts <- lapply(unique(effects), function(effect) {
    switch(effect,
      fixed = tidy_fixed(x, ddf.method, if (conf.method == "Wald") conf.level else limits, conf.int, exponentiate),
      ran_pars = tidy_components(x, limits, scale_of_components(scales, effects, user), ran_prefix),
      ran_vals = tidy_random(x, if (conf.int) conf.level),
      ran_coefs = tidy_coefficients(x)
    )
  })
  as_tibble_like(stack_rows(parts))
}

match_conf_method <- function(conf.method, call) {
  choices <- c("Wald", "profile", "boot")
  if (identical(conf.method, choices)) return(choices[1L])
  known <- if (is.character(conf.method)) match(lower_case(conf.method), lower_case(choices))
  if (length(known) == 1L && !is.na(known)) choices[known] else check_choice(conf.method, "conf.method", choices, call)
}

# "sdcor" or "vcov".
scale_of_components <- function(scales, effects, call) {
  if (is.null(scales) || !"ran_pars" %in% effects) return("sdcor")
  if (length(scales) > 1L && length(scales) == length(effects)) {
    if (any(!is.na(scales[effects == "fixed"]))) {
      refuse_value("scales", scales, "{.code NA} for the effects {.val fixed}", call)
    }
    scales <- scales[effects == "ran_pars"]
  }
  check_choice(scales, "scales", c("sdcor", "vcov"), call)
}

# `limits`: the level of t intervals, or a function that makes intervals.
tidy_fixed <- function(fit, ddf, limits, conf.int, exponentiate) {
  method <- df_method(fit, match_ddf(ddf, parent.frame()))
  table <- coefficient_tests(method)
  none <- rep(NA_real_, nrow(table))
  df <- if ("df" %in% colnames(table)) unname(table[, "df"]) else none
  rows <- data.frame(
    effect = rep("fixed", nrow(table)), group = rep(NA_character_, nrow(table)), term = as.character(rownames(table)),
    estimate = unname(table[, "Estimate"]), std.error = unname(table[, "Std. Error"]),
    statistic = unname(table[, "t value"]), df = df,
    p.value = if ("Pr(>|t|)" %in% colnames(table)) unname(table[, "Pr(>|t|)"]) else none
  )
  if (conf.int) {
    ends <- if (is.function(limits)) {
      limits(fit, rows$term)
    } else {
      half <- stats::qt((1 + limits) / 2, ifelse(is.na(df), Inf, df)) * rows$std.error
      cbind(rows$estimate - half, rows$estimate + half)
    }
    rows$conf.low <- unname(ends[, 1L])
    rows$conf.high <- unname(ends[, 2L])
  }
  if (!exponentiate) return(rows)
  rows$std.error <- rows$std.error * exp(rows$estimate)
  for (column in intersect(c("estimate", "conf.low", "conf.high"), names(rows))) rows[[column]] <- exp(rows[[column]])
  rows
}

tidy_components <- function(fit, limits, scale, prefix) {
  table <- as.data.frame(VarCorr(fit))
  on_sd <- scale == "sdcor"
  if (is.null(prefix)) prefix <- if (on_sd) c("sd", "cor") else c("var", "cov")
  single <- is.na(table$var2)
  term <- ifelse(single, paste0(prefix[1L], "__", table$var1), paste0(prefix[2L], "__", table$var1, ".", table$var2))
  term[table$grp == "Residual" & is.na(table$var1)] <- paste0(prefix[1L], "__Observation")
  none <- rep(NA_real_, nrow(table))
  rows <- data.frame(
    effect = "ran_pars", group = table$grp, term = term, estimate = if (on_sd) table$sdcor else table$vcov,
    std.error = if (on_sd) table$std.error else component_errors(fit, covariance_slope), statistic = none, df = none,
    p.value = none
  )
  if (is.null(limits)) return(rows)
  ends <- component_limits(fit, table, limits)
  # Limits of a variance are squares of those of its root; a covariance has none.
  if (!on_sd) ends <- ends^2 * ifelse(single, 1, NA_real_)
  rows$conf.low <- ends[, 1L]
  rows$conf.high <- ends[, 2L]
  rows
}

# The limits of the rows of as.data.frame(VarCorr(fit)); structures with a common standard deviation
# or correlation have the same ones in several rows.
component_limits <- function(fit, table, limits) {
  ends <- limits(fit, "theta_")
  written <- written_labels(fit)
  table$grp <- ifelse(table$grp %in% names(written), written[table$grp], table$grp)
  pair <- paste0("cor_", table$var2, ".", table$var1, "|", table$grp)
  names <- ifelse(is.na(table$var2), paste0("sd_", table$var1, "|", table$grp), pair)
  common <- paste0(ifelse(is.na(table$var2), "sd|", "cor|"), table$grp)
  names[is.na(table$var1)] <- "sigma"
  at <- match(names, rownames(ends))
  at[is.na(at)] <- match(common[is.na(at)], rownames(ends))
  unname(ends[at, , drop = FALSE])
}

tidy_random <- function(fit, level) {
  table <- as.data.frame(ranef(fit))
  rows <- data.frame(
    effect = "ran_vals", group = table$grpvar, level = as.character(table$grp), term = as.character(table$term),
    estimate = table$condval, std.error = table$condsd
  )
  if (is.null(level)) return(rows)
  half <- stats::qnorm((1 + level) / 2) * rows$std.error
  cbind(rows, conf.low = rows$estimate - half, conf.high = rows$estimate + half)
}

tidy_coefficients <- function(fit) {
  coefficients <- coef(fit)
  stack_rows(Map(function(table, group) {
    data.frame(
      effect = "ran_coefs", group = group, level = rep(rownames(table), times = ncol(table)),
      term = rep(names(table), each = nrow(table)), estimate = unlist(table, use.names = FALSE)
    )
  }, unname(unclass(coefficients)), names(coefficients)))
}

# Rows of data frames whose columns may differ; what one lacks is NA.
stack_rows <- function(parts) {
  order <- c(
    "effect", "group", "level", "term", "estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high"
  )
  columns <- intersect(order, unlist(lapply(parts, names)))
  filled <- lapply(parts, function(part) {
    for (name in setdiff(columns, names(part))) part[[name]] <- rep(NA, nrow(part))
    part[columns]
  })
  do.call(rbind, filled)
}

# The class of a tibble, without its package.
as_tibble_like <- function(rows) {
  row.names(rows) <- NULL
  # structure() would write the row names out.
  class(rows) <- c("tbl_df", "tbl", "data.frame")
  rows
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
  as_tibble_like(row)
}

#' @rdname tidy.mixest
#' @method augment mixest
#' @export
augment.mixest <- function(x, data = NULL, newdata = NULL, se_fit = FALSE,
                           interval = c("none", "confidence", "prediction"), ...) {
  check_dots(arguments_of_method("predict"))
  interval <- if (identical(interval, c("none", "confidence", "prediction"))) "none" else interval
  rows <- if (!is.null(newdata)) newdata else if (!is.null(data)) data else kept_frame(x)
  rows <- as.data.frame(rows)
  attr(rows, "terms") <- NULL
  predicted <- predict(x, newdata, se.fit = se_fit, interval = interval, ...)
  fit <- if (se_fit) predicted$fit else predicted
  columns <- list(.fitted = if (interval == "none") fit else fit[, "fit"])
  if (se_fit) columns$.se.fit <- predicted$se.fit
  if (interval != "none") {
    columns$.lower <- fit[, "lwr"]
    columns$.upper <- fit[, "upr"]
  }
  if (is.null(newdata)) columns <- c(columns, columns_of_rows(x))
  kept <- rows_of_columns(x, rows, data, length(columns$.fitted))
  for (name in names(columns)) rows[[name]] <- unname(columns[[name]])[kept]
  as_tibble_like(rows)
}

columns_of_rows <- function(fit) {
  list(
    .resid = residuals(fit), .hat = hatvalues(fit), .cooksd = stats::cooks.distance(fit),
    .fixed = fitted(fit, level = 0), .wtres = residuals(fit, type = "pearson")
  )
}

# Which of the `n` results belongs to each row of `data`; NA for a row that the fit doesn't have.
rows_of_columns <- function(fit, rows, data, n, call = parent.frame()) {
  if (nrow(rows) == n) return(seq_len(n))
  excluded <- inherits(fit$na.action, "exclude")
  known <- row.names(kept_frame(fit, call))
  at <- match(row.names(rows), known)
  if (is.null(data)) return(if (excluded) seq_len(n)[-fit$na.action] else at)
  if (sum(!is.na(at)) == length(known)) return(at)
  abort_mixest("input", c(
    "{.arg data} must be the data that the model was fitted to.",
    x = "It has {nrow(rows)} row{?s}, the fit {length(known)}, and their names differ."
  ), call)
}
