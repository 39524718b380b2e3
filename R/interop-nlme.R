# Methods for generics of nlme, in its shapes, for scripts written for lme().

#' Methods for generics of nlme
#'
#' What scripts written for `nlme::lme()` ask of a fit, in the shapes of nlme. The functions
#' themselves are nlme's: load it first.
#'
#' @param object a fit returned by [lmm()].
#' @param level for `intervals()`, numeric in (0, 1): probability of the intervals, default 0.95.
#'   For `getGroups()` and `augPred()`, integer: the grouping factors, 1 the outermost; default the
#'   innermost, for crossed factors all. For `augPred()` 0 means the population, several are
#'   allowed.
#' @param which character: `"all"` (default), `"var-cov"` or `"fixed"`.
#' @param ddf degrees of freedom of the fixed effects, see [df_for()].
#' @param form for `getCovariate()`, a one-sided formula of the covariate; by default the first
#'   numeric variable of the fixed part. For `getGroups()`, `getResponse()` not used.
#' @param data,sep not used: arguments of the generics.
#' @param asList logical: a list of one formula for each grouping factor? Default `FALSE`.
#' @param primary one-sided formula: the covariate along which to predict.
#' @param minimum,maximum,length.out range and number of its values.
#' @param maxLag integer: the largest lag.
#' @param resType character: kind of the residuals. As in nlme, `"pearson"` (default) are divided by
#'   their standard deviation, `"response"` are not.
#' @param ... for `Variogram()`, further arguments of the method for `lme` fits: `form`, `distance`,
#'   `maxDist`, ...; otherwise must be empty.
#' @return
#' * `intervals()`: list of class `"intervals.lme"` with elements `fixed`, `reStruct` (one data
#'   frame for each term) and `sigma`, each with columns `lower`, `est.`, `upper`. The fixed effects
#'   have t intervals with Satterthwaite's degrees of freedom (nlme counts levels), variance
#'   parameters Wald intervals on the log and Fisher's z scale, as [confint.mixest()].
#' * `getGroups()`: a factor with the level of each row (for nested factors labels from the outside
#'   in, `I/Victory`); for several levels a data frame of them. `getGroupsFormula()`: one-sided
#'   formula. `getResponse()`, `getCovariate()`: vectors.
#' * `augPred()`: data frame of class `"augPred"`: data and predictions, group by group; it has a
#'   `plot()` method in nlme.
#' * `ACF()`: autocorrelations of the residuals within the groups, rows in the order of the data;
#'   `Variogram()`: their semivariogram.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' nlme::intervals(fit)
#' head(nlme::getGroups(fit))
#' nlme::ACF(fit)
#' head(nlme::augPred(fit, primary = ~age))
#' @name nlme_methods
NULL

#' @rdname nlme_methods
#' @exportS3Method nlme::intervals
intervals.mixest <- function(object, level = 0.95, which = c("all", "var-cov", "fixed"), ddf = "satterthwaite", ...) {
  check_dots()
  choices <- c("all", "var-cov", "fixed")
  which <- if (identical(which, choices)) "all" else check_choice(which, "which", choices)
  check_probability(level)
  parts <- list()
  if (which != "var-cov") {
    limits <- t_limits(object, level = level, ddf = ddf)
    fixed <- cbind(lower = limits[, 1L], est. = object$coefficients, upper = limits[, 2L])
    parts$fixed <- structure(fixed, label = "Fixed effects:")
  }
  if (which != "fixed") parts <- c(parts, variance_parts(object, level))
  structure(parts, level = level, class = "intervals.lme")
}

# list(reStruct, sigma)
variance_parts <- function(fit, level) {
  parameters <- interval_parameters(fit)
  parameters <- parameters[parameters$kind != "fixed", ]
  limits <- wald_intervals(fit, parameters, level, df_method(fit, "none"))
  table <- data.frame(lower = limits[, 1L], est. = variance_estimates(fit, parameters), upper = limits[, 2L])
  terms <- lapply(seq_along(fit$random$terms), function(t) {
    own <- which(parameters$term == t)
    own <- own[order(parameters$kind[own] != "sd")]
    names <- fit$random$terms[[t]]$names
    structure(
      table[own, ], row.names = make.unique(nlme_parameter_names(parameters[own, ], names)), label = "Random Effects:"
    )
  })
  factors <- vapply(fit$random$terms, `[[`, 0L, "factor")
  names(terms) <- vapply(fit$random$terms, `[[`, "", "label")
  if (!is.null(fit$random$nested)) {
    # Outermost first, under nlme's names where a factor has one term.
    position <- match(factors, fit$random$nested)
    if (!anyDuplicated(factors)) names(terms) <- level_names(fit)[position + 1L]
    terms <- terms[order(position)]
  }
  sigma <- unlist(table[parameters$kind == "sigma", ])
  list(
    reStruct = structure(terms, label = "Random Effects:"),
    sigma = structure(sigma, label = "Within-group standard error:")
  )
}

# "sd((Intercept))", "cor((Intercept),age)"
nlme_parameter_names <- function(parameters, names) {
  ifelse(
    parameters$kind == "sd", paste0("sd(", names[parameters$row], ")"),
    paste0("cor(", names[parameters$column], ",", names[parameters$row], ")")
  )
}

#' @rdname nlme_methods
#' @exportS3Method nlme::getGroups
getGroups.mixest <- function(object, form, level = NULL, data, sep) {
  nested <- !is.null(object$random$nested)
  frame <- if (nested) group_frame(object, NULL) else factor_frame(object)
  if (is.null(level)) level <- if (nested) length(frame) else seq_along(frame)
  if (!is.numeric(level) || !all(level %in% seq_along(frame))) {
    abort_mixest("input", c(
      "{.arg level} must be whole numbers from 1 to {length(frame)}, the grouping factors.",
      x = "It is {.val {level}}."
    ), environment())
  }
  if (length(level) == 1L) frame[[level]] else frame[level]
}

