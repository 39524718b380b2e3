#' Covariance matrices of random effects, residuals and responses
#'
#' @param obj a fit returned by [lmm()].
#' @param individuals character or integer: for which levels of the grouping factor; with several,
#'   of the outermost one. Default: the first. Used for conditional and marginal matrices.
#'   (`individual` works too.)
#' @param type character, may be abbreviated: `"random.effects"` (default): D, the covariance of the
#'   random effects of one level, with several grouping factors of one level of each (block
#'   diagonal);
#'   `"conditional"`: the covariance of a level's responses given its random effects,
#'   \eqn{\sigma^2 W_i^{-1}} with the precision weights; `"marginal"`:
#'   \eqn{V_i = U_i D U_i' + \sigma^2 W_i^{-1}}.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return As in nlme: a matrix of class `c("random.effects", "VarCov")`, or a named list of
#'   matrices (one for each level asked for, its rows in the order of the data) of class
#'   `c("conditional", "VarCov")` or `c("marginal", "VarCov")`; attribute `group.levels` is the name
#'   of the grouping factor. In squared units of the response. A row of weight 0 has infinite
#'   variance. Marginal matrices of crossed grouping factors are an error of class `mixest_input`:
#'   there all rows are correlated, see `getME(fit, "V")`.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' getVarCov(fit)
#' getVarCov(fit, individual = c("M01", "F03"), type = "marginal")
#'
#' oats <- lmm(yield ~ nitro + (1 | Block/Variety), data = nlme::Oats)
#' getVarCov(oats, individual = "I", type = "marginal")
#' @method getVarCov mixest
#' @export
getVarCov.mixest <- function(obj, individuals = NULL, type = c("random.effects", "conditional", "marginal"), ...) {
  check_dots()
  choices <- c("random.effects", "conditional", "marginal")
  if (identical(type, choices)) type <- choices[[1L]]
  if (is.character(type) && length(type) == 1L && !is.na(pmatch(type, choices))) type <- choices[pmatch(type, choices)]
  check_choice(type, "type", choices)
  outer <- outer_factor(obj$random)
  D <- named_by_effect(tcrossprod(obj$sigma * obj$lambda), obj)
  if (type == "random.effects") return(structure(D, class = c(type, "VarCov"), group.levels = names(obj$random$groups)))
  if (type == "marginal") check_nested(obj)

  frame <- kept_frame(obj)
  levels <- chosen_levels(individuals, obj$random$groups[[outer]])
  codes <- group_codes(obj)
  U <- if (type == "marginal") random_matrix(obj)
  variances <- obj$sigma^2 / prior_weights(obj)
  matrices <- lapply(stats::setNames(match(levels, obj$random$groups[[outer]]), levels), function(code) {
    rows <- which(codes[, outer] == code)
    covariance <- diag(variances[rows], length(rows))
    if (type == "marginal") {
      for (f in seq_along(obj$random$groups)) covariance <- covariance + covariance_from(
        obj, f, U[rows, , drop = FALSE], codes[rows, f]
      )
    }
    dimnames(covariance) <- list(rownames(frame)[rows], rownames(frame)[rows])
    covariance
  })
  structure(matrices, class = c(type, "VarCov"), group.levels = names(outer))
}

# What the effects of one grouping factor contribute to the covariance of rows: only rows of the
# same level share them. Through the factor of D, so that a singular D gives a symmetric, positive
# definite V_i.
covariance_from <- function(fit, factor, U, codes) {
  columns <- factor_columns(fit$random)[[factor]]
  tcrossprod(
    U[, columns, drop = FALSE] %*% (fit$sigma * fit$lambda[columns, columns, drop = FALSE])
  ) * outer(codes, codes, `==`)
}

check_nested <- function(fit, call = parent.frame()) {
  if (!is.null(fit$random$nested)) return(invisible())
  abort_mixest("input", c(
    paste(
      "Marginal covariance matrices of single levels are available only for nested grouping factors:",
      "with crossed ones all rows are correlated."
    ),
    x = "The factors are {.code {names(fit$random$groups)}}.",
    i = "Use {.code getME(fit, \"V\")}, the covariance matrix of all rows."
  ), call)
}

chosen_levels <- function(individuals, levels, call = parent.frame()) {
  if (is.null(individuals)) return(levels[[1L]])
  chosen <- if (is.numeric(individuals)) levels[match(individuals, seq_along(levels))] else as.character(individuals)
  missing <- unique(individuals[!chosen %in% levels])
  if (length(missing)) {
    abort_mixest("input", c(
      "{.arg individual} must name levels of the grouping factor that are in the data.",
      x = "Can't find {list_offenders(paste0('\"', missing, '\"'))}.",
      i = "The levels are {list_offenders(paste0('\"', levels, '\"'))}."
    ), call)
  }
  chosen
}
