# Degrees of freedom of linear hypotheses about the fixed effects, H0: L beta = r.
#
# With Var(beta^) = sigma^2 F F' and Lambda_0, Lambda_1, .. its moves along independent combinations
# of the covariance parameters, each a standard error long
# (src/core/inference/small_sample/vcov_jacobian.h), v = l'Var(beta^)l has variance sum_k (sigma^2
# z'Lambda_k z)^2, z = F'l, so that the degrees of freedom 2 v^2 / Var(v) of a t test (Satterthwaite
# 1946) are
#
#     2 / sum_k (z'Lambda_k z / z'z)^2

#' Degrees of freedom of a contrast
#'
#' @param fit a fit returned by [lmm()].
#' @param L numeric: a contrast of the fixed effects (a vector as long as `fixef(fit)`), or a matrix
#'   with one contrast in each row. Named columns are put in the order of the effects; effects that
#'   are not named then have weight 0.
#' @param ddf character: the method.
#' * `"satterthwaite"`, the default: Satterthwaite's degrees of freedom; for several contrasts
#'   together those of Fai and Cornelius.
#' * `"kenward-roger"`: Kenward and Roger's, which also adjust the covariance matrix, see
#'   [vcov.mixest()].
#' * `"residual"`: rows of positive weight minus the rank of the fixed-effects matrix, as for
#'   independent rows.
#' * `"none"`: none; `NA`.
#'
#' Upper and lower case are the same, and lmerTest's `"lme4"` means `"none"`.
#' @param joint logical: the denominator degrees of freedom of the F test of all rows together
#'   (default), or those of a t test of each row?
#' @param vcov character: the covariance matrix of the test, `"model"` (default) or a robust one,
#'   `"CR0"`, `"CR1"`, `"CR2"` or `"CR3"`, see [vcov.mixest()].
#' @param information for Kenward-Roger, the information matrix of the covariance parameters:
#'   `"expected"` (default), as in package pbkrtest, or `"observed"`.
#' @details Both methods need the derivatives of Var(\eqn{\hat\beta}) with respect to the covariance
#' parameters and the information on these parameters. They are exact, and computed from the
#' condensed data in one pass over the groups (Kenward-Roger: two), at any number of rows.
#'
#' *Satterthwaite* uses the observed information of the criterion that was minimised, REML or ML.
#' When the estimate is on the boundary, a zero variance or a correlation of 1 counts as known: the
#' degrees of freedom are those of the smaller model.
#'
#' *Kenward-Roger* is made for REML estimates. For a fit by maximum likelihood the condensed data
#' are fitted again by REML, with a message of class `mixest_refit`; all numbers of the test are
#' then those of the REML fit. The expected information exists on the boundary too; there the whole
#' space of covariance matrices of the structure counts, as in pbkrtest, so that the degrees of
#' freedom are smaller than Satterthwaite's. The structures `cs`, `ar1` and `toep` are not linear in
#' their parameters; their second derivatives are left out (in SAS: `FIRSTORDER`). *With a robust
#' covariance matrix*, `"satterthwaite"` means the degrees of freedom of Bell and McCaffrey (2002):
#' of the estimated variance of the contrast under the model, from its first two moments. For
#' several contrasts together the test is the approximate Hotelling test of Pustejovsky and Tipton
#' (2018, called HTZ in package clubSandwich); `NA` when there are too few groups for it.
#' `"kenward-roger"` is an error.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#'
#' *The rows of* `L`. For several contrasts together Fai and Cornelius' degrees of freedom depend a
#' little on which contrasts stand for the hypothesis, as in SAS and lmerTest. Rows that are
#' combinations of rows before them make no difference: they are left out.
#' @return Numeric: one value; for `joint = FALSE`, one for each row of `L`. `NA` when sigma is 0 (a
#'   perfect fit) and, with a warning of class `mixest_unidentified`, where the test does not
#'   exist:
#'   * a robust variance, of an effect that one group alone determines (it fits this group exactly);
#'   * the robust test of several contrasts, with too few groups;
#'   * Kenward and Roger's approximation, with few groups: its denominator degrees of freedom would
#'     be negative.
#' @references Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance
#' components. *Biometrics Bulletin* 2, 110-114.
#'
#' Giesbrecht, F. G. and Burns, J. C. (1985). Two-stage analysis based on a mixed model:
#' large-sample asymptotic theory and small-sample simulation results. *Biometrics* 41, 477-486.
#'
#' Fai, A. H.-T. and Cornelius, P. L. (1996). Approximate F-tests of multiple degree of freedom
#' hypotheses in generalized least squares analyses of unbalanced split-plot experiments. *Journal
#' of Statistical Computation and Simulation* 54, 363-378.
#'
#' Kenward, M. G. and Roger, J. H. (1997). Small sample inference for fixed effects from restricted
#' maximum likelihood. *Biometrics* 53, 983-997.
#'
#' Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression
#' with multi-stage samples. *Survey Methodology* 28, 169-181.
#'
#' Pustejovsky, J. E. and Tipton, E. (2018). Small-sample methods for cluster-robust variance
#' estimation and hypothesis testing in fixed effects models. *Journal of Business & Economic
#' Statistics* 36, 672-683.
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' df_for(fit, c(0, 0, 0, 1))
#' df_for(fit, c(0, 0, 0, 1), vcov = "CR2")
#' df_for(fit, diag(4), joint = FALSE)
#' df_for(fit, diag(4)[3:4, ], ddf = "kenward-roger")
#' @export
df_for <- function(fit, L, ddf = c("satterthwaite", "kenward-roger", "residual", "none"), joint = TRUE,
                   information = c("expected", "observed"),
                   vcov = "model", ...) {
  check_dots()
  check_fit(fit, "df_for")
  check_given(missing(L), "L")
  check_flag(joint, "joint")
  method <- df_method(fit, match_ddf(ddf), information, vcov)
  L <- contrast_matrix(L, method$fit)
  if (joint) {
    test <- joint_test(method, L)
    if (!is.null(test$without)) warn_untested(method, test$without, "L")
    return(test$DenDF)
  }
  warn_untested(method, ifelse(lacks_variance(method, L), "variance", NA), contrast_labels(L))
  t_df(method, L)
}

