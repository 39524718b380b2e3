#' Influence of groups
#'
#' What the estimates would be without each group: exact, by as many fits as there are groups. With
#' `obs = TRUE`, without each row.
#'
#' @param model a fit returned by [lmm()]; for `cooks.distance()`, `dfbeta()`, `dfbetas()`
#'   what `influence()` returned. (For the same measures of single rows of a fit see
#'   [cooks.distance.mixest()].)
#' @param group,groups character: name of the grouping factor whose levels are left out, one by one.
#'   Default `NULL`: that of the fit, with nested factors the outermost.
#' @param obs logical: leave out single rows? Default `FALSE`.
#' @param row.names `NULL` (default: the names of what was left out), or names for the rows.
#' @param optional not used; an argument of the generic.
#' @param which character: `"fixed"` (default) for the fixed effects, `"var.cov"` for the variance
#'   parameters.
#' @param x what `influence()` returned.
#' @param do.coef logical: `FALSE` gives `list(hat = hatvalues(model))` and no more, as for `lm`.
#'   Default `TRUE`.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details Each deletion is a fit of the condensed data of the other groups; their pooled rows are
#' merged from those of single groups, nothing is subtracted. The search begins at the estimates
#' from all groups. Where there may be a second optimum (an estimate on the boundary, structures
#' other than `us`) the search that [lmm()] makes is made too, and the lower criterion counts. So
#' each estimate is that of `lmm()` with the rows of the other groups, or a better one. There are as
#' many fits as groups, so that the time grows with the square of their number.
#'
#' With several grouping factors the rows of the other groups are condensed again for each deletion.
#' A level of a factor that has other factors nested in it is left out with all that lies in it.
#'
#' With `obs = TRUE` nothing is fitted again: the covariance parameters relative to sigma are held,
#' as in [cooks.distance.mixest()], and the rest is exact. The fit must keep its rows.
#'
#' Where the other groups don't determine a parameter, the estimates are `NA`, and a warning of
#' class `mixest_unidentified` names the group. A fixed effect whose column the others can't tell
#' from earlier ones is `NA`, with a message of class `mixest_aliased`.
#' @return `influence()`: a list of class `"influence.mixest"` with the names that lme4 uses, here
#'   for a grouping factor `school`:
#' * `fixed.effects`, named numeric; `fixed.effects[-school]`, matrix with a row for each group that
#'   was left out;
#' * `var.cov.comps`, variances and covariances (squared units of the response, per squared unit of
#'   the covariates): `sigma^2`, `v[x]` the variance of the effect of `x`, `C[x,z]` a covariance;
#'   `var.cov.comps[-school]`, a matrix;
#' * `vcov`; `vcov[-school]`, a list of matrices;
#' * `groups`: name of the factor, `".case"` for rows; `deleted`: the levels; `converged`: logical;
#'   `function.evals`: integer; `hat` and `dffit`: see below;
#' * `singular`: logical, is the estimate without the group on the boundary?
#'
#' `dfbeta()`: matrix, the estimate without a group minus that with all (lme4's sign). `dfbetas()`:
#' the same in units of the standard error without the group. `cooks.distance()`:
#' \eqn{d' Var(\hat\beta)^{-1} d / p} for a row d of `dfbeta()`.
#' `NA` where the estimate is; Cook's distances are `NA` without fixed effects, `NaN` for a perfect
#' fit.
#'
#' `as.data.frame()`: one row for each group or row that was left out, with the columns of
#' [stats::influence.measures()]:
#' * `dffit`: for a row, the change of its fitted value in standard errors, as [stats::dffits()];
#'   for a group, the square root of p times Cook's distance, times sigma divided by its estimate
#'   without the group: for a row of a linear model this is the absolute value of `dffit`;
#' * `cov.r`: determinant of the covariance matrix of the fixed effects without the group, divided
#'   by the determinant with all;
#' * `cook.d`: Cook's distance;
#' * `hat`: for a row its leverage, see [hatvalues()]; for a group the sum over its rows of the
#'   diagonal of \eqn{X (X'V^{-1}X)^{-1} X'V^{-1}}{X (X'V^-1 X)^-1 X'V^-1} (`NA` without rows). The
#'   values of all groups add up to the number of fixed effects.
#' @references
#' Belsley, D. A., Kuh, E. and Welsch, R. E. (1980). *Regression Diagnostics*. Wiley.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' without <- influence(fit)
#' head(without[["fixed.effects[-school]"]])
#' sort(cooks.distance(without), decreasing = TRUE)[1:5]
#' head(dfbeta(without, which = "var.cov"))
#' @name influence.mixest
NULL

