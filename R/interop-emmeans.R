# emmeans: the reference grid and the linear functions of the fixed effects on it.
#
# emmeans asks for the degrees of freedom of every linear function by itself. `dfargs` carries what
# df_method() found once for the fit, so that each costs O(p^2).

recover_data.mixest <- function(object, data = NULL, ...) {
  frame <- if (is.null(data)) fixed_frame(object)
  emmeans::recover_data(
    object$call, stats::delete.response(object$terms), object$na.action, data = data, frame = frame,
    pwts = if (!is.null(object$frame)) prior_weights(object), ...
  )
}

# `lmer.df`, `mode` and `ddf` name the method of the degrees of freedom, as emmeans has them for
# lmer's fits (`lmer.df`), for lme's and gls' (`mode`), and as this package has it.
emm_basis.mixest <- function(object, trms, xlev, grid, vcov., lmer.df = emmeans::get_emm_option("lmer.df"), mode, ddf,
                             ...) {
  frame <- stats::model.frame(trms, grid, na.action = stats::na.pass, xlev = xlev)
  X <- stats::model.matrix(trms, frame, contrasts.arg = object$contrasts)
  method <- emmeans_method(object, if (!missing(ddf)) ddf else if (!missing(mode)) mode else lmer.df)
  kept <- !is_aliased(object)
  beta <- rep(NA_real_, length(kept))
  beta[kept] <- method$fit$coefficients
  covariance <- if (missing(vcov.)) covariance_of_estimates(method) else covariance_given(object, vcov.)
  df <- emmeans_df(method, kept)
  list(
    X = X, bhat = beta, nbasis = emmeans_estimable(object, kept), V = covariance, dffun = df$of, dfargs = df$arguments,
    misc = list(), model.matrix = X
  )
}

emmeans_method <- function(fit, name) {
  name <- if (is.character(name)) lower_case(name)[1L] else name
  if (name %in% c("auto", "appx-satterthwaite")) name <- "satterthwaite"
  if (identical(name, "df.error")) name <- "residual"
  if (identical(name, "asymptotic")) return(df_method(fit, "none"))
  df_method(fit, match_ddf(name))
}

# function(k, dfargs) and its dfargs; k has an element for every column of X, also for dropped ones.
emmeans_df <- function(method, kept) {
  if (method$ddf == "none") return(list(of = function(k, dfargs) Inf, arguments = list()))
  if (method$ddf == "residual") {
    return(list(of = function(k, dfargs) dfargs$df, arguments = list(df = residual_df(method$fit))))
  }
  of <- function(k, dfargs) dfargs$t_df(dfargs$method, matrix(k[dfargs$kept], 1L))
  attr(of, "mesg") <- method$ddf
  small <- c(method[c("ddf", "F", "moves")], list(fit = method$fit["sigma"]))
  list(of = of, arguments = list(method = small, kept = kept, t_df = t_df))
}

# A basis of the combinations of coefficients that the data can't determine.
emmeans_estimable <- function(fit, kept) {
  if (all(kept)) return(matrix(NA))
  X <- stats::model.matrix(fit$terms, fixed_frame(fit), contrasts.arg = fit$contrasts)
  estimability::nonest.basis(X)
}
