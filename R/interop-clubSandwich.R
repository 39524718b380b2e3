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
  groups <- group_codes(obj, call = user)[, outer_factor(obj$random)]
  if (missing(cluster)) {
    cluster <- cluster_labels(obj)[groups][prior_weights(obj) > 0]
  } else if (length(cluster) == length(groups) && any(rowSums(table(groups, cluster) > 0) > 1L)) {
    abort_mixest("input", c(
      "{.arg cluster} must consist of whole groups: rows of one group are not independent.",
      x = "Some groups of {.code {names(outer_factor(obj$random))}} have rows in more than one cluster."
    ), user)
  }
  default <- utils::getS3method("vcovCR", "default", envir = asNamespace("clubSandwich"))
  default(obj, cluster = cluster, type = type, target = target, inverse_var = inverse_var, form = form)
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

# Var(y), a list of one matrix for each cluster.
targetVariance.mixest <- function(obj, cluster) {
  weights <- prior_weights(obj)
  counts <- weights > 0
  ZL <- (sqrt(weights) * random_matrix(obj) %*% (obj$sigma * obj$lambda))[counts, , drop = FALSE]
  codes <- group_codes(obj)[counts, , drop = FALSE]
  columns <- factor_columns(obj$random)
  lapply(split(seq_len(nrow(codes)), cluster), function(rows) {
    of_factors <- lapply(seq_along(columns), function(f) {
      tcrossprod(ZL[rows, columns[[f]], drop = FALSE]) * outer(codes[rows, f], codes[rows, f], `==`)
    })
    Reduce(`+`, of_factors) + diag(obj$sigma^2, length(rows))
  })
}

weightMatrix.mixest <- function(obj, cluster) lapply(targetVariance.mixest(obj, cluster), function(V) chol2inv(chol(V)))