#' @rdname influence.mixest
#' @importFrom stats influence
#' @export
influence.mixest <- function(model, group = groups, groups = NULL, obs = FALSE, do.coef = TRUE, ...) {
  check_dots()
  user <- environment()
  check_flag(obs, "obs")
  check_flag(do.coef, "do.coef")
  if (!do.coef) return(list(hat = hatvalues(model)))
  if (!obs) {
    name <- deleted_factor(group, model, user)
    return(new_influence(model, name, influence_of_groups(model, name, user)))
  }
  if (!is.null(group)) {
    abort_mixest("input", "{.arg group} must be left out with {.code obs = TRUE}: single rows are deleted.", user)
  }
  rows <- influence_of_rows(model, user)
  rows$variance <- tcrossprod(rows$growth, variance_components(model, model$lambda, model$sigma))
  dimnames(rows$variance) <- list(rows$deleted, names(variance_components(model, model$lambda, model$sigma)))
  new_influence(model, ".case", rows)
}

# The parts of new_influence().
influence_of_groups <- function(model, name, user) {
  deleted <- model$random$groups[[name]]
  found <- if (length(model$random$groups) == 1L) {
    leave_out_condensed(model, user)
  } else {
    leave_out_rows(model, name, user)
  }
  all <- model$fixed_names
  kept <- !is_aliased(model)
  fixed <- structure(t(found$beta), dimnames = list(deleted, all))[, kept, drop = FALSE]
  covariances <- lapply(seq_along(deleted), function(i) {
    structure(found$vcov[kept, kept, i], dim = rep(sum(kept), 2L), dimnames = list(all[kept], all[kept]))
  })
  variance <- lapply(seq_along(deleted), function(i) variance_components(model, found$lambda[, , i], found$sigma[i]))
  variance <- matrix(unlist(variance), length(deleted), byrow = TRUE, dimnames = list(deleted, names(variance[[1L]])))
  lost <- found$too_few | found$status %in% c(
    "flat", "dependent_columns", "no_residual_df", "perfect_fit", "perfect_groups", "not_finite"
  )
  fixed[lost, ] <- NA
  variance[lost, ] <- NA
  covariances[lost] <- lapply(covariances[lost], replace, TRUE, NA_real_)
  announce_deletions(deleted, lost, found$status, fixed, user)
  list(
    deleted = deleted, fixed = fixed, vcov = covariances, variance = variance, converged = found$status == "converged",
    evaluations = found$evaluations, singular = found$singular, hat = leverage_of_groups(model, name), dffit = NULL
  )
}

# `without`: list(deleted, fixed, vcov, variance, converged, evaluations, singular, hat, dffit), all
# for each deletion; dffit is NULL for groups.
new_influence <- function(fit, name, without) {
  named <- function(x) stats::setNames(x, without$deleted)
  parts <- list(
    fixef(fit), without$fixed, variance_components(fit, fit$lambda, fit$sigma), without$variance, vcov(fit),
    named(without$vcov), name, without$deleted, named(without$converged), named(without$evaluations),
    named(without$singular), named(without$hat)
  )
  own <- function(part) paste0(part, "[-", name, "]")
  names(parts) <- c(
    "fixed.effects", own("fixed.effects"), "var.cov.comps", own("var.cov.comps"), "vcov", own("vcov"),
    "groups", "deleted", "converged", "function.evals", "singular", "hat"
  )
  # K with vcov(fit) = K K'
  out <- structure(
    parts,
    root = fit$sigma * fit$beta_factor, class = c("influence.mixest", "influence.merMod")
  )
  out$dffit <- named(if (is.null(without$dffit)) size_of_change(out) else without$dffit)
  out
}

# For groups: |DFFITS| of a row is, in linear models, this function of its Cook's distance.
size_of_change <- function(influence) {
  without <- without_groups(influence, "var.cov.comps")[, "sigma^2"]
  sqrt(length(influence$fixed.effects) * cooks.distance(influence) * influence$var.cov.comps[["sigma^2"]] / without)
}

deleted_factor <- function(group, fit, call) {
  names <- names(fit$random$groups)
  if (is.null(group)) return(names(outer_factor(fit$random)))
  if (is.character(group) && length(group) == 1L && group %in% names) return(group)
  abort_mixest("input", c(
    "{.arg group} must be a grouping factor of the fit, {.or {.val {names}}}.",
    x = if (is.character(group)) "It is {.val {group}}." else "It is {.obj_type_friendly {group}}."
  ), call)
}