#' @rdname nlme_methods
#' @exportS3Method nlme::getGroupsFormula
getGroupsFormula.mixest <- function(object, asList = FALSE, sep = "/") {
  nested <- !is.null(object$random$nested)
  names <- if (nested) level_names(object)[-1L] else names(object$random$groups)
  parts <- lapply(names, str2lang)
  one_sided <- function(part) stats::as.formula(call("~", part), environment(object$formula))
  if (asList) return(stats::setNames(lapply(parts, one_sided), names))
  one_sided(Reduce(function(left, right) call(if (nested) "/" else "+", left, right), parts))
}

#' @rdname nlme_methods
#' @exportS3Method nlme::getResponse
getResponse.mixest <- function(object, form) response(object)

#' @rdname nlme_methods
#' @exportS3Method nlme::getCovariate
getCovariate.mixest <- function(object, form, data) {
  frame <- kept_frame(object)
  if (!missing(form)) return(eval(form[[length(form)]], frame, environment(form)))
  frame[[primary_covariate(object)]]
}

#' @rdname nlme_methods
#' @exportS3Method nlme::augPred
augPred.mixest <- function(object, primary = NULL, minimum = NULL, maximum = NULL, length.out = 51L, level = NULL,
                           ...) {
  check_dots()
  frame <- kept_frame(object)
  name <- if (is.null(primary)) primary_covariate(object) else all.vars(primary)
  if (length(name) != 1L || !is.numeric(frame[[name]])) {
    abort_mixest("input", c(
      "{.arg primary} must be a one-sided formula of one numeric variable of the fit.",
      x = "It is {.code {deparse1(primary)}}."
    ), environment())
  }
  x <- frame[[name]]
  levels <- if (is.null(level)) length(object$random$groups) else level
  groups <- getGroups.mixest(object, level = if (is.null(object$random$nested)) 1L else max(levels, 1L))
  along <- seq(
    if (is.null(minimum)) min(x) else minimum, if (is.null(maximum)) max(x) else maximum, length.out = length.out
  )
  group <- rep(levels(groups), each = length.out)
  typical <- typical_rows(frame, groups)[group, , drop = FALSE]
  typical[[name]] <- rep(along, times = nlevels(groups))
  predicted <- lapply(levels, function(one) unname(predict(object, typical, level = one)))
  types <- if (length(levels) == 1L) "predicted" else paste0("predict.", level_names(object)[levels + 1])
  rows <- function(x, group, y, type) {
    columns <- c(name, ".groups", names(frame)[1L], ".type")
    stats::setNames(data.frame(x, factor(group, levels(groups)), y, type), columns)
  }
  all <- do.call(rbind, c(
    list(rows(x, groups, response(object), "original")),
    Map(function(y, type) rows(typical[[name]], group, y, type), predicted, types)
  ))
  all$.type <- ordered(all$.type, levels = c(types, "original"))
  structure(all,
    class = c("augPred", "data.frame"), labels = list(x = name, y = names(frame)[1L]), units = list(x = "", y = ""),
    formula = stats::as.formula(paste(names(frame)[1L], "~", name, "| .groups"))
  )
}

#' @rdname nlme_methods
#' @exportS3Method nlme::ACF
ACF.mixest <- function(object, maxLag = NULL, resType = c("pearson", "response", "normalized"), ...) {
  check_dots()
  residual <- split(unname(nlme_residuals(object, resType)), innermost_groups(object))
  longest <- max(lengths(residual)) - 1L
  if (is.null(maxLag)) maxLag <- min(longest, as.integer(10 * log10(longest + 1)))
  lags <- 0:maxLag
  products <- vapply(residual, function(r) {
    vapply(lags, function(lag) {
      if (lag < length(r)) sum(r[seq_len(length(r) - lag)] * r[(lag + 1L):length(r)]) else 0
    }, 0)
  }, numeric(length(lags)))
  pairs <- vapply(lags, function(lag) sum(pmax(0, lengths(residual) - lag)), 0)
  mean <- rowSums(matrix(products, length(lags))) / pairs
  structure(data.frame(lag = lags, ACF = mean / mean[1L]), n.used = pairs, class = c("ACF", "data.frame"))
}

innermost_groups <- function(fit) {
  groups <- getGroups.mixest(fit)
  if (is.data.frame(groups)) interaction(groups, drop = TRUE) else groups
}

# Residuals of the rows of the fit, of nlme's types.
nlme_residuals <- function(fit, type, call = parent.frame()) {
  choices <- c("pearson", "response", "normalized")
  type <- if (identical(type, choices)) "pearson" else check_choice(type, "resType", choices, call)
  own <- residuals(fit, type = if (type == "response") type else "normalized")
  if (inherits(fit$na.action, "exclude")) own[-fit$na.action] else own
}

#' @rdname nlme_methods
#' @exportS3Method nlme::Variogram
Variogram.mixest <- function(object, resType = c("pearson", "response", "normalized"), ...) {
  choices <- c("pearson", "response", "normalized")
  type <- if (identical(resType, choices)) "pearson" else check_choice(resType, "resType", choices)
  # Residuals that nlme divides by their standard deviation have type "normalized" here.
  utils::getS3method("Variogram", "lme", envir = asNamespace("nlme"))(
    object, resType = if (type == "response") type else "normalized", ...
  )
}
