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
#' @param drop logical: make named vectors of data frames with one column? Default `FALSE`.
#' @param whichel character: names of grouping factors, those wanted. Default: all.
#' @param x what `ranef()` returned.
#' @param n number: how many levels of each grouping factor to print. Default 20.
#' @param row.names `NULL`, or names for the rows.
#' @param optional not used; an argument of the generic.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return `ranef()`: list of class `c("ranef.mixest", "ranef.mer")` with one data frame for each
#'   grouping factor (levels x effects, in units of the response per unit of the column), each with
#'   attribute `postVar`, an array effects x effects x levels. The factors are in the order of the
#'   formula; lme4 puts the one with most levels first, so take elements by name.
#'
#'   `as.data.frame()` of it: a data frame with one row for each effect of each level: `grpvar`,
#'   `term`, `grp` (its levels in the order of the factor's first effect, for caterpillar plots),
#'   `condval` (the prediction) and, unless `condVar = FALSE`, `condsd` (its
#'   conditional standard deviation).
#'
#'   `coef()`: list of class `c("coef.mixest", "coef.mer")` with one data frame for each grouping
#'   factor: fixed effects plus the random
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
ranef.mixest <- function(object, condVar = TRUE, drop = FALSE, whichel = names(object$random$groups), ...) {
  check_dots()
  check_flag(condVar, "condVar")
  check_flag(drop, "drop")
  groups <- names(object$random$groups)
  for (wanted in whichel) check_choice(wanted, "whichel", groups)
  predicted <- blups(object)
  effects <- Map(function(gamma, M) {
    effects <- data.frame(t(gamma), check.names = FALSE)
    if (!condVar) return(effects)
    covariance <- conditional_covariance(M, object$sigma)
    dimnames(covariance) <- list(names(effects), names(effects), rownames(effects))
    structure(effects, postVar = covariance)
  }, predicted$gamma, predicted$cond_factor)
  effects <- stats::setNames(effects, groups)[groups %in% whichel]
  columns <- lapply(effects, names)
  if (drop) effects <- lapply(effects, drop_single_column)
  structure(effects, columns = if (drop) columns, class = c("ranef.mixest", "ranef.mer"))
}

drop_single_column <- function(effects) {
  if (length(effects) != 1L) return(effects)
  covariance <- attr(effects, "postVar")
  structure(stats::setNames(effects[[1L]], rownames(effects)), postVar = if (!is.null(covariance)) covariance[1L, 1L, ])
}

# The data frame that `drop = TRUE` made a vector.
undrop <- function(effects, column) {
  if (is.data.frame(effects)) return(effects)
  variances <- attr(effects, "postVar")
  frame <- structure(data.frame(as.vector(effects), row.names = names(effects)), names = column)
  if (!is.null(variances)) attr(frame, "postVar") <- array(variances, c(1L, 1L, length(variances)))
  frame
}

#' @rdname ranef.mixest
#' @export
as.data.frame.ranef.mixest <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  columns <- attr(x, "columns")
  effects <- lapply(stats::setNames(names(x), names(x)), function(group) undrop(x[[group]], columns[[group]]))
  name_rows(do.call(rbind, unname(Map(stack_effects, effects, names(x)))), row.names)
}

stack_effects <- function(effects, group) {
  levels <- rownames(effects)
  stacked <- data.frame(
    grpvar = group,
    term = factor(rep(names(effects), each = length(levels)), levels = names(effects)),
    grp = factor(rep(levels, times = length(effects)), levels = levels[order(effects[[1L]])]),
    condval = unlist(effects, use.names = FALSE)
  )
  covariance <- attr(effects, "postVar")
  if (!is.null(covariance)) {
    variances <- vapply(seq_along(effects), function(j) covariance[j, j, ], numeric(length(levels)))
    stacked$condsd <- sqrt(as.vector(variances))
  }
  stacked
}

#' @rdname ranef.mixest
#' @export
print.ranef.mixest <- function(x, n = 20L, ...) {
  check_dots(also = names(formals(print.data.frame)))
  if (!is_count(n) && !identical(n, Inf)) refuse_value("n", n, "how many levels to print, or Inf", environment())
  for (group in names(x)) {
    cat("$", group, "\n", sep = "")
    effects <- x[[group]]
    attr(effects, "postVar") <- NULL
    if (!is.data.frame(effects)) effects <- as.matrix(effects)[, 1L]
    m <- NROW(effects)
    print(utils::head(effects, min(n, m)), ...)
    if (m > n) cat("and", m - n, "more levels: print(x, n = Inf) shows all\n")
    cat("\n")
  }
  if (length(x) && !is.null(attr(x[[1L]], "postVar"))) cat("with conditional variances in attribute \"postVar\"\n")
  invisible(x)
}

#' @rdname ranef.mixest
#' @export
coef.mixest <- function(object, ...) {
  check_dots()
  fixed <- object$coefficients
  tables <- lapply(unclass(ranef(object, condVar = FALSE)), function(effects) {
    names(effects) <- spelt_as(names(effects), names(fixed))
    columns <- c(setdiff(names(effects), names(fixed)), names(fixed))
    total <- vapply(columns, function(column) {
      own <- if (column %in% names(effects)) effects[[column]] else numeric(nrow(effects))
      if (column %in% names(fixed)) own + fixed[[column]] else own
    }, numeric(nrow(effects)))
    total <- matrix(total, nrow(effects), length(columns), dimnames = list(rownames(effects), columns))
    data.frame(total, check.names = FALSE)
  })
  structure(tables, class = c("coef.mixest", "coef.mer"))
}

#' @export
print.coef.mixest <- function(x, digits = NULL, ...) {
  check_dots()
  print(unclass(x), digits = digits)
  invisible(x)
}

# Interactions by the names in `known`, where these have the variables in another order: a:b, b:a.
spelt_as <- function(names, known) {
  sorted <- function(names) vapply(strsplit(names, ":", fixed = TRUE), function(x) paste(sort(x), collapse = ":"), "")
  at <- match(sorted(names), sorted(known))
  other <- !names %in% known & !is.na(at) & !known[at] %in% names
  replace(names, other, known[at[other]])
}
