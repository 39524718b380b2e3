# Robust covariance matrices of the fixed effects (src/core/inference/robust/sandwich.h), and their
# use in tests. Clusters are the groups, of nested factors the levels of the outermost one: from
# condensed data for one grouping factor, from the rows of each cluster for several.

robust_types <- c("CR0", "CR1", "CR2", "CR3")

# As of df_method() in R/infer-estimation_error.R, with `factor` p x m, `inner` the scores, and
#   robust   list(type, and stats or rows: what the moments of the estimate need; plain: scores in
#            which an effect that one group alone determines has zeros, which CR2's have not)
robust_method <- function(fit, ddf, type, call) {
  check_clusters(fit, call)
  if (ddf == "kenward-roger") {
    abort_mixest("input", c(
      "Kenward and Roger's method adjusts the model's covariance matrix and can't be used with a robust one.",
      x = "{.arg vcov} is {.val {type}}.",
      i = "Use {.code ddf = \"satterthwaite\"}: Bell and McCaffrey's degrees of freedom."
    ), call)
  }
  method <- list(ddf = ddf, fit = fit, factor = 0 * fit$beta_factor, F = fit$beta_factor, robust = list(type = type))
  if (!(fit$sigma > 0) || !length(fit$coefficients)) return(method)
  if (length(fit$random$groups) == 1L) {
    method$robust$stats <- stats_with_leftovers(fit, call)
  } else {
    method$robust$rows <- cluster_rows(fit, call)
  }
  found <- robust_scores(method)
  if (length(found$alone)) refuse_alone(fit, found$alone, call)
  method$F <- found$factor
  method$inner <- found$scores
  method$robust$plain <- if (type == "CR2") robust_scores(with_type(method, "CR0"))$scores else found$scores
  method$factor <- found$factor %*% found$scores
  method
}

# list of  factor F; scores rank x clusters, Var = sigma^2 F scores scores' F'; alone clusters
#          without which beta is not estimable
robust_scores <- function(method) {
  fit <- method$fit
  robust <- method$robust
  if (is.null(robust$rows)) {
    return(cpp_sandwich(robust$stats, fit$random$terms, fit$REML, as.double(fit$theta), robust$type))
  }
  found <- cpp_cluster_sandwich(robust$rows, robust$type)
  scores <- matrix(0, fit$rank, length(cluster_labels(fit)))
  scores[, robust$rows$labels] <- found$scores
  list(factor = fit$beta_factor, scores = scores, alone = robust$rows$labels[found$alone])
}

cluster_labels <- function(fit) fit$random$groups[[outer_factor(fit$random)]]

check_clusters <- function(fit, call) {
  check_several_groups(fit, "Robust covariance matrices", call)
  if (length(fit$random$groups) == 1L || !is.null(fit$random$nested)) return(invisible())
  abort_mixest("input", c(
    "Robust covariance matrices need clusters of rows that are independent of each other.",
    x = paste(
      "The grouping factors {.code {names(fit$random$groups)}} are not nested:",
      "rows of different groups share random effects."
    )
  ), call)
}

# `what` needs groups that are independent of each other.
check_several_groups <- function(fit, what, call) {
  outer <- outer_factor(fit$random)
  levels <- fit$random$groups[[outer]]
  if (length(levels) > 1L) return(invisible())
  abort_mixest("input", c(
    "{what} need at least two independent groups.",
    x = "{.code {names(fit$random$groups)[outer]}} has the level {.val {levels}} only."
  ), call)
}

# What src/core/inference/robust/cluster_rows.h takes, and `labels`: numbers of the outermost
# factor's levels that are clusters, or of those of `cluster`, which has one number for each row.
cluster_rows <- function(fit, call, cluster = NULL) {
  rows <- prediction_rows(fit, call = call)
  counts <- rows$weights > 0
  root <- sqrt(rows$weights[counts])
  residual <- as.vector(response(fit, call) - linear_predictor(fit, rows, integer()))[counts]
  codes <- rows$codes[counts, , drop = FALSE]
  cluster <- if (is.null(cluster)) codes[, outer_factor(fit$random)] else cluster[counts]
  labels <- sort(unique(cluster))
  list(
    X = root * rows$X[counts, , drop = FALSE] %*% fit$beta_factor, e = root * residual / fit$sigma,
    UL = root * rows$U[counts, , drop = FALSE] %*% fit$lambda,
    column_factor = rep(vapply(fit$random$terms, `[[`, 0L, "factor"), term_sizes(fit)),
    levels = lapply(seq_len(ncol(codes)), function(f) codes[, f]),
    cluster = match(cluster, labels), n_clusters = length(labels), labels = labels
  )
}

refuse_alone <- function(fit, groups, call, labels = cluster_labels(fit)) {
  labels <- labels[groups]
  abort_mixest("unidentified", c(
    "{.val CR3} can't be computed: it needs every fixed effect to be estimable without any one group.",
    x = "{cli::qty(length(labels))}This isn't so without group{?s} {list_offenders(labels)}.", i = "Use {.val CR2}."
  ), call)
}