# Both: list of what cpp_leave_each_out() gives, and
#   too_few  for each deletion: has a grouping factor less than two levels left?
leave_out_condensed <- function(fit, call) {
  stats <- stats_with_leftovers(fit, call)
  with_rows <- stats$leftovers$n_obs > 0
  found <- in_memory(
    cpp_leave_each_out(stats, fit$random$terms, fit$REML, as.double(fit$theta), fit$control),
    "the estimates without each group", "They have a covariance matrix of the fixed effects for each group.", call
  )
  c(found, list(too_few = sum(with_rows) - with_rows < 2))
}

# With several factors the rows of the other levels are condensed again for each deletion.
leave_out_rows <- function(fit, name, call) {
  design <- stored_design(fit, kept_frame(fit, call))
  of_rows <- design$codes[[match(name, names(fit$random$groups))]]
  levels <- seq_along(fit$random$groups[[name]])
  all <- fit$fixed_names
  p <- length(all)
  q <- nrow(fit$lambda)
  m <- length(levels)
  out <- list(
    sigma = rep(NA_real_, m), beta = matrix(NA_real_, p, m), vcov = array(NA_real_, c(p, p, m)),
    lambda = array(NA_real_, c(q, q, m)),
    status = character(m), singular = rep(NA, m), evaluations = integer(m), too_few = logical(m)
  )
  sizes <- term_sizes(fit)
  for (i in levels) {
    others <- rows_of_design(design, of_rows != i)
    out$too_few[i] <- any(lengths(others$random$groups) < 2L)
    if (out$too_few[i]) next
    stats <- condense_design(others, fit$control$threads)[[1L]]
    found <- fit_others(stats, fit)
    out$status[i] <- found$certificate$status
    out$evaluations[i] <- found$certificate$evaluations
    if (!length(found$theta)) next
    kept <- !found$aliased
    out$sigma[i] <- found$sigma
    out$beta[, i] <- found$beta
    out$vcov[kept, kept, i] <- tcrossprod(found$sigma * found$beta_factor)
    out$lambda[, , i] <- found$lambda
    out$singular[i] <- any(found$certificate$rank < sizes)
  }
  out
}

# By the rule of src/core/fit/fit_near.h: from the estimate of all rows, and where there may be a
# second optimum from the usual starts as well.
fit_others <- function(stats, fit) {
  near <- cpp_fit(stats, fit$random$terms, fit$REML, as.double(fit$theta), fit$control)
  inside <- near$certificate$status == "converged" && all(near$certificate$rank >= term_sizes(fit))
  if (inside && all_unstructured(fit$random$terms)) return(near)
  usual <- cpp_fit(stats, fit$random$terms, fit$REML, NULL, fit$control)
  better <- near$certificate$status == "converged" && (
    usual$certificate$status != "converged" || near$deviance < usual$deviance
  )
  if (better) near else usual
}

# Those of positive weight, levels without rows left out.
rows_of_design <- function(design, chosen) {
  if (!is.null(design$weights)) chosen <- chosen & design$weights > 0
  design$y <- design$y[chosen]
  design$X <- select_rows(design$X, chosen)
  design$U <- select_rows(design$U, chosen)
  for (part in c("weights", "offset")) if (!is.null(design[[part]])) design[[part]] <- design[[part]][chosen]
  for (f in seq_along(design$codes)) {
    codes <- design$codes[[f]][chosen]
    present <- sort(unique(codes))
    design$codes[[f]] <- match(codes, present)
    design$random$groups[[f]] <- design$random$groups[[f]][present]
  }
  design
}

# sigma^2, then the lower triangle of each term's D, with lme4's names.
variance_components <- function(fit, lambda, sigma) {
  D <- tcrossprod(sigma * matrix(lambda, nrow(fit$lambda)))
  terms <- fit$random$terms
  parts <- lapply(terms, function(term) {
    names <- outer(term$names, term$names, function(row, column) paste0("C[", row, ",", column, "]"))
    diag(names) <- paste0("v[", term$names, "]")
    lower <- lower.tri(names, diag = TRUE)
    prefix <- if (length(terms) > 1L) paste0(term$label, ":") else ""
    stats::setNames(D[term$columns, term$columns][lower], paste0(prefix, names[lower]))
  })
  c(`sigma^2` = sigma^2, unlist(parts))
}

