#' Intraclass correlation
#'
#' The correlation of two rows of the same group: the share of the variance that lies between groups,
#' \deqn{\rho(u) = \frac{u' D u}{u' D u + \sigma^2}}{rho(u) = u'Du / (u'Du + sigma^2)}
#' with u the row of the random-effects design; for a random intercept, \eqn{\sigma_\gamma^2 / (\sigma_\gamma^2 + \sigma^2)}. With random slopes it is a function of the covariates.
#'
#' @param fit a fit of [lmm()].
#' @param at data frame with values of the covariates that have random effects, one row for each correlation. Default `NULL`: one numeric covariate takes its minimum, quartiles and
#'   maximum, other variables each combination of their values that occurs.
#' @param level numeric in (0, 1): probability of the interval. Default 0.95.
#' @param ... not used.
#' @details The correlation is that of two rows of weight 1 with the same u. Since \eqn{\log(\rho / (1 - \rho)) = \log(u' \Psi u)} with \eqn{\Psi = D / \sigma^2}, its standard error on the logit scale needs only
#' the observed information of the relative covariance parameters (exact Hessian, delta method). The interval is symmetric on that scale. At the boundary, where D is singular,
#' standard error and interval are `NA`; the profile of the standard deviation ([confint.mixest()]) still has an interval there.
#' @return Data frame of one row for each value of the covariates: their columns first, then `icc`, `std.error`, `lower`, `upper`.
#' @references Searle, S. R., Casella, G. and McCulloch, C. E. (1992). *Variance Components*. Wiley, section 3.5.
#' @examples
#' icc(lmm(mathach ~ 1 + (1 | school), data = MathAchieve))
#' icc(lmm(mathach ~ cses + (cses | school), data = MathAchieve), at = data.frame(cses = c(-1, 0, 1)))
#' @export
icc <- function(fit, ...) UseMethod("icc")

#' @rdname icc
#' @export
icc.mixest <- function(fit, at = NULL, level = 0.95, ...) {
  check_probability(level)
  user <- environment()
  covariates <- icc_covariates(fit, at, user)
  U <- if (ncol(covariates)) random_matrix(fit, covariates, user) else matrix(1, 1L, nrow(fit$lambda))
  ratio <- rowSums((U %*% fit$lambda)^2)
  error <- log_ratio_errors(fit, U, ratio)
  half <- stats::qnorm((1 + level) / 2) * error
  estimate <- ratio / (1 + ratio)
  result <- data.frame(
    icc = estimate, std.error = estimate * (1 - estimate) * error,
    lower = stats::plogis(log(ratio) - half), upper = stats::plogis(log(ratio) + half)
  )
  if (ncol(covariates)) cbind(covariates, result) else result
}

# Standard errors of log(u'Psi u) for the rows u of U.
log_ratio_errors <- function(fit, U, ratio) {
  if (isSingular(fit)) return(rep(NA_real_, nrow(U)))
  d <- length(fit$theta)
  slopes <- matrix(0, nrow(U), d)
  last <- 0L
  for (term in fit$random$terms) {
    own <- last + seq_len(n_theta(term$structure, term$size))
    at <- cpp_covariance_user(term$structure, term$size, fit$theta[own])
    Ut <- U[, term$columns, drop = FALSE]
    slopes[, own] <- vapply(at$first, function(dPsi) rowSums((Ut %*% dPsi) * Ut), numeric(nrow(U)))
    last <- max(own)
  }
  slopes <- slopes / ratio
  sqrt(rowSums((slopes %*% theta_covariance(fit)[seq_len(d), seq_len(d), drop = FALSE]) * slopes))
}

# The variables of the random-effects terms, without the groups.
icc_covariates <- function(fit, at, call) {
  wanted <- unique(unlist(lapply(fit$random$terms, function(term) all.vars(term$terms))))
  if (!length(wanted)) return(data.frame(row.names = 1L))
  if (is.data.frame(at)) {
    absent <- setdiff(wanted, names(at))
    if (!length(absent)) return(at[wanted])
  }
  if (!is.null(at)) {
    abort_mixest("input", c(
      "{.arg at} must be a data frame with the covariates of the random effects.",
      x = if (is.data.frame(at)) "Can't find {list_names(absent)}." else "It is {.obj_type_friendly {at}}."
    ), call)
  }
  typical_covariates(kept_frame(fit, call), wanted, call)
}

typical_covariates <- function(frame, wanted, call) {
  absent <- setdiff(wanted, names(frame))
  if (length(absent)) {
    abort_mixest("input", c("{.arg at} must be given for these random effects.", x = "{list_names(absent)} {cli::qty(absent)}{?is/are} part of an expression in the formula."), call)
  }
  if (length(wanted) == 1L && is.numeric(frame[[wanted]])) {
    return(stats::setNames(data.frame(stats::quantile(frame[[wanted]], names = FALSE)), wanted))
  }
  values <- unique(frame[wanted])
  values <- values[do.call(order, unname(as.list(values))), , drop = FALSE]
  row.names(values) <- NULL
  values
}