# For contrasts of the rows of L, W = L Var_R(beta^) L' / sigma^2 under the model: list(mean,
# variance) of its elements.
robust_moments <- function(method, L) {
  fit <- method$fit
  robust <- method$robust
  if (!is.null(robust$rows)) return(cpp_cluster_sandwich_moments(robust$rows, robust$type, L %*% method$F))
  cpp_sandwich_moments(robust$stats, fit$random$terms, fit$REML, as.double(fit$theta), robust$type, L)
}

# A standard error this small, relative to that under the model, is rounding.
no_variance <- 1e-10

# Which rows of L have no robust variance? A contrast that one group alone determines has a residual
# of zero there and no weight elsewhere.
lacks_variance <- function(method, L) {
  if (is.null(method$robust$plain)) return(logical(nrow(L)))
  Z <- L %*% method$F
  row_norms(Z %*% method$robust$plain) <= no_variance * row_norms(Z) & row_norms(Z) > 0
}

# Bell and McCaffrey (2002): 2 E(W)^2 / Var(W) of each contrast. With Var(beta^) of the model as
# unit, an E(W) at rounding level is a variance that does not exist.
bell_mccaffrey <- function(method, L) {
  df <- rep(NA_real_, nrow(L))
  Z <- L %*% method$F
  usable <- row_norms(Z) > 0 & !lacks_variance(method, L)
  if (!any(usable)) return(df)
  moments <- robust_moments(method, L[usable, , drop = FALSE] / row_norms(Z)[usable])
  mean <- diag(moments$mean)
  df[usable] <- ifelse(mean > no_variance, 2 * mean^2 / diag(moments$variance), NA_real_)
  df
}

with_type <- function(method, type) {
  method$robust$type <- type
  method
}

# Words for the groups without which some effect is not estimable.
sole_groups <- function(method) {
  labels <- cluster_labels(method$fit)
  alone <- labels[robust_scores(with_type(method, "CR3"))$alone]
  if (!length(alone)) return(cli::pluralize("There {?is/are} {length(labels)} group{?s}."))
  if (length(alone) == 1L) return(paste0("Group ", alone, " alone determines it."))
  paste0("Each of the groups ", list_offenders(alone), " alone determines an effect.")
}

# The test of Pustejovsky and Tipton (2018) that clubSandwich calls HTZ: with E(W) brought to the
# identity, W is taken for a Wishart matrix with nu = q (q + 1) / sum of Var(W_st) degrees of
# freedom, and (nu - q + 1) / nu times F is an F variable with q, nu - q + 1. `L`: contrasts that
# are uncorrelated and of variance 1 under the model.
hotelling_df <- function(method, L) {
  q <- nrow(L)
  parts <- eigen(robust_moments(method, L)$mean, symmetric = TRUE)
  if (!(min(parts$values) > no_variance)) return(list(DenDF = NA_real_, scale = NA_real_, without = "variance"))
  root <- diag(1 / sqrt(parts$values), q) %*% t(parts$vectors)
  nu <- q * (q + 1) / sum(robust_moments(method, root %*% L)$variance)
  if (nu <= q - 1) return(list(DenDF = NA_real_, scale = NA_real_, without = "groups"))
  list(DenDF = nu - q + 1, scale = (nu - q + 1) / nu)
}

#' Estimating functions, for package sandwich
#'
#' Methods for [sandwich::estfun()] and [sandwich::bread()], so that `sandwich::sandwich(fit)` and
#' `sandwich::vcovCL(fit)` give robust covariance matrices of the fixed effects. The independent
#' units of a mixed model are the groups.
#' @param x a fit returned by [lmm()] with one grouping factor, or with nested ones: the groups are
#'   the levels of the outermost.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return `estfun()`: matrix with one row for each row of the data and one column for each fixed
#'   effect. The score of a group,
#'   \eqn{X_i' V_i^{-1} (y_i - X_i \hat\beta)} with \eqn{V_i = Var(y_i)}, stands in the group's
#'   first row and the others are zero: the rows of a group are not
#'   independent, and have no scores of their own. Without rows (`keep_data = FALSE`) there is one
#'   row for each group. `bread()`: `vcov(x)` times the number of rows of `estfun(x)`.
#'
#' `sandwich::sandwich(fit)` equals `vcov(fit, type = "CR0")`. `sandwich::vcovCL(fit)` has the
#'   groups as clusters; it also takes coarser ones (a vector with one value for each row), and
#'   multiplies by small-sample factors of its own.
#' @seealso [vcov.mixest()] with `type = "CR2"`.
#' @examplesIf requireNamespace("sandwich", quietly = TRUE)
#' fit <- lmm(mathach ~ sector + cses + (1 | school), data = MathAchieve)
#' all.equal(sandwich::sandwich(fit), vcov(fit, type = "CR0"))
#' sandwich::vcovCL(fit)
#' @name estfun.mixest
NULL
