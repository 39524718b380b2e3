#' Variances, standard deviations and correlations of the random effects
#'
#' @param x a fit returned by [lmm()]; for the methods of the result, what `VarCorr()` returned.
#' @param sigma numeric: a factor for all standard deviations. Default 1.
#' @param digits integer: significant digits to print.
#' @param comp character: what to print, any of `"Variance"`, `"Std.Dev."` (default) and
#'   `"Std.Error"`, the standard error of the standard deviation.
#' @param order character: the order of the rows of a term with correlations. `"cov.last"`
#'   (default): variances, then covariances; `"lower.tri"`: the lower triangle of D, column by
#'   column.
#' @param row.names `NULL`, or names for the rows.
#' @param optional not used; an argument of the generic.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return List of class `"VarCorr.mixest"` with one covariance matrix D for each random-effects
#'   term, named by the grouping factor (a second term on a factor `g` is `g.1`), in squared units
#'   of the response. The order is that of the formula; lme4 puts the factor with most levels first,
#'   so take elements by name. As in lme4, `(x || g)` is two terms, `g` and `g.1`; `diag(x | g)`,
#'   the same model, is one. Each matrix has attributes `stddev` and `correlation` (`NaN` beside a
#'   standard deviation of zero); the list has attribute `sc`, the residual standard deviation.
#'
#'   `as.data.frame()` of it: columns `grp`, `var1`, `var2`, `vcov` (variance or covariance),
#'   `sdcor` (standard deviation or correlation), as in lme4, and `std.error`, the standard error of
#'   `sdcor`; the last row is the residual. Terms with a diagonal structure have no rows for
#'   covariances.
#' @details Standard errors come from the inverse of the observed information of the covariance
#'   parameters and sigma (half of the exact Hessian of the criterion that was minimised), by the
#'   delta method. They are computed when `as.data.frame()` or `print()` asks for them. At a
#'   boundary there is no such information: they are `NA` for a term whose D is singular (with a
#'   diagonal structure, for the variances that are zero), and those of the other parameters are of
#'   the model in which the boundary is known. [confint.mixest()] gives intervals there too.
#' @seealso [vcov.mixest()] with `full = TRUE` for the joint covariance matrix of these parameters.
#' @examples
#' fit <- lmm(mathach ~ cses + (cses | school), data = MathAchieve)
#' VarCorr(fit)
#' as.data.frame(VarCorr(fit))
#' @method VarCorr mixest
#' @export
VarCorr.mixest <- function(x, sigma = 1, ...) {
  check_dots()
  if (!is_number(sigma) || sigma < 0) {
    refuse_value(
      "sigma", sigma, "one number that is not negative, a factor for the standard deviations", environment()
    )
  }
  scale <- sigma * x$sigma
  matrices <- covariances_of_terms(x, shown_terms(x), scale)
  structure(matrices, sc = scale, useSc = TRUE, errors = deferred_errors(x, sigma), class = "VarCorr.mixest")
}

# What component_errors() needs, and the factor of the standard deviations: they are computed only
# when somebody looks at them.
deferred_errors <- function(fit, factor) {
  at <- unclass(fit)[c("stats", "random", "REML", "theta", "sigma")]
  at$certificate <- fit$certificate[c("status", "rank")]
  list(at = at, factor = factor)
}

# In the order of the rows of as.data.frame().
errors_of_components <- function(x) {
  deferred <- attr(x, "errors")
  errors <- component_errors(deferred$at)
  correlations <- unlist(lapply(
    unclass(x), function(D) c(logical(ncol(D)), !logical(sum(lower.tri(D)) * has_correlations(D)))
  ), use.names = FALSE)
  ifelse(c(correlations, FALSE), errors, deferred$factor * errors)
}

