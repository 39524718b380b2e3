#' Fits of several responses with one design
#'
#' A matrix response, `lmm(cbind(y1, y2) ~ x + (1 | g))`, or several responses given to
#' [refit()][refit.mixest] make a list of fits, one for each column. The design is condensed once;
#' each further response costs its own columns only. The estimates of every fit are those that
#' `lmm()` gives for that response alone, from the rows where it is not missing; so are its formula
#' and call.
#'
#' @param x,object a list of fits, class `"mixest_fits"`.
#' @param parm,level as in [confint.mixest()].
#' @param sigma as in [VarCorr.mixest()].
#' @param formula.,evaluate as in [update.mixest()].
#' @param ... arguments of the method for a single fit; for `anova()` also lists of fits of the same
#'   responses. An argument that is not known gives a warning of class `mixest_argument`, and is
#'   ignored; in `update()` it is an error.
#' @return The list has class `"mixest_fits"` and the names of the responses; a response that can't
#'   be fitted has the error, class `"mixest_error"`, in its place, and an error is raised when none
#'   can. One warning of class `mixest_not_converged` names the fits without a certificate, one
#'   message of class `mixest_singular` counts those on the boundary.
#' * `coef()`, `fixef()`: a matrix of the fixed effects, responses x effects;
#' * `tidy()`, `glance()`: the rows for each response behind a column `response`;
#' * `sigma()`, `deviance()`, `nobs()`, `logLik()`: a number for each response, named, `NA` where
#'   there is no fit; hence `AIC()` and `BIC()`;
#' * `fitted()`, `residuals()`, `predict()`: a matrix, rows x responses, or a list where responses
#'   lack different rows or the method returns more than a vector;
#' * `summary()`, `anova()`, `vcov()`, `VarCorr()`, `ranef()`, `confint()`: a named list of what the
#'   method returns for each response. `anova(fits1, fits2)` compares response by response;
#' * `update()`: a list of fits, each response updated by itself.
#' @examples
#' wide <- lmm(cbind(distance, log(distance)) ~ age + (1 | Subject), data = nlme::Orthodont)
#' coef(wide)
#' wide[[1]]
#'
#' glance(wide)
#' update(wide, . ~ . + Sex)
#'
#' fit <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)
#' coef(refit(fit, simulate(fit, nsim = 3, seed = 1)))
#' @name mixest_fits
NULL

# stats: one "group_stats" for each column of the response in `frame`; fit_one: function(stats,
# frame) -> fit. value: list of fits; of several responses, errors are in the places of those that
# can't be fitted
fit_each <- function(stats, frame, fit_one) {
  if (length(stats) == 1L) return(list(fit_one(stats[[1L]], frame)))
  responses <- frame[[1L]]
  lapply(seq_along(stats), function(j) {
    one <- frame
    one[[1L]] <- responses[, j]
    tryCatch(fit_one(stats[[j]], one), mixest_error = identity)
  })
}

# Fits of the columns of `responses`, which the formulas have as `written`: each gets the formula
# and the call that it would have alone.
new_fits <- function(fits, responses, written = NULL) {
  fits <- structure(stats::setNames(fits, response_names(responses)), class = "mixest_fits")
  if (is.null(written)) return(fits)
  for (j in which(is_fit(fits))) fits[[j]] <- with_response(fits[[j]], response_expression(written, responses, j))
  fits
}

# cbind(a, log(b)) -> log(b); of a matrix the expression of its column
response_expression <- function(written, responses, j) {
  if (is.call(written) && identical(written[[1L]], quote(cbind)) && length(written) == ncol(responses) + 1L) {
    return(written[[j + 1L]])
  }
  name <- colnames(responses)[j]
  call("[", written, quote(expr = ), if (length(name) && name != "") name else j)
}