# Rows of `L` as a matrix with one column for each fixed effect. Named columns are put in order.
contrast_matrix <- function(L, fit, call = parent.frame()) {
  p <- length(fit$coefficients)
  if (is.null(dim(L))) L <- rbind(L, deparse.level = 0L)
  if (is.data.frame(L)) L <- without_default_names(as.matrix(L))
  if (is.numeric(L) && length(dim(L)) == 2L && !is.null(colnames(L))) L <- columns_by_name(L, fit, call)
  if (is.numeric(L) && length(dim(L)) == 2L && ncol(L) == p && all(is.finite(L))) return(L)
  abort_mixest("input", c(
    paste(
      "{.arg L} must be a numeric vector or matrix of finite numbers,",
      "with one column for each of the {p} fixed effect{?s}."
    ),
    x = if (!is.numeric(L)) {
      "It is {.obj_type_friendly {L}}."
    } else if (!identical(ncol(L), p)) {
      "It has {ncol(L)} column{?s}."
    } else {
      "It has missing or infinite values."
    }
  ), call)
}

# Those that as.data.frame() and data.frame() give to the columns of a matrix.
without_default_names <- function(L) {
  if (all(grepl("^[VX][0-9]+$", colnames(L)))) colnames(L) <- NULL
  L
}

# Coefficients that are not named have weight 0.
columns_by_name <- function(L, fit, call) {
  names <- colnames(L)
  unknown <- setdiff(names, fit$fixed_names)
  if (length(unknown) || anyDuplicated(names)) {
    near <- if (length(unknown)) closest_name(unknown[1L], fit$fixed_names)
    abort_mixest("input", c(
      "The names of {.arg L} must be those of fixed effects, each once.",
      x = if (length(unknown)) {
        "There is no fixed effect {.code {unknown[1L]}}."
      } else {
        "{.code {names[anyDuplicated(names)]}} is there twice."
      },
      i = if (!is.null(near)) "Did you mean {.code {near}}?" else "Use {.code unname(L)} to go by position."
    ), call)
  }
  dropped <- names[names %in% fit$aliased & colSums(L != 0, na.rm = TRUE) > 0]
  if (length(dropped)) {
    abort_mixest("unidentified", c(
      "A contrast can't involve a fixed effect that was dropped as a combination of others.",
      x = "{.arg L} has {list_names(dropped)}.", i = "Use the effects in {.code names(fixef(fit))}."
    ), call)
  }
  out <- matrix(0, nrow(L), length(fit$coefficients), dimnames = list(rownames(L), names(fit$coefficients)))
  kept <- setdiff(names, fit$aliased)
  out[, kept] <- L[, kept]
  out
}

# What messages call the rows: their names, or the coefficient that a row is, or its number.
contrast_labels <- function(L, names = colnames(L)) {
  if (!is.null(rownames(L))) return(rownames(L))
  one <- rowSums(L != 0) == 1
  labels <- paste("row", seq_len(nrow(L)))
  if (!is.null(names)) labels[one] <- names[max.col(L[one, , drop = FALSE] != 0, "first")]
  labels
}

# One row for each row of L: Estimate, Std. Error, df, t value. NA: df without a method, both
# without variation, and all but the estimate where a robust variance does not exist.
t_tests <- function(method, L, rhs = 0, call = parent.frame()) {
  estimate <- drop(L %*% method$fit$coefficients)
  error <- method$fit$sigma * row_norms(L %*% method$factor)
  lost <- lacks_variance(method, L)
  warn_untested(method, ifelse(lost, "variance", NA), contrast_labels(L, names(method$fit$coefficients)), call)
  error[lost] <- NA_real_
  t_value <- (estimate - rhs) / error
  t_value[!is.na(error) & !(error > 0)] <- NA_real_
  cbind(Estimate = estimate, `Std. Error` = error, df = t_df(method, L), `t value` = t_value)
}
