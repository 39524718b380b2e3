#' Intraclass correlation
#'
#' The correlation of two rows of the same group: the share of the variance that lies between
#' groups,
#' \deqn{\rho(u) = \frac{u' D u}{u' D u + \sigma^2}}{rho(u) = u'Du / (u'Du + sigma^2)}
#' with u the row of the random-effects design; for a random intercept,
#' \eqn{\sigma_\gamma^2 / (\sigma_\gamma^2 + \sigma^2)}. With random slopes it is a function of the
#' covariates. With several grouping factors each has its share of the total variance,
#' \deqn{\rho_f(u) = \frac{u_f' D_f u_f}{\sum_g u_g' D_g u_g + \sigma^2}}{rho_f(u) = u_f'D_f u_f /
#' (sum over g of u_g'D_g u_g + sigma^2)}
#' and the correlation of two rows is the sum of the shares of those factors whose level they have
#' in common: for classes in schools, \eqn{\rho_{school}}{rho_school} for two pupils of different
#' classes of a school, \eqn{\rho_{school} + \rho_{class}}{rho_school + rho_class} for two of the
#' same class.
#'
#' @param fit a fit returned by [lmm()].
#' @param at data frame with values of the covariates that have random effects, one row for each
#'   correlation. Default `NULL`: one numeric covariate takes its minimum, quartiles and maximum,
#'   other variables each combination of their values that occurs.
#' @param level numeric in (0, 1): probability of the interval. Default 0.95.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details The correlation is that of two rows of weight 1 with the same u. Since \eqn{\log(\rho_f
#' / (1 - \rho_f)) = \log r_f - \log(1 + \sum_{g \ne f} r_g)}{log(rho_f / (1 - rho_f)) = log r_f -
#' log(1 + sum of the other r_g)} with \eqn{r_f = u_f' \Psi_f u_f}, \eqn{\Psi = D / \sigma^2}, its
#' standard error on the logit scale needs only the observed information of the relative covariance
#' parameters (exact Hessian, delta method). The interval is symmetric on that scale. At the
#' boundary, where D (of this factor) is singular, standard error and interval are `NA`; the profile
#' of the standard deviation ([confint.mixest()]) still has an interval there.
#' @return Data frame of one row for each value of the covariates: their columns first, then `icc`,
#'   `std.error`, `lower`, `upper`. With several grouping factors these rows for each factor, named
#'   in a first column `group`.
#' @references Searle, S. R., Casella, G. and McCulloch, C. E. (1992). *Variance Components*. Wiley,
#'   section 3.5.
#' @examples
#' icc(lmm(mathach ~ 1 + (1 | school), data = MathAchieve))
#' slopes <- lmm(mathach ~ cses + (cses | school), data = MathAchieve)
#' icc(slopes, at = data.frame(cses = c(-1, 0, 1)))
#' icc(lmm(yield ~ nitro + (1 | Block/Variety), data = nlme::Oats))
#' @export
icc <- function(fit, ...) UseMethod("icc")

#' @export
icc.default <- function(fit, ...) call_elsewhere("performance", "icc", fit, ..., asks = NULL)

#' @rdname icc
#' @export
icc.mixest <- function(fit, at = NULL, level = 0.95, ...) {
  check_dots()
  check_probability(level)
  user <- environment()
  covariates <- icc_covariates(fit, at, user)
  U <- if (ncol(covariates)) random_matrix(fit, covariates, user) else matrix(1, 1L, nrow(fit$lambda))
  ratios <- variance_ratios(fit, U)
  errors <- logit_share_errors(fit, U, ratios)
  tables <- lapply(colnames(ratios), function(group) {
    ratio <- unname(ratios[, group])
    others <- rowSums(ratios[, colnames(ratios) != group, drop = FALSE])
    logit <- log(ratio) - log1p(others)
    error <- unname(errors[, group])
    half <- stats::qnorm((1 + level) / 2) * error
    share <- ratio / (1 + ratio + others)
    table <- data.frame(
      icc = share, std.error = share * (1 - share) * error, lower = stats::plogis(logit - half),
      upper = stats::plogis(logit + half)
    )
    if (ncol(covariates)) table <- cbind(covariates, table)
    if (ncol(ratios) > 1L) cbind(group = group, table) else table
  })
  do.call(rbind, tables)
}

