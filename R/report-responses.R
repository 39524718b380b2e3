# What a list of fits of several responses answers to: the answers of its fits, in the shape that
# suits many. A response that could not be fitted has its error, or NA, in its place.

each_fit <- function(.fits, .answer, ...) {
  suppressWarnings(classes = "mixest_argument", lapply(
    unclass(.fits), function(fit) if (inherits(fit, "mixest")) .answer(fit, ...) else fit
  ))
}

# One number for each response.
number_of_each <- function(.fits, .answer, ...) {
  vapply(each_fit(.fits, .answer, ...), function(value) if (is.numeric(value)) as.numeric(value) else NA_real_, 0)
}

# Vectors of one length become columns of a matrix; with other shapes, or with errors among them,
# the list stays.
columns_of_each <- function(.fits, .answer, ...) {
  each <- each_fit(.fits, .answer, ...)
  lengths <- vapply(each, function(value) if (is.numeric(value) && is.null(dim(value))) length(value) else -1L, 0L)
  if (any(lengths < 0L) || any(lengths != lengths[1L])) each else do.call(cbind, each)
}

#' @rdname mixest_fits
#' @export
summary.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("summary"))
  structure(each_fit(object, summary, ...), class = "summary.mixest_fits")
}

#' @rdname mixest_fits
#' @export
print.summary.mixest_fits <- function(x, ...) {
  check_dots()
  for (name in names(x)) {
    cat("Response ", name, ":\n\n", sep = "")
    if (inherits(x[[name]], "error")) cat(conditionMessage(x[[name]]), "\n", sep = "") else print(x[[name]])
    cat("\n")
  }
  invisible(x)
}

#' @rdname mixest_fits
#' @export
sigma.mixest_fits <- function(object, ...) {
  check_dots()
  number_of_each(object, stats::sigma)
}

#' @rdname mixest_fits
#' @export
deviance.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("deviance"))
  number_of_each(object, stats::deviance, ...)
}

#' @rdname mixest_fits
#' @export
nobs.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("nobs"))
  number_of_each(object, stats::nobs)
}

#' @rdname mixest_fits
#' @export
logLik.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("logLik"))
  structure(number_of_each(object, stats::logLik, ...), df = number_of_each(object, n_estimated), nobs = nobs(object))
}

#' @rdname mixest_fits
#' @method fixef mixest_fits
#' @export
fixef.mixest_fits <- function(object, ...) {
  check_dots()
  coef(object)
}

#' @rdname mixest_fits
#' @export
vcov.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("vcov"))
  each_fit(object, stats::vcov, ...)
}

#' @rdname mixest_fits
#' @method VarCorr mixest_fits
#' @export
VarCorr.mixest_fits <- function(x, sigma = 1, ...) {
  check_dots()
  each_fit(x, VarCorr, sigma = sigma)
}

#' @rdname mixest_fits
#' @method ranef mixest_fits
#' @export
ranef.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("ranef"))
  each_fit(object, ranef, ...)
}

#' @rdname mixest_fits
#' @export
confint.mixest_fits <- function(object, parm, level = 0.95, ...) {
  check_dots(also = c(arguments_of_method("confint"), names(formals(bootstrap))))
  each_fit(object, stats::confint, if (missing(parm)) NULL else parm, level, ...)
}

#' @rdname mixest_fits
#' @export
fitted.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("fitted"))
  columns_of_each(object, stats::fitted, ...)
}

#' @rdname mixest_fits
#' @export
residuals.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("residuals"))
  columns_of_each(object, stats::residuals, ...)
}

#' @rdname mixest_fits
#' @export
predict.mixest_fits <- function(object, ...) {
  check_dots(also = arguments_of_method("predict"), unnamed = TRUE)
  columns_of_each(object, stats::predict, ...)
}

#' @rdname mixest_fits
#' @method glance mixest_fits
#' @export
glance.mixest_fits <- function(x, ...) {
  check_dots(also = arguments_of_method("glance"))
  fitted <- x[is_fit(x)]
  do.call(rbind, Map(function(name, row) cbind(response = name, row), names(fitted), each_fit(fitted, glance, ...)))
}

#' @rdname mixest_fits
#' @export
anova.mixest_fits <- function(object, ...) {
  others <- list(...)
  several <- vapply(others, inherits, NA, what = "mixest_fits")
  check_dots(also = c(names(others)[several], arguments_of_method("anova")), unnamed = TRUE)
  if (!any(several)) return(each_fit(object, stats::anova, ...))
  same <- vapply(others[several], function(other) identical(names(other), names(object)), NA)
  if (!all(same)) {
    abort_mixest("input", c(
      "Lists of fits must have the same responses to be compared.",
      x = "They are {list_names(names(object))} and {list_names(names(others[several][!same][[1L]]))}."
    ), environment())
  }
  compared <- lapply(names(object), function(name) {
    fits <- c(list(object[[name]]), lapply(others[several], `[[`, name))
    failed <- Filter(function(fit) inherits(fit, "error"), fits)
    if (length(failed)) return(failed[[1L]])
    do.call(stats::anova, c(unname(fits), others[!several]))
  })
  stats::setNames(compared, names(object))
}

#' @rdname mixest_fits
#' @export
update.mixest_fits <- function(object, formula., ..., evaluate = TRUE) {
  user <- environment()
  change <- changes_of_call(match.call(expand.dots = FALSE)$..., parent.frame())
  check_dots(also = names(formals(lmm)), refuse = TRUE)
  changes_formula <- !missing(formula.)
  again <- lapply(unclass(object), function(fit) {
    if (!inherits(fit, "mixest")) return(fit)
    if (changes_formula) change$formula <- updated_formula(fit, formula., user)
    if (!evaluate) return(updated_call(fit, change, user))
    tryCatch(updated_fit(fit, change, user), mixest_error = identity)
  })
  if (!evaluate) return(again)
  again <- structure(again, class = "mixest_fits")
  announce(again, user)
  again
}
