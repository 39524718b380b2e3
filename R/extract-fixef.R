#' Fixed effects and their covariance matrix
#'
#' @param object a fit returned by [lmm()].
#' @param add.dropped logical: include the columns of a rank-deficient fixed-effects matrix that
#'   were dropped, as `NA`? Default `FALSE`.
#' @param type character: the kind of covariance matrix. `"model"` (default) is the inverse
#'   information at the estimated covariance parameters,
#'   \eqn{\sigma^2 (\sum X_i' V_i^{-1} X_i)^{-1}} with \eqn{V_i} in units of \eqn{\sigma^2}.
#'   `"kenward-roger"` adds what it lacks in small samples because these parameters are estimated
#'   (Kenward and Roger 1997); for a fit by maximum likelihood it is that of the fit by REML, see
#'   [df_for()]. `"CR0"`, `"CR1"`, `"CR2"` and `"CR3"` are robust: see Details.
#' @param complete logical: add rows and columns of `NA` for dropped columns, as [stats::vcov()]
#'   does for `lm`? Default `FALSE`: the matrix conforms to `fixef(object)`.
#' @param full logical: the joint covariance matrix of the fixed effects and the variance
#'   parameters? Default `FALSE`.
#' @param cluster for the robust types, coarser clusters than the groups: a one-sided formula
#'   (`~ region`), or one value for each row. Every group must lie in one cluster, and clusters must
#'   be independent of each other; crossed factors are allowed. Default `NULL`: the groups. The fit
#'   must keep its rows.
#' @param correlation logical: return the correlation matrix instead? Default `FALSE`.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details Robust covariance matrices don't rely on the model's \eqn{V_i}; the groups (with nested
#' grouping factors, the levels of the outermost) must be independent, and many unless corrected.
#' Crossed factors have no such groups: an error of class `mixest_input`. With
#' \eqn{M = (\sum X_i' V_i^{-1} X_i)^{-1}} and residuals \eqn{e_i = y_i - X_i \hat\beta} they are
#' \eqn{M (\sum X_i' V_i^{-1} A_i e_i e_i' A_i' V_i^{-1} X_i) M}:
#' * `"CR0"`: \eqn{A_i = I}; `"CR1"`: CR0 times \eqn{m / (m - 1)} for m groups;
#' * `"CR2"`: the symmetric \eqn{A_i} with \eqn{A_i (V_i - X_i M X_i') A_i = V_i}, which has no bias
#'   when \eqn{V_i} is right (Bell and McCaffrey 2002);
#' * `"CR3"`: \eqn{A_i = (I - X_i M X_i' V_i^{-1})^{-1}}, about the jackknife over groups; an error
#'   of class `mixest_unidentified` when a fixed effect is not estimable without one of the groups.
#'
#' The definitions are those of package clubSandwich. Rows are multiplied by the square roots of
#' their precision weights first; where weights differ within groups, this gives another symmetric
#' \eqn{A_i} for CR2 than rows as they are. For tests with these matrices see the argument `vcov` of
#' [summary.mixest()], [contest()] and [df_for()].
#' @references Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized
#' linear models. *Biometrika* 73, 13-22.
#'
#' Bell, R. M. and McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression
#' with multi-stage samples. *Survey Methodology* 28, 169-181.
#' @return `fixef()`: named numeric vector in the order of the columns of the model matrix, in units
#'   of the response per unit of the column. `vcov()`: a base matrix with the same names. With
#'   `full = TRUE` rows and columns for the variance parameters follow, in the order and by the
#'   names of [confint.mixest()]: for each term its standard deviations and correlations
#'   (`sd_(Intercept)|school`, `cor_cses.(Intercept)|school`), then `sigma`. They are on the scale
#'   of these names (standard deviations in units of the response), from the observed information by
#'   the delta method, `NA` at the boundary as in [VarCorr.mixest()]. The entries between fixed
#'   effects and variance parameters are zero, as in the expected information of a normal response.
#' @examples
#' fit <- lmm(mathach ~ sector + cses + (cses | school), data = MathAchieve)
#' fixef(fit)
#' sqrt(diag(vcov(fit)))
#' sqrt(diag(vcov(fit, type = "CR2")))
#' sqrt(diag(vcov(fit, full = TRUE)))
#' @method fixef mixest
#' @export
fixef.mixest <- function(object, add.dropped = FALSE, ...) {
  check_dots()
  check_flag(add.dropped, "add.dropped")
  if (add.dropped) all_coefficients(object) else object$coefficients
}