# u_f' Psi_f u_f of each grouping factor (columns) for the rows u of U.
variance_ratios <- function(fit, U) {
  ratios <- lapply(factor_columns(fit$random), function(columns) {
    rowSums((U[, columns, drop = FALSE] %*% fit$lambda[columns, columns, drop = FALSE])^2)
  })
  matrix(unlist(ratios), nrow(U), dimnames = list(NULL, names(ratios)))
}

# Standard errors of log r_f - log(1 + sum of the other r_g).
logit_share_errors <- function(fit, U, ratios) {
  errors <- matrix(NA_real_, nrow(U), ncol(ratios), dimnames = dimnames(ratios))
  singular <- unlist(lapply(fit$random$terms[fit$certificate$rank < term_sizes(fit)], `[[`, "factor"))
  d <- length(fit$theta)
  covariance <- theta_covariance(fit)[seq_len(d), seq_len(d), drop = FALSE]
  slopes <- ratio_slopes(fit, U)
  for (f in setdiff(seq_len(ncol(ratios)), singular)) {
    others <- setdiff(seq_len(ncol(ratios)), f)
    slope <- slopes[[f]] / ratios[, f] - Reduce(`+`, slopes[others], 0) / (1 + rowSums(ratios[, others, drop = FALSE]))
    errors[, f] <- sqrt(rowSums((slope %*% covariance) * slope))
  }
  errors
}

# For each factor the derivatives of r_f in theta, rows of U x length of theta.
ratio_slopes <- function(fit, U) {
  slopes <- lapply(fit$random$groups, function(levels) matrix(0, nrow(U), length(fit$theta)))
  last <- 0L
  for (term in fit$random$terms) {
    own <- last + seq_len(n_theta(term$structure, term$size))
    at <- cpp_covariance_user(term$structure, term$size, fit$theta[own])
    Ut <- U[, term$columns, drop = FALSE]
    slopes[[term$factor]][, own] <- vapply(at$first, function(dPsi) rowSums((Ut %*% dPsi) * Ut), numeric(nrow(U)))
    last <- max(own)
  }
  slopes
}

# The variables of the random-effects terms, without the groups.
icc_covariates <- function(fit, at, call) {
  wanted <- unique(unlist(lapply(fit$random$terms, function(term) all.vars(term$terms))))
  if (!length(wanted)) return(data.frame(row.names = 1L))
  if (is.data.frame(at)) {
    absent <- setdiff(wanted, names(at))
    if (!length(absent) && nrow(at)) return(at[wanted])
  }
  if (!is.null(at)) {
    abort_mixest("input", c(
      "{.arg at} must be a data frame with the covariates of the random effects, and at least one row.",
      x = if (!is.data.frame(at)) {
        "It is {.obj_type_friendly {at}}."
      } else if (length(absent)) {
        "Can't find {list_names(absent)}."
      } else {
        "It has no rows."
      }
    ), call)
  }
  frame <- kept_frame(fit, call)
  counts <- rows_that_count(frame)
  typical_covariates(if (is.null(counts)) frame else frame[counts, , drop = FALSE], wanted, call)
}

typical_covariates <- function(frame, wanted, call) {
  absent <- setdiff(wanted, names(frame))
  if (length(absent)) {
    abort_mixest("input", c(
      "{.arg at} must be given for these random effects.",
      x = "{list_names(absent)} {cli::qty(absent)}{?is/are} part of an expression in the formula."
    ), call)
  }
  if (length(wanted) == 1L && is.numeric(frame[[wanted]])) {
    return(stats::setNames(data.frame(stats::quantile(frame[[wanted]], names = FALSE)), wanted))
  }
  values <- unique(frame[wanted])
  values <- values[do.call(order, unname(as.list(values))), , drop = FALSE]
  row.names(values) <- NULL
  values
}
