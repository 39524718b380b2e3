match_information <- function(information, call = parent.frame()) {
  choices <- c("expected", "observed")
  if (identical(information, choices)) choices[1L] else check_choice(information, "information", choices, call)
}

# What the tests of one fit share: list of
#   ddf      as of match_ddf()
#   fit      the fit itself; by REML for Kenward-Roger
#   factor   rank x rank, Var(beta^) = sigma^2 factor factor' (adjusted by Kenward-Roger)
#   F        the same before adjustment
#   inner    factor = F inner; NULL: the identity
#   moves    list of Lambda_0, Lambda_1, .., rank x rank; NULL when there are none
# For a robust covariance matrix see robust_method() in R/infer-robust.R.
df_method <- function(fit, ddf, information = "expected", vcov = "model", call = parent.frame()) {
  check_choice(vcov, "vcov", c("model", robust_types), call)
  information <- match_information(information, call)
  if (vcov != "model") return(robust_method(fit, ddf, vcov, call))
  if (ddf == "kenward-roger") fit <- by_REML(fit)
  method <- list(ddf = ddf, fit = fit, factor = fit$beta_factor, F = fit$beta_factor)
  needed <- ddf %in% c("satterthwaite", "kenward-roger") && fit$sigma > 0 && length(fit$coefficients)
  if (!needed) return(method)

  kenward_roger <- ddf == "kenward-roger"
  found <- cpp_vcov_moves(
    fit$stats, fit$random$terms, fit$REML, as.double(fit$theta), if (kenward_roger) information else "observed",
    kenward_roger
  )
  method$moves <- found$moves
  if (kenward_roger && length(found)) {
    method$inner <- found$factor
    method$factor <- method$F %*% found$factor
  }
  method
}

# sigma is in the factor before it is squared: responses of size 1e160 overflow a little later.
covariance_of_estimates <- function(method) {
  names <- names(method$fit$coefficients)
  structure(tcrossprod(method$fit$sigma * method$factor), dimnames = list(names, names))
}

t_df <- function(method, L) {
  df <- rep(NA_real_, nrow(L))
  if (!nrow(L) || !(method$fit$sigma > 0)) return(df)
  if (method$ddf == "residual") return(rep(residual_df(method$fit), nrow(L)))
  if (!is.null(method$robust) && method$ddf == "satterthwaite") return(bell_mccaffrey(method, L))
  if (is.null(method$moves)) return(df)
  direction_df(method, L %*% method$F)
}

# The same of the contrasts z'F^{-1} beta, z the rows of Z. They are made rows of length 1, so that
# no power of a tiny or huge number is taken.
direction_df <- function(method, Z) {
  if (is.null(method$moves)) return(rep(NA_real_, nrow(Z)))
  Z <- Z / row_norms(Z)
  variance <- Reduce(`+`, lapply(method$moves, function(move) rowSums((Z %*% move) * Z)^2))
  unname(ifelse(is.finite(variance), 2 / variance, NA_real_))
}
