# The error of a prediction when the covariance parameters are estimated too.
#
# The error x'beta^ + u'gamma^ - (x'beta + u'gamma), and that of a new observation, has variance v
# when the parameters are known. Along independent directions of the parameters, each a standard
# error long (src/core/inference/small_sample/vcov_jacobian.h), v moves by v_k and the prediction by
# t_k (prediction_moves.h beside it), all derivatives exact:
#
#   degrees of freedom    2 v^2 / sum v_k^2           Satterthwaite's, of the estimate of v
#   what estimation adds  2 sum t_k^2                 once for the prediction at the estimates
#                                                     (Kackar and Harville 1984), once because v
#                                                     is too small by as much (Prasad and Rao 1990)
#
# The second is for predictions that use predicted random effects. Linear functions of beta^ alone
# are as in contest(): Satterthwaite's t test takes x'Var(beta^)x as it is, Kenward and Roger adjust
# it.

# list(variance, df), one for each row; variance in units of sigma^2. effects: columns of U that the
# error is about, those of levels without data too; noise: of a new observation, or 0; z: see
# errors_from_beta()
interval_errors <- function(fit, rows, effects, z, variance, noise, ddf) {
  n <- length(variance)
  if (ddf == "none" || !(fit$sigma > 0)) return(list(variance = variance + noise, df = rep(Inf, n)))
  if (ddf == "residual") return(list(variance = variance + noise, df = rep(residual_df(fit), n)))
  kenward_roger <- ddf == "kenward-roger"
  information <- if (kenward_roger) "expected" else "observed"
  found <- cpp_prediction_moves(
    fit$stats, fit$random$terms, fit$REML, as.double(fit$theta), information, fit$lambda,
    columns_of_effects(fit, rows, effects), rows$codes, z
  )
  if (!length(found)) return(list(variance = variance + noise, df = rep(NA_real_, n)))
  nu <- fit$stats$n_obs - if (fit$REML || kenward_roger) fit$rank else 0
  total <- variance + noise
  moves <- cbind(sqrt(2 / nu) * total, found$variance + outer(total, found$log_sigma2))
  df <- 2 * total^2 / rowSums(moves^2)
  # t_k is in units of r = sigma nu^(1/2)
  added <- ifelse(uses_predicted(fit, rows, effects), 2 * nu * rowSums(found$prediction^2), 0)
  if (kenward_roger) added <- ifelse(uses_predicted(fit, rows, effects), added, adjustment_of_beta(fit, z))
  list(variance = total + added, df = df)
}

# Has the row a level with data of a factor whose effects are used?
uses_predicted <- function(fit, rows, effects) {
  rowSums(!is.na(rows$codes[, factors_of(fit, effects), drop = FALSE])) > 0
}

# Kenward and Roger's, of z'z.
adjustment_of_beta <- function(fit, z) {
  found <- cpp_vcov_moves(fit$stats, fit$random$terms, fit$REML, as.double(fit$theta), "expected", TRUE)
  rowSums((z %*% found$factor)^2) - rowSums(z^2)
}
