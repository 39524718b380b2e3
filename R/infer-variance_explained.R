#' Variance explained
#'
#' How the variance of the response is shared among the fixed effects, the random effects of each
#' grouping factor and the residual, and how much of each the covariates explain.
#'
#' @param fit a fit returned by [lmm()] that keeps its rows.
#' @param null a fit to compare with, of the same response, or `TRUE` (default) for the fit with an
#'   intercept for each grouping factor and no covariates, or `FALSE` for none.
#' @param x what `variance_explained()` returned.
#' @param row.names `NULL`, or names for the rows.
#' @param optional not used; an argument of the generic.
#' @param digits whole number: significant digits. Default 3.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details The variance of the fixed effects is that of \eqn{X \hat\beta} over the rows; the
#' variance of the random effects of a factor is the mean over the rows of \eqn{u' D u}, which with
#' slopes depends on the covariates (Johnson 2014). R2 is *marginal* for the share of the fixed
#' effects, *conditional* for that of fixed and random effects together (Nakagawa and Schielzeth
#' 2013). The residual variance is \eqn{\sigma^2}, of a row of weight 1.
#'
#' `explained` is the proportion by which a component is smaller than in the null model. It can be
#' negative: a covariate that varies within groups may reveal variation between them.
#' @return A list of class `"mixest_variance"`:
#' * `r2`: named numeric, `marginal` and `conditional`;
#' * `sources`: data frame with columns `source`, `variance` (squared units of the response),
#'   `share`, `null` (the variance in the null model) and `explained`; `as.data.frame()` gives it.
#' @references
#' Nakagawa, S. and Schielzeth, H. (2013). A general and simple method for obtaining R2 from
#' generalized linear mixed-effects models. *Methods in Ecology and Evolution* 4, 133-142.
#'
#' Johnson, P. C. D. (2014). Extension of Nakagawa & Schielzeth's R2GLMM to random slopes models.
#' *Methods in Ecology and Evolution* 5, 944-946.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' variance_explained(fit)
#' @export
variance_explained <- function(fit, null = TRUE, ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "variance_explained")
  if (isTRUE(null)) null <- null_fit(fit)
  if (inherits(null, "mixest")) check_same_factors(fit, null, user) else check_flag(null, "null", user)
  variance <- c(`fixed effects` = variance_of_mean(fit), level_variances(fit))
  share <- variance / sum(variance)
  sources <- data.frame(source = names(variance), variance = unname(variance), share = unname(share))
  if (inherits(null, "mixest")) {
    sources$null <- unname(c(variance_of_mean(null), level_variances(null))[seq_along(variance)])
    sources$explained <- c(NA_real_, 1 - sources$variance[-1L] / sources$null[-1L])
  }
  r2 <- c(marginal = share[[1L]], conditional = 1 - share[[length(share)]])
  structure(list(r2 = r2, sources = sources), class = "mixest_variance")
}

variance_of_mean <- function(fit) {
  mean <- drop(fixed_matrix(fit) %*% fit$coefficients)[prior_weights(fit) > 0]
  mean((mean - mean(mean))^2)
}

# Mean of u' D u of each factor, and the residual variance.
level_variances <- function(fit) {
  U <- random_matrix(fit)[prior_weights(fit) > 0, , drop = FALSE]
  fit$sigma^2 * c(colMeans(variance_ratios(fit, U)), residual = 1)
}

# An intercept for each grouping factor, in the order of the fit; offsets stay.
null_fit <- function(fit) {
  formula <- full_formula(fit)
  bars <- lapply(seq_along(fit$random$groups), function(f) call("(", call("|", 1, first_term(fit, f)$bar[[3L]])))
  offsets <- as.list(attr(fit$terms, "variables"))[-1L][attr(fit$terms, "offset")]
  formula[[3L]] <- Reduce(function(left, right) call("+", left, right), c(offsets, bars), 1)
  suppressMessages(stats::update(fit, formula))
}

check_same_factors <- function(fit, null, call) {
  if (identical(names(fit$random$groups), names(null$random$groups)) && nobs(fit) == nobs(null)) return(invisible())
  abort_mixest("input", c(
    "The null model must have the grouping factors and rows of the fit.",
    x = "It has {list_names(names(null$random$groups))} and {nobs(null)} rows.",
    i = "The fit has {list_names(names(fit$random$groups))} and {nobs(fit)} rows."
  ), call)
}

#' @rdname variance_explained
#' @export
as.data.frame.mixest_variance <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  name_rows(x$sources, row.names)
}

#' @rdname variance_explained
#' @export
print.mixest_variance <- function(x, digits = 3L, ...) {
  check_dots()
  check_digits(digits)
  print(format(x$sources, digits = digits), row.names = FALSE)
  cat("\nR2: marginal ", format(x$r2[[1L]], digits = digits), ", conditional ", format(
    x$r2[[2L]], digits = digits
  ), "\n", sep = "")
  invisible(x)
}