with_response <- function(fit, expr) {
  fit$formula[[2L]] <- expr
  fit$call$formula <- fit$formula
  fit$terms <- terms_with_response(fit$terms, expr)
  if (is.null(fit$frame)) return(fit)
  names(fit$frame)[1L] <- deparse_variable(expr)
  attr(fit$frame, "terms") <- terms_with_response(attr(fit$frame, "terms"), expr)
  fit
}

terms_with_response <- function(terms, expr) {
  terms[[2L]] <- expr
  for (part in c("variables", "predvars")) attr(terms, part)[[2L]] <- expr
  if (length(attr(terms, "factors"))) rownames(attr(terms, "factors"))[1L] <- deparse_variable(expr)
  names(attr(terms, "dataClasses"))[1L] <- deparse_variable(expr)
  attr(terms, "dataClasses")[[1L]] <- "numeric"
  terms
}

# Numbers of the columns of `responses`, split by the rows that are missing.
response_patterns <- function(responses) {
  if (!anyNA(responses)) return(list(seq_len(ncol(responses))))
  missing <- is.na(responses)
  pattern <- apply(missing, 2L, function(column) paste(which(column), collapse = " "))
  unname(split(seq_len(ncol(responses)), match(pattern, pattern)))
}

# The model frame of some responses, without the rows that they lack.
rows_of_responses <- function(model, columns, call) {
  frame <- model$frame
  responses <- frame[[1L]][, columns, drop = FALSE]
  missing <- is.na(responses[, 1L])
  if (all(missing)) {
    abort_mixest("input", c(
      "A response must have a value in at least one of the rows that are used.",
      x = "{.code {response_names(frame[[1L]])[columns[1L]]}} is missing in all of them."
    ), call)
  }
  frame[[1L]] <- if (length(columns) == 1L) as.vector(responses) else responses
  if (any(missing)) frame <- leave_out(frame, which(missing), attr(frame, "leaves_out"))
  attr(frame, "leaves_out") <- NULL
  model$frame <- frame
  model
}

response_names <- function(responses) {
  names <- colnames(responses)
  number <- paste0("y", seq_len(ncol(responses)))
  if (is.null(names)) number else make.unique(ifelse(names == "", number, names))
}

#' @rdname mixest_fits
#' @export
coef.mixest_fits <- function(object, ...) {
  check_dots()
  fitted <- which(is_fit(object))
  columns <- unique(unlist(lapply(unclass(object)[fitted], function(fit) names(fit$coefficients))))
  out <- matrix(NA_real_, length(object), length(columns), dimnames = list(names(object), columns))
  for (j in fitted) out[j, names(object[[j]]$coefficients)] <- object[[j]]$coefficients
  out
}

#' @rdname mixest_fits
#' @method tidy mixest_fits
#' @export
tidy.mixest_fits <- function(x, ...) {
  check_dots(also = arguments_of_method("tidy"))
  tables <- suppressWarnings(classes = "mixest_argument", lapply(names(x)[is_fit(x)], function(name) {
    cbind(response = name, tidy(x[[name]], ...))
  }))
  do.call(rbind, tables)
}

#' @rdname mixest_fits
#' @export
`[.mixest_fits` <- function(x, ...) {
  check_dots(unnamed = TRUE)
  structure(NextMethod(), class = "mixest_fits")
}

#' @rdname mixest_fits
#' @export
print.mixest_fits <- function(x, ...) {
  check_dots()
  fitted <- is_fit(x)
  right <- if (any(fitted)) paste0(": ~ ", deparse1(x[[which(fitted)[1L]]]$formula[[3L]]))
  cat(length(x), " linear mixed model fits of one design", right, "\n\n", sep = "")
  sigma <- rep(NA_real_, length(x))
  sigma[fitted] <- vapply(unclass(x)[fitted], function(fit) fit$sigma, 0)
  print(utils::head(cbind(coef(x), sigma), 10L), digits = 4L)
  if (length(x) > 10L) cat("... and", length(x) - 10L, "more\n")
  invisible(x)
}
