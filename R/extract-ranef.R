#' Random effects and coefficients of each group
#'
#' `ranef()` predicts the random effects by their conditional means given the data, the best linear
#' unbiased predictions (BLUPs),
#' \eqn{\hat\gamma_i = D U_i' V_i^{-1} (y_i - X_i \hat\beta)}{gamma_i = D U_i' V_i^-1 (y_i - X_i
#' beta)}. `coef()` adds the fixed effects of the same name. Neither looks at the rows
#' of the data: both work on a fit without them. With several grouping factors the random effects of
#' all of them are predicted jointly.
#'
#' @param object a fit returned by [lmm()].
#' @param condVar logical: add the conditional covariances \eqn{Var(\gamma_i | y)}{Var(gamma_i | y)}
#'   as attribute `postVar`? Default `TRUE`. They take the fixed effects and variance parameters as
#'   known.
#' @param x what `ranef()` returned.
#' @param row.names,optional ignored; arguments of the generic.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return `ranef()`: list of class `c("ranef.mixest", "ranef.mer")` with one data frame for each
#'   grouping factor, in the order of the formula (levels x effects, in units of the response per
#'   unit of the column), each with attribute `postVar`, an array effects x effects x levels.
#'
#'   `as.data.frame()` of it: a data frame with one row for each effect of each level: `grpvar`,
#'   `term`, `grp`, `condval` (the prediction) and, unless `condVar = FALSE`, `condsd` (its
#'   conditional standard deviation).
#'
#'   `coef()`: list with one data frame for each grouping factor: fixed effects plus the random
#'   effects of this factor, levels x coefficients.
#' @references Robinson, G. K. (1991). That BLUP is a good thing: the estimation of random effects.
#'   *Statistical Science* 6, 15-32.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' head(ranef(fit)$Subject)
#' head(as.data.frame(ranef(fit)))
#' head(coef(fit)$Subject)
#' @method ranef mixest
#' @export
ranef.mixest <- function(object, condVar = TRUE, ...) {
  check_dots()
  predicted <- blups(object)
  effects <- Map(function(gamma, M) {
    effects <- data.frame(t(gamma), check.names = FALSE)
    if (!condVar) return(effects)
    covariance <- conditional_covariance(M, object$sigma)
    dimnames(covariance) <- list(names(effects), names(effects), rownames(effects))
    structure(effects, postVar = covariance)
  }, predicted$gamma, predicted$cond_factor)
  structure(stats::setNames(effects, names(object$random$groups)), class = c("ranef.mixest", "ranef.mer"))
}

#' @rdname ranef.mixest
#' @export
as.data.frame.ranef.mixest <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  do.call(rbind, unname(Map(stack_effects, unclass(x), names(x))))
}

stack_effects <- function(effects, group) {
  levels <- rownames(effects)
  stacked <- data.frame(
    grpvar = group,
    term = factor(rep(names(effects), each = length(levels)), levels = names(effects)),
    grp = factor(rep(levels, times = length(effects)), levels = levels),
    condval = unlist(effects, use.names = FALSE)
  )
  covariance <- attr(effects, "postVar")
  if (!is.null(covariance)) {
    variances <- vapply(seq_along(effects), function(j) covariance[j, j, ], numeric(length(levels)))
    stacked$condsd <- sqrt(as.vector(variances))
  }
  stacked
}

#' @export
print.ranef.mixest <- function(x, ...) {
  check_dots(also = names(formals(print.data.frame)))
  for (group in names(x)) {
    cat("$", group, "\n", sep = "")
    effects <- x[[group]]
    attr(effects, "postVar") <- NULL
    print(effects, ...)
    cat("\n")
  }
  if (!is.null(attr(x[[1L]], "postVar"))) cat("with conditional variances in attribute \"postVar\"\n")
  invisible(x)
}

#' @rdname ranef.mixest
#' @export
coef.mixest <- function(object, ...) {
  check_dots()
  fixed <- object$coefficients
  lapply(unclass(ranef(object, condVar = FALSE)), function(effects) {
    columns <- union(names(fixed), names(effects))
    total <- vapply(columns, function(column) {
      own <- if (column %in% names(effects)) effects[[column]] else numeric(nrow(effects))
      if (column %in% names(fixed)) own + fixed[[column]] else own
    }, numeric(nrow(effects)))
    total <- matrix(total, nrow(effects), length(columns), dimnames = list(rownames(effects), columns))
    data.frame(total, check.names = FALSE)
  })
}
