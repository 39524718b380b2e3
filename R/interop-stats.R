# Generics of stats that think of a model as a vector of coefficients.

#' Coefficients of factor levels, and what is to be used instead of other functions of stats
#'
#' @param object,x a fit returned by [lmm()].
#' @param ... for `dummy.coef()`, `use.na`; otherwise must be empty.
#' @return `dummy.coef()`: the fixed effects in terms of the levels of the factors, as for `lm`;
#'   `as.function()`: the deviance as a function of theta, see [devfun()]; `TukeyHSD()`: an error of
#'   class `mixest_input` that names what has mixed models' degrees of freedom.
#' @examples
#' fit <- lmm(yield ~ nitro + Variety + (1 | Block), data = nlme::Oats)
#' dummy.coef(fit)
#' as.function(fit)(getME(fit, "theta"))
#' @name dummy.coef.mixest
NULL

#' @rdname dummy.coef.mixest
#' @importFrom stats dummy.coef
#' @export
dummy.coef.mixest <- function(object, ...) {
  check_dots("use.na")
  view <- fixed_part(object)
  view$coefficients <- all_coefficients(object)
  utils::getS3method("dummy.coef", "lm", envir = asNamespace("stats"))(view, ...)
}

#' @rdname dummy.coef.mixest
#' @export
as.function.mixest <- function(x, ...) {
  check_dots()
  devfun(x)
}

#' @rdname dummy.coef.mixest
#' @importFrom stats TukeyHSD
#' @export
TukeyHSD.mixest <- function(x, ...) {
  check_dots()
  abort_mixest("input", c(
    "{.fn TukeyHSD} must be given a model with one error variance.", x = "The fit is a mixed model.",
    i = "Use {.code pairs(emmeans::emmeans(fit, \"factor\"))}, which adjusts by Tukey's method."
  ), environment())
}
