# Rows for ggplot(fit, aes(...)): those of the fit with fitted values and residuals.
fortify.mixest <- function(model, data = NULL, ...) {
  check_dots()
  as.data.frame(augment(model, data))
}
