# marginaleffects: predictions, and their delta-method standard errors by moving the fixed effects.
# marginaleffects passes over classes that it doesn't know unless an option names them: see
# .onLoad().

allow_marginaleffects <- function() {
  known <- getOption("marginaleffects_model_classes")
  options(marginaleffects_model_classes = union(known, "mixest"))
}

get_coef.mixest <- function(model, ...) model$coefficients

set_coef.mixest <- function(model, coefs, ...) {
  model$coefficients[names(coefs)] <- coefs
  model
}

# `vcov`: a matrix, a function, one of the types of vcov(), or "satterthwaite", which is about
# degrees of freedom.
get_vcov.mixest <- function(model, vcov = NULL, ...) {
  if (isFALSE(vcov)) return(NULL)
  if (is.null(vcov) || isTRUE(vcov) || identical(vcov, "satterthwaite")) return(covariance_given(model))
  covariance_given(model, if (identical(vcov, "kenward")) "kenward-roger" else vcov, "vcov")
}

# Conditional on the random effects, as predict() is; levels that the fit has not seen count as
# average.
get_predict.mixest <- function(model, newdata = NULL, type = "response", re.form = NULL, ...) {
  estimate <- unname(predict(model, newdata, re.form = re.form, allow.new.levels = TRUE))
  rows <- newdata$rowid
  data.frame(rowid = if (is.null(rows)) seq_along(estimate) else rows, estimate = estimate)
}
