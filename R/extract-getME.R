#' Extract or compute components of a fit
#'
#' The matrices of \eqn{y = X\beta + U\gamma + \epsilon}, \eqn{\gamma \sim N(0, G)},
#' \eqn{\epsilon \sim N(0, R)}, \eqn{V = U G U' + R}, and lme4's names for the same things.
#'
#' @param object a fit returned by [lmm()].
#' @param name character: one name or several of those listed under Value.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return The component; for several names, a named list of them. With n rows, p fixed effects, q
#'   columns of random effects in all terms, and b random effects in total (with one grouping factor
#'   of m levels, b = qm):
#'
#' * `X`, `U` (also `Z`), `Zt`: design matrices: n x p, base; n x b and its transpose, sparse;
#'   columns of U term after term, within a term level after level
#' * `y`, `offset`, `weights`: n-vectors
#' * `theta`: covariance parameters: for an unstructured term the lower triangle of its relative
#'   Cholesky factor, column by column; for other structures the standard deviations divided by
#'   sigma, then the correlations
#' * `lower`: lower bounds of theta
#' * `beta` (also `fixef`): fixed effects
#' * `Psi`, `D`: q x q covariance of the random effects of one level (with several grouping factors:
#'   of one level of each, block diagonal), relative to \eqn{\sigma^2} and absolute
#' * `Tlist`: list of the terms' relative Cholesky factors, q x q together. Here and wherever terms
#'   matter `(x || g)` is two terms, as in lme4
#' * `Lambda`, `Lambdat`: relative covariance factor of all random effects and its transpose, b x b,
#'   sparse block diagonal
#' * `G`, `R`, `V`: covariance of all random effects (b x b), of the residuals and of the response
#'   (n x n), sparse; a row of weight 0 has infinite variance
#' * `b`: predicted random effects, b-vector in the order of the columns of U
#' * `sigma`: residual standard deviation
#' * `cnms`: list of the effect names of each term
#' * `flist`: data frame of the grouping factors
#' * `n`, `p`, `q`: number of rows, fixed effects, random effects in total (b)
#' * `is_REML`: logical
#' * lme4's further names, with its meanings: `mu` (conditional means), `u` (spherical random
#'   effects, with b = Lambda u), `N`, `k`, `n_rtrms`, `n_rfacs`, `l_i` (levels of each factor),
#'   `p_i`, `q_i`, `m_i` (effects, random effects and parameters of each term), `m` (length of
#'   theta), `REML`, `Gp`, `Tp`, `Lind`, `ST`, `A`, `Ztlist`, `mmList`, `RX`, `devfun` (see
#'   [devfun()]), `devcomp` (without what belongs to lme4's algorithm). Their terms are in the order
#'   of the formula. `L` and `RZX`, parts of lme4's sparse Cholesky factor, there are not.
#'
#' `name = "ALL"` gives all of them.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' getME(fit, "theta")
#' lapply(getME(fit, c("X", "U", "V")), dim)
#' @export
getME.mixest <- function(object, name, ...) {
  check_dots()
  check_given(missing(name), "name")
  known <- names(components)
  if (identical(name, "ALL")) name <- if (theta_is_entries(object)) known else setdiff(known, "Lind")
  if (!is.character(name) || !length(name) || !all(name %in% known)) {
    wrong <- if (is.character(name)) setdiff(name, known) else name
    abort_mixest("input", c(
      "{.arg name} must name components of the fit.",
      x = if (is.character(name) && length(name)) {
        "Can't find {.val {utils::head(wrong, 5L)}}."
      } else {
        "It is {.obj_type_friendly {name}}."
      },
      i = "The components are {paste(known, collapse = ', ')}."
    ), environment())
  }
  if (any(name %in% from_rows)) kept_frame(object)
  shown <- with_shown_terms(object)
  component <- function(one) components[[one]](if (one %in% by_term_as_written) object else shown)
  if (length(name) == 1L) return(component(name))
  stats::setNames(lapply(name, component), name)
}

# Parameters are those of the terms as they were written, all else is that of shown_terms().
by_term_as_written <- c("theta", "lower", "devfun")

from_rows <- c(
  "X", "U", "Z", "Zt", "Ztlist", "mmList", "A", "y", "mu", "offset", "weights", "V", "R", "flist", "n", "N", "devcomp"
)