#' @rdname VarCorr.mixest
#' @export
as.data.frame.VarCorr.mixest <- function(x, row.names = NULL, optional = FALSE, order = c("cov.last", "lower.tri"),
                                         ...) {
  check_dots()
  orders <- c("cov.last", "lower.tri")
  if (identical(order, orders)) order <- orders[1L]
  check_choice(order, "order", orders)
  residual <- data.frame(
    grp = "Residual", var1 = NA_character_, var2 = NA_character_, vcov = attr(x, "sc")^2, sdcor = attr(x, "sc")
  )
  rows <- do.call(rbind, c(unname(Map(component_rows, unclass(x), names(x))), list(residual)))
  rows$std.error <- errors_of_components(x)
  if (order == "lower.tri") {
    positions <- lapply(unclass(x), rows_by_column)
    before <- cumsum(c(0L, lengths(positions)))
    rows <- rows[c(unlist(Map(`+`, positions, before[-length(before)])), nrow(rows)), ]
    rownames(rows) <- NULL
  }
  name_rows(rows, row.names)
}

# Where the entries of the lower triangle of D stand in component_rows(): variances come first.
rows_by_column <- function(D) {
  if (!has_correlations(D)) return(seq_len(ncol(D)))
  position <- diag(seq_len(ncol(D)), ncol(D))
  position[lower.tri(position)] <- ncol(D) + seq_len(sum(lower.tri(position)))
  position[lower.tri(position, diag = TRUE)]
}

component_rows <- function(D, group) {
  names <- colnames(D)
  rows <- data.frame(
    grp = group, var1 = names, var2 = NA_character_,
    vcov = unname(diag(D)), sdcor = unname(attr(D, "stddev"))
  )
  pairs <- which(lower.tri(D), arr.ind = TRUE)
  if (!has_correlations(D) || !nrow(pairs)) return(rows)
  rbind(rows, data.frame(
    grp = group, var1 = names[pairs[, "col"]], var2 = names[pairs[, "row"]],
    vcov = D[pairs], sdcor = attr(D, "correlation")[pairs]
  ))
}

#' @rdname VarCorr.mixest
#' @export
print.VarCorr.mixest <- function(x, digits = max(3L, getOption("digits") - 2L), comp = "Std.Dev.", ...) {
  check_dots()
  check_digits(digits)
  print(component_table(x, digits, comp), quote = FALSE, right = FALSE)
  invisible(x)
}

# The table of variance components as text: Groups, Name, the columns of `comp`, Corr (lower
# triangle).
component_table <- function(x, digits, comp) {
  possible <- c("Variance", "Std.Dev.", "Std.Error")
  unknown <- setdiff(comp, possible)
  if (length(unknown)) check_choice(unknown[[1L]], "comp", possible, call = NULL)
  matrices <- unclass(x)
  stddev <- c(unlist(lapply(matrices, attr, "stddev"), use.names = FALSE), attr(x, "sc"))
  sizes <- vapply(matrices, ncol, 0L)
  groups <- unlist(Map(function(label, size) c(label, rep("", size - 1L)), names(matrices), sizes), use.names = FALSE)
  columns <- list(
    Groups = c(groups, "Residual"),
    Name = c(unlist(lapply(matrices, colnames), use.names = FALSE), "")
  )
  if ("Variance" %in% comp) columns$Variance <- format(stddev^2, digits = digits)
  if ("Std.Dev." %in% comp) columns$Std.Dev. <- format(stddev, digits = digits)
  if ("Std.Error" %in% comp) columns$Std.Error <- format(errors_of_deviations(x), digits = digits)
  table <- do.call(cbind, columns)
  correlations <- correlation_columns(matrices, nrow(table))
  if (!is.null(correlations)) table <- cbind(table, correlations)
  rownames(table) <- rep("", nrow(table))
  table
}

# Of the standard deviations alone, in the order of the printed table.
errors_of_deviations <- function(x) {
  rows <- as.data.frame(x)
  rows$std.error[is.na(rows$var2)]
}

correlation_columns <- function(matrices, n_rows) {
  width <- max(c(0L, vapply(matrices, function(D) if (has_correlations(D)) ncol(D) - 1L else 0L, 0L)))
  if (!width) return(NULL)
  text <- matrix("", n_rows, width, dimnames = list(NULL, c("Corr", rep("", width - 1L))))
  first <- 0L
  for (D in matrices) {
    if (has_correlations(D)) {
      pairs <- which(lower.tri(D), arr.ind = TRUE)
      text[cbind(first + pairs[, "row"], pairs[, "col"])] <- format(
        round(attr(D, "correlation")[pairs], 2L), nsmall = 2L
      )
    }
    first <- first + ncol(D)
  }
  text
}