announce_deletions <- function(deleted, lost, status, fixed, call) {
  if (any(lost)) {
    cli::cli_warn(c(
      "The other groups don't determine the model's parameters.",
      x = "{cli::qty(sum(lost))}Estimates are NA without group{?s} {list_offenders(deleted[lost])}."
    ), class = c("mixest_unidentified", "mixest_warning"), call = call)
  }
  stuck <- status %in% c("max_iterations", "no_progress")
  if (any(stuck)) {
    cli::cli_warn(c(
      "Some of the fits are not certified as optima.",
      x = "{cli::qty(sum(stuck))}Those without group{?s} {list_offenders(deleted[stuck])}."
    ), class = c("mixest_not_converged", "mixest_warning"), call = call)
  }
  aliased <- rowSums(is.na(fixed)) > 0 & !lost
  if (!any(aliased)) return(invisible())
  columns <- list_names(colnames(fixed)[colSums(is.na(fixed[aliased, , drop = FALSE])) > 0])
  cli::cli_inform(c(
    i = paste(
      "Without some groups the fixed-effects design is rank deficient:",
      "NA for {columns} without {list_offenders(deleted[aliased])}."
    )
  ), class = "mixest_aliased")
}

# An element of lme4's name with the group in it.
without_groups <- function(influence, part) influence[[paste0(part, "[-", influence$groups, "]")]]

#' @rdname influence.mixest
#' @importFrom stats dfbeta
#' @export
dfbeta.influence.mixest <- function(model, which = "fixed", ...) {
  check_dots()
  check_choice(which, "which", c("fixed", "var.cov"))
  part <- if (which == "fixed") "fixed.effects" else "var.cov.comps"
  sweep(without_groups(model, part), 2L, model[[part]])
}

#' @rdname influence.mixest
#' @importFrom stats dfbetas
#' @export
dfbetas.influence.mixest <- function(model, ...) {
  check_dots()
  if (!length(model$fixed.effects)) return(dfbeta(model))
  errors <- vapply(without_groups(model, "vcov"), function(covariance) sqrt(diag(covariance)), model$fixed.effects)
  dfbeta(model) / t(matrix(errors, length(model$fixed.effects)))
}

#' @rdname influence.mixest
#' @importFrom stats cooks.distance
#' @export
cooks.distance.influence.mixest <- function(model, ...) {
  check_dots()
  if (!length(model$fixed.effects)) return(by_group(model, rep(NA_real_, length(model$deleted))))
  root <- attr(model, "root")
  errors <- row_norms(root)
  # Without residual variance there is no distance.
  if (!all(errors > 0)) return(by_group(model, rep(NaN, length(model$deleted))))
  shifts <- solve(root / errors, t(sweep(dfbeta(model), 2L, errors, "/")), tol = 0)
  by_group(model, colSums(shifts^2) / length(errors))
}

#' @rdname influence.mixest
#' @export
as.data.frame.influence.mixest <- function(x, row.names = NULL, optional = FALSE, ...) {
  check_dots()
  table <- data.frame(
    dffit = unname(x$dffit), cov.r = unname(determinant_ratios(x)), cook.d = unname(cooks.distance(x)),
    hat = unname(x$hat)
  )
  name_rows(table, if (is.null(row.names)) x$deleted else row.names)
}

# Of the covariance matrices of the fixed effects, without the group and with all.
determinant_ratios <- function(influence) {
  errors <- sqrt(diag(influence$vcov))
  log_det <- function(covariance) as.numeric(determinant(covariance / outer(errors, errors))$modulus)
  all <- log_det(influence$vcov)
  vapply(without_groups(influence, "vcov"), function(covariance) {
    if (anyNA(covariance)) NA_real_ else exp(log_det(covariance) - all)
  }, 0)
}

by_group <- function(influence, x) stats::setNames(x, influence$deleted)

#' @rdname influence.mixest
#' @export
print.influence.mixest <- function(x, ...) {
  check_dots()
  deleted <- if (x$groups == ".case") " rows" else paste(" groups of", x$groups)
  cat("Estimates without each of the ", length(x$deleted), deleted, "\n", sep = "")
  if (!length(x$fixed.effects)) return(invisible(x))
  distance <- sort(cooks.distance(x), decreasing = TRUE)
  cat("Largest Cook's distances:\n")
  print(utils::head(distance, 5L), digits = 3L)
  invisible(x)
}
