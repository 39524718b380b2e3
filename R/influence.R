#' Influence of groups
#'
#' What the estimates would be without each group: exact, by as many fits as there are groups.
#'
#' @param model a fit of [lmm()] with one grouping factor; for `cooks.distance()`, `dfbeta()`, `dfbetas()`, `covratio()` what `influence()` returned. (For the influence of single
#'   rows see [cooks.distance.mixest()].)
#' @param group,groups character: name of the grouping factor. Default `NULL`: that of the fit.
#' @param which character: `"fixed"` (default) for the fixed effects, `"var.cov"` for the variance parameters.
#' @param x what `influence()` returned.
#' @param ... not used.
#' @details Each deletion is a fit of the condensed data of the other groups; their pooled rows are merged from those of single groups, nothing is subtracted. The search begins at the
#' estimates from all groups. Where it ends on the boundary it is compared with the search that [lmm()] makes. So each estimate is that of `lmm()` with the rows of the
#' other groups, at the cost of one search in the condensed data.
#'
#' Where the other groups don't determine a parameter, the estimates are `NA`, and a warning of class `mixest_unidentified` names the group. A fixed effect whose column
#' the others can't tell from earlier ones is `NA`, with a message of class `mixest_aliased`.
#' @return `influence()`: a list of class `"influence.mixest"` with the names that lme4 uses, here for a grouping factor `school`:
#' * `fixed.effects`, named numeric; `fixed.effects[-school]`, matrix with a row for each group that was left out;
#' * `var.cov.comps`, variances and covariances (squared units of the response, per squared unit of the covariates): `sigma^2`, `v[x]` the variance of the effect of `x`,
#'   `C[x,z]` a covariance; `var.cov.comps[-school]`, a matrix;
#' * `vcov`; `vcov[-school]`, a list of matrices;
#' * `groups`: name of the factor; `deleted`: the levels; `converged`: logical; `function.evals`: integer;
#' * `singular`: logical, is the estimate without the group on the boundary?
#'
#' `dfbeta()`: matrix, the estimate without a group minus that with all (lme4's sign). `dfbetas()`: the same in units of the standard error without the group.
#' `cooks.distance()`: \eqn{d' Var(\hat\beta)^{-1} d / p} for a row d of `dfbeta()`. `covratio()`: determinant of the covariance matrix of the fixed effects without the group, divided by that with all.
#' `NA` where the estimate is.
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
influence.mixest <- function(model, group = groups, groups = NULL, ...) {
  user <- environment()
  check_one_factor(model, user)
  check_group_name(group, model, user)
  deleted <- model$random$groups[[1L]]
  stats <- stats_with_leftovers(model, user)
  found <- cpp_leave_each_out(stats, model$random$terms, model$REML, as.double(model$theta), model$control)
  all <- fixed_names(model)
  kept <- !is_aliased(model)
  fixed <- structure(t(found$beta), dimnames = list(deleted, all))[, kept, drop = FALSE]
  covariances <- lapply(seq_along(deleted), function(i) {
    structure(found$vcov[kept, kept, i], dim = rep(sum(kept), 2L), dimnames = list(all[kept], all[kept]))
  })
  variance <- lapply(seq_along(deleted), function(i) variance_components(model, found$lambda[, , i], found$sigma[i]))
  variance <- matrix(unlist(variance), length(deleted), byrow = TRUE, dimnames = list(deleted, names(variance[[1L]])))
  with_rows <- stats$leftovers$n_obs > 0
  one_group_left <- sum(with_rows) - with_rows < 2
  lost <- one_group_left | found$status %in% c("flat", "dependent_columns", "no_residual_df", "perfect_fit", "perfect_groups", "not_finite")
  fixed[lost, ] <- NA
  variance[lost, ] <- NA
  covariances[lost] <- lapply(covariances[lost], replace, TRUE, NA_real_)
  announce_deletions(deleted, lost, found$status, fixed, user)

  name <- names(model$random$groups)
  without <- function(part) paste0(part, "[-", name, "]")
  by_group <- function(x) stats::setNames(x, deleted)
  parts <- list(
    fixef(model), fixed, variance_components(model, model$lambda, model$sigma), variance, vcov(model), by_group(covariances),
    name, deleted, by_group(found$status == "converged"), by_group(found$evaluations), by_group(found$singular)
  )
  names(parts) <- c(
    "fixed.effects", without("fixed.effects"), "var.cov.comps", without("var.cov.comps"), "vcov", without("vcov"),
    "groups", "deleted", "converged", "function.evals", "singular"
  )
  structure(parts, class = c("influence.mixest", "influence.merMod"))
}

check_group_name <- function(group, fit, call) {
  name <- names(fit$random$groups)
  if (is.null(group) || identical(group, name)) return(invisible())
  abort_mixest("input", c(
    "{.arg group} must be the grouping factor of the fit, {.val {name}}.",
    x = if (is.character(group)) "It is {.val {group}}." else "It is {.obj_type_friendly {group}}."
  ), call)
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
    i = "Without some groups the fixed-effects design is rank deficient: NA for {columns} without {list_offenders(deleted[aliased])}."
  ), class = "mixest_aliased")
}

# An element of lme4's name with the group in it.
without_groups <- function(influence, part) influence[[paste0(part, "[-", influence$groups, "]")]]

#' @rdname influence.mixest
#' @importFrom stats dfbeta
#' @export
dfbeta.influence.mixest <- function(model, which = "fixed", ...) {
  check_choice(which, "which", c("fixed", "var.cov"))
  part <- if (which == "fixed") "fixed.effects" else "var.cov.comps"
  sweep(without_groups(model, part), 2L, model[[part]])
}

#' @rdname influence.mixest
#' @importFrom stats dfbetas
#' @export
dfbetas.influence.mixest <- function(model, ...) {
  errors <- vapply(without_groups(model, "vcov"), function(covariance) sqrt(diag(covariance)), model$fixed.effects)
  dfbeta(model) / t(matrix(errors, length(model$fixed.effects)))
}

#' @rdname influence.mixest
#' @importFrom stats cooks.distance
#' @export
cooks.distance.influence.mixest <- function(model, ...) {
  errors <- sqrt(diag(model$vcov))
  scaled <- sweep(dfbeta(model), 2L, errors, "/")
  factor <- chol(model$vcov / outer(errors, errors))
  by_group(model, colSums(backsolve(factor, t(scaled), transpose = TRUE)^2) / length(errors))
}

#' @rdname influence.mixest
#' @export
covratio.influence.mixest <- function(model, ...) {
  log_det <- function(covariance) as.numeric(determinant(covariance / outer(errors, errors))$modulus)
  errors <- sqrt(diag(model$vcov))
  all <- log_det(model$vcov)
  ratios <- vapply(without_groups(model, "vcov"), function(covariance) if (anyNA(covariance)) NA_real_ else exp(log_det(covariance) - all), 0)
  by_group(model, ratios)
}

by_group <- function(influence, x) stats::setNames(x, influence$deleted)

#' @rdname influence.mixest
#' @export
print.influence.mixest <- function(x, ...) {
  cat("Estimates without each of the ", length(x$deleted), " groups of ", x$groups, "\n", sep = "")
  if (!length(x$fixed.effects)) return(invisible(x))
  distance <- sort(cooks.distance(x), decreasing = TRUE)
  cat("Largest Cook's distances:\n")
  print(utils::head(distance, 5L), digits = 3L)
  invisible(x)
}