# name -> function(fit)
components <- list(
  X = function(fit) fixed_matrix(fit),
  U = function(fit) sparse_random_matrix(fit),
  Z = function(fit) sparse_random_matrix(fit),
  Zt = function(fit) Matrix::t(sparse_random_matrix(fit)),
  y = function(fit) response(fit),
  offset = function(fit) model_offset(fit),
  weights = function(fit) prior_weights(fit),
  theta = function(fit) stats::setNames(fit$theta, theta_names(fit)),
  lower = function(fit) theta_lower(fit),
  beta = function(fit) fit$coefficients,
  fixef = function(fit) fit$coefficients,
  Psi = function(fit) named_by_effect(tcrossprod(fit$lambda), fit),
  D = function(fit) named_by_effect(tcrossprod(fit$sigma * fit$lambda), fit),
  Tlist = function(fit) relative_factors(fit),
  Lambda = function(fit) sparse_factor(fit),
  Lambdat = function(fit) Matrix::t(sparse_factor(fit)),
  G = function(fit) Matrix::tcrossprod(fit$sigma * sparse_factor(fit)),
  V = function(fit) marginal_covariance(fit),
  R = function(fit) residual_covariance(fit),
  b = function(fit) stacked_effects(fit),
  sigma = function(fit) fit$sigma,
  cnms = function(fit) by_term(fit, function(term) term$names),
  flist = function(fit) factor_frame(fit),
  n = function(fit) nrow(kept_frame(fit)),
  p = function(fit) length(fit$coefficients),
  q = function(fit) sum(lengths(factor_columns(fit$random)) * ngrps(fit)),
  is_REML = function(fit) fit$REML,
  # From here on what lme4 calls by these names; sizes of terms in the order of the formula.
  N = function(fit) nrow(kept_frame(fit)),
  k = function(fit) length(fit$random$terms),
  m = function(fit) length(fit$theta),
  n_rtrms = function(fit) length(fit$random$terms),
  n_rfacs = function(fit) length(fit$random$groups),
  p_i = function(fit) named_by_bar(term_sizes(fit), fit),
  l_i = function(fit) ngrps(fit),
  q_i = function(fit) named_by_bar(effects_of_terms(fit), fit),
  m_i = function(fit) named_by_bar(parameters_of_terms(fit), fit),
  REML = function(fit) if (fit$REML) length(fit$coefficients) else 0L,
  Gp = function(fit) c(0L, cumsum(unname(effects_of_terms(fit)))),
  Tp = function(fit) c(beg__ = 0, cumsum(parameters_of_terms(fit))),
  Lind = function(fit) theta_of_entries(fit),
  ST = function(fit) lapply(relative_factors(fit), scale_and_shape),
  u = function(fit) spherical_effects(fit),
  mu = function(fit) conditional_mean(fit),
  A = function(fit) Matrix::crossprod(
    sparse_factor(fit), Matrix::t(sqrt(prior_weights(fit)) * sparse_random_matrix(fit))
  ),
  Ztlist = function(fit) blocks_of_effects(fit),
  mmList = function(fit) term_matrices(fit),
  RX = function(fit) information_root(fit),
  devcomp = function(fit) deviance_parts(fit),
  devfun = function(fit) devfun(fit)
)

relative_factors <- function(fit) {
  by_term(fit, function(term) {
    factor <- fit$lambda[term$columns, term$columns, drop = FALSE]
    dimnames(factor) <- list(term$names, term$names)
    factor
  })
}

sparse_factor <- function(fit) {
  blocks <- Map(function(factor, term) {
    Matrix::kronecker(Matrix::Diagonal(ngrps(fit)[[term$factor]]), unname(factor))
  }, relative_factors(fit), fit$random$terms)
  Matrix::bdiag(blocks)
}

residual_covariance <- function(fit) Matrix::Diagonal(x = fit$sigma^2 / prior_weights(fit))

marginal_covariance <- function(fit) {
  half <- sparse_random_matrix(fit) %*% (fit$sigma * sparse_factor(fit))
  Matrix::tcrossprod(half) + residual_covariance(fit)
}

factor_frame <- function(fit) {
  frame <- kept_frame(fit)
  factors <- Map(
    function(codes, levels) structure(codes, levels = levels, class = "factor"), factor_codes(fit), fit$random$groups
  )
  stats::setNames(data.frame(factors, row.names = rownames(frame)), names(fit$random$groups))
}
