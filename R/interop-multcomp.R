# multcomp: simultaneous inference by glht(). Normal quantiles unless `df` is given, as for the
# mixed models of other packages; emmeans has degrees of freedom for each contrast.
modelparm.mixest <- function(model, coef. = fixef, vcov. = vcov, df = NULL, ...) {
  coefficients <- if (is.function(coef.)) coef.(model) else coef.
  structure(
    list(
      coef = coefficients, vcov = covariance_given(model, vcov.), df = if (is.null(df)) 0 else df,
      estimable = rep(TRUE, length(coefficients))
    ),
    class = "modelparm"
  )
}
