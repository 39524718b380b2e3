#' Fixed effects and their covariance matrix
#'
#' @param object a fit of [lmm()].
#' @param add.dropped logical: include the columns of a rank-deficient fixed-effects matrix that were dropped, as `NA`? Default `FALSE`.
#' @param type character: the kind of covariance matrix. `"model"` (default) is the inverse information at the estimated
#'   covariance parameters, \eqn{\sigma^2 (\sum X_i' V_i^{-1} X_i)^{-1}} with \eqn{V_i} in units of \eqn{\sigma^2}. `"kenward-roger"` adds what it lacks in
#'   small samples because these parameters are estimated (Kenward and Roger 1997); for a fit by maximum likelihood it is that of the fit by
#'   REML, see [df_for()].
#' @param complete logical: add rows and columns of `NA` for dropped columns, as [stats::vcov()] does for `lm`? Default `FALSE`: the matrix
#'   conforms to `fixef(object)`.
#' @param ... not used.
#' @return `fixef()`: named numeric vector in the order of the columns of the model matrix, in units of the response per unit of the
#'   column. `vcov()`: a base matrix with the same names.
#' @examples
#' fit <- lmm(mathach ~ sector + cses + (cses | school), data = MathAchieve)
#' fixef(fit)
#' sqrt(diag(vcov(fit)))
#' @method fixef mixest
#' @export
fixef.mixest <- function(object, add.dropped = FALSE, ...) {
  if (add.dropped) all_coefficients(object) else object$coefficients
}

#' @rdname fixef.mixest
#' @export
vcov.mixest <- function(object, type = "model", complete = FALSE, ...) {
  check_choice(type, "type", c("model", "kenward-roger"))
  covariance <- covariance_of_estimates(df_method(object, if (type == "model") "none" else type))
  if (!complete || !length(object$aliased)) return(covariance)

  all <- names(all_coefficients(object))
  padded <- matrix(NA_real_, length(all), length(all), dimnames = list(all, all))
  padded[rownames(covariance), colnames(covariance)] <- covariance
  padded
}

# Square roots of diag(vcov()), without forming squares of sigma.
standard_errors <- function(fit) {
  stats::setNames(fit$sigma * row_norms(fit$beta_factor), names(fit$coefficients))
}

row_norms <- function(x) sqrt(rowSums(x^2))

# An argument that must be one of a few strings; `choices` in the order they are offered.
check_choice <- function(value, argument, choices, call = parent.frame()) {
  if (is.character(value) && length(value) == 1L && value %in% choices) return(value)
  abort_mixest("input", c(
    "{.arg {argument}} must be {.or {.val {choices}}}.",
    x = "It is {.obj_type_friendly {value}}{if (is.character(value) && length(value) == 1L) paste0(': \"', value, '\"')}."
  ), call)
}

# Coefficients of all columns of X in their order, NA for dropped ones.
all_coefficients <- function(fit) {
  names <- fixed_names(fit)
  stats::setNames(fit$coefficients[names], names)
}

is_aliased <- function(fit) fixed_names(fit) %in% fit$aliased

# Names of all columns of X, the dropped ones in their place.
fixed_names <- function(fit, call = parent.frame()) {
  if (!length(fit$aliased)) return(names(fit$coefficients))
  one_row <- kept_frame(fit, call)[1L, , drop = FALSE]
  colnames(stats::model.matrix(stats::delete.response(fit$terms), one_row, contrasts.arg = fit$contrasts))
}
