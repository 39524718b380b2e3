#' The model in equations
#'
#' Writes a fitted model in LaTeX.
#'
#' @param fit a fit returned by [lmm()].
#' @param form character:
#' * `"levels"` (default): an equation for the rows, with coefficients that vary between groups, and
#'   an equation for each of these coefficients;
#' * `"combined"`: both in one;
#' * `"marginal"`: form I, group by group, \eqn{Y_i = X_i \beta + U_i \gamma_i + \epsilon_i}, and
#'   the distribution of \eqn{Y_i} (with several grouping factors: of all rows);
#' * `"matrix"`: form II, all groups stacked, \eqn{Y = X \beta + U \gamma + \epsilon} with U block
#'   diagonal and \eqn{Var(\gamma) = I \otimes D}.
#' @param estimates logical: numbers in place of the parameters? Default `FALSE`.
#' @param digits whole number: significant digits of the estimates. Default 3.
#' @param x what `model_equation()` returned.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details Row j of group i has the index \eqn{ij}; with several grouping factors rows have the
#' index i, and g\[i\] is the level of the factor g that row i belongs to. A covariate that is
#' constant within groups has the group's index only, and `"levels"` has it in the equation of the
#' intercept, its product with a covariate whose coefficient varies in the equation of that
#' coefficient. D is written by its elements for up to six effects: \eqn{d_{kl}}, or for structured
#' terms standard deviations \eqn{\tau} and correlations \eqn{\rho}. `"levels"` and `"combined"`
#' need the rows of the fit.
#' @return Character, LaTeX without dollar signs, of class `"mixest_equation"`: `print()` shows it,
#'   and in a document knitted by knitr it becomes a displayed equation.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' model_equation(fit)
#' model_equation(fit, "combined", estimates = TRUE)
#' model_equation(fit, "matrix")
#' @export
model_equation <- function(fit, form = c("levels", "combined", "marginal", "matrix"), estimates = FALSE, digits = 3L,
                           ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "model_equation")
  forms <- c("levels", "combined", "marginal", "matrix")
  if (identical(form, forms)) form <- forms[1L]
  if (is.character(form)) form <- lower_case(form)
  check_choice(form, "form", forms, user)
  check_flag(estimates, "estimates", user)
  check_digits(digits, user)
  parts <- equation_parts(fit, if (estimates) digits)
  lines <- switch(form,
    levels = lines_of_levels(fit, parts, user), combined = lines_combined(fit, parts, user),
    marginal = lines_marginal(fit, parts), matrix = lines_stacked(fit, parts)
  )
  structure(
    paste0("\\begin{aligned}\n", paste(lines, collapse = " \\\\\n"), "\n\\end{aligned}"), class = "mixest_equation"
  )
}

#' @rdname model_equation
#' @export
print.mixest_equation <- function(x, ...) {
  check_dots()
  cat(unclass(x), "\n", sep = "")
  invisible(x)
}

# Registered for knitr's generic (R/interop-register.R): `asis_output()` without knitr.
knit_print.mixest_equation <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  structure(paste0("\n$$\n", unclass(x), "\n$$\n"), class = "knit_asis")
}
