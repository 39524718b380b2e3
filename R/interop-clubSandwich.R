# Methods for clubSandwich, whose vcovCR(), coef_test(), conf_int(), linear_contrast() and
# Wald_test() then work on a fit. What they ask of a model are the functions below, which
# clubSandwich doesn't export; they are registered with its generics when it is loaded
# (R/interop-register.R). All in rows multiplied by the square roots of their weights, as in
# vcov(type = ), without rows of weight 0. clubSandwich builds each V_i, so that it takes time and
# memory with the square of a cluster's rows.

#' Robust covariance matrices by clubSandwich
#'
#' With package clubSandwich loaded, its functions `vcovCR()`, `coef_test()`, `conf_int()`,
#' `linear_contrast()` and `Wald_test()` take fits of [lmm()]. `vcovCR()` gives the matrices of
#' [vcov.mixest()], which are computed from the condensed data in much less time, and allows for
#' coarser clusters.
#'
#' @param obj a fit returned by [lmm()] that keeps its rows, with one grouping factor or nested
#'   ones.
#' @param cluster a vector with one value for each row: the clusters, each a union of groups.
#'   Default: the groups, with nested factors those of the outermost.
#' @param type character: `"CR0"`, `"CR1"`, `"CR1p"`, `"CR1S"`, `"CR2"`, `"CR3"` or `"CR4"`.
#' @param target list of matrices, the working covariance matrices of the clusters. Default `NULL`:
#'   those of the fit.
#' @param inverse_var logical: are the weights the inverses of `target`? Default: if `target` is
#'   `NULL`.
#' @param form character or matrix, see `clubSandwich::vcovCR()`.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return An object of class `c("vcovCR", "clubSandwich")`: a matrix with attributes.
#' @examplesIf requireNamespace("clubSandwich", quietly = TRUE)
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' clubSandwich::coef_test(fit, vcov = "CR2")
#' @name vcovCR.mixest
NULL

#' @rdname vcovCR.mixest
vcovCR.mixest <- function(obj, cluster, type, target = NULL, inverse_var = is.null(target), form = "sandwich", ...) {
  check_dots()
  user <- environment()
  check_clusters(obj, user)
  counts <- prior_weights(obj) > 0
  groups <- group_codes(obj, call = user)[counts, outer_factor(obj$random)]
  if (missing(cluster)) {
    cluster <- cluster_labels(obj)[groups]
  } else {
    cluster <- clusters_of_rows(cluster, obj, counts)
    if (length(cluster) == length(groups)) check_whole_groups(groups, cluster, obj, user)
  }
  default <- utils::getS3method("vcovCR", "default", envir = asNamespace("clubSandwich"))
  by_rows <- identical(form, "estfun")
  meat <- default(obj, cluster, type, target, inverse_var, form = if (by_rows) "estfun" else "meat")
  if (by_rows) return(meat / obj$sigma^2)
  if (identical(form, "sandwich")) form <- relative_bread(obj)
  if (is.matrix(form)) between_bread(meat, form) else meat
}

# clubSandwich's object of the meat, turned into that of the covariance matrix.
between_bread <- function(meat, bread) {
  meat[] <- bread %*% unclass(meat) %*% bread / attr(meat, "v_scale")
  attr(meat, "bread") <- bread
  meat
}

# Of a vector with an element for every row of the data, or for every row of the fit, the elements
# of the rows that count. Another length is left to clubSandwich to refuse.
clusters_of_rows <- function(cluster, fit, counts) {
  lost <- fit$na.action
  if (length(lost) && length(cluster) == length(counts) + length(lost)) cluster <- cluster[-lost]
  if (length(cluster) == length(counts)) cluster[counts] else cluster
}

check_whole_groups <- function(groups, cluster, fit, call) {
  if (all(rowSums(table(groups, cluster) > 0) <= 1L)) return(invisible())
  abort_mixest("input", c(
    "{.arg cluster} must consist of whole groups: rows of one group are not independent.",
    x = "Some groups of {.code {names(outer_factor(fit$random))}} have rows in more than one cluster."
  ), call)
}

# clubSandwich measures some matrices against an absolute tolerance, so all it gets is in units of
# sigma^2: the bread, which is Var(beta) times v_scale(), and Var(y).
relative_bread <- function(fit) {
  bread <- tcrossprod(fit$beta_factor) * v_scale.mixest(fit)
  dimnames(bread) <- list(names(fit$coefficients), names(fit$coefficients))
  bread
}

coef_CS.mixest <- function(obj) obj$coefficients

model_matrix.mixest <- function(obj) {
  weights <- prior_weights(obj)
  (sqrt(weights) * fixed_matrix(obj))[weights > 0, , drop = FALSE]
}

residuals_CS.mixest <- function(obj) {
  rows <- prediction_rows(obj, wants_random = FALSE, factors = integer())
  residuals <- sqrt(rows$weights) * (response(obj) - linear_predictor(obj, rows, integer()))
  unname(residuals)[rows$weights > 0]
}

v_scale.mixest <- function(obj) nrow(obj$frame)

# Var(y) / sigma^2, a list of one matrix for each cluster.
targetVariance.mixest <- function(obj, cluster) {
  weights <- prior_weights(obj)
  counts <- weights > 0
  ZL <- (sqrt(weights) * random_matrix(obj) %*% obj$lambda)[counts, , drop = FALSE]
  codes <- group_codes(obj)[counts, , drop = FALSE]
  columns <- factor_columns(obj$random)
  lapply(split(seq_len(nrow(codes)), cluster), function(rows) {
    of_factors <- lapply(seq_along(columns), function(f) {
      tcrossprod(ZL[rows, columns[[f]], drop = FALSE]) * outer(codes[rows, f], codes[rows, f], `==`)
    })
    Reduce(`+`, of_factors) + diag(length(rows))
  })
}

weightMatrix.mixest <- function(obj, cluster) lapply(targetVariance.mixest(obj, cluster), function(V) chol2inv(chol(V)))
