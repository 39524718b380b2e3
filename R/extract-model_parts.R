#' Formula, terms, frame and design matrices of a fit
#'
#' @param x,object,formula a fit returned by [lmm()] (`formula` is the generic's name for it in
#'   `model.frame()`).
#' @param fixed.only,random.only logical: the fixed or the random part only? For `formula()` both
#'   default to `FALSE`: the formula as it was given. `terms()` returns the fixed part unless
#'   `fixed.only = FALSE`, which gives the terms of the model frame. `model.frame()` has the
#'   variables of all terms unless `fixed.only = TRUE`: then the response and those of the fixed
#'   effects.
#' @param type character: `"fixed"` (default) for the fixed-effects matrix X without dropped columns
#'   (rows x coefficients); `"random"` for the random-effects matrix, a sparse matrix with one
#'   column for each effect of each level (rows x random effects).
#' @param data data frame: compute the matrix for these rows, see [predict.mixest()]. Default
#'   `NULL`: the rows of the fit.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return
#' * `formula()`: a formula; `terms()`: a terms object.
#' * `model.frame()`: data frame of the variables, with `(weights)` and `(offset)` where given,
#'   without the rows that `na.action` dropped. With `fixed.only = TRUE` those of the fixed part.
#' * `case.names()`, `variable.names()`: names of the rows and of the fixed effects.
#' * `model.matrix()`: a numeric matrix, see `type`.
#' * `family()`: `gaussian()`.
#' * `weights()`: precision weights, one for each row; ones when none were given. With `na.exclude`,
#'   padded with `NA` for the rows dropped.
#' * `getData()`: the model frame.
#'
#' A fit made with `lmm_control(keep_data = FALSE)` has no rows: `model.frame()`, `model.matrix()`,
#' `weights()` and `getData()` then give an error of class `mixest_input`.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' formula(fit, fixed.only = TRUE)
#' head(model.frame(fit))
#' dim(model.matrix(fit, type = "random"))
#' @name model_parts
NULL

#' @rdname model_parts
#' @export
formula.mixest <- function(x, fixed.only = FALSE, random.only = FALSE, ...) {
  check_dots()
  check_flag(fixed.only, "fixed.only")
  check_flag(random.only, "random.only")
  if (fixed.only && random.only) {
    abort_mixest("input", "{.arg fixed.only} and {.arg random.only} can't both be `TRUE`.", environment())
  }
  if (random.only) return(random_formula(x))
  if (fixed.only) return(stats::formula(x$terms))
  full_formula(x)
}

#' @rdname model_parts
#' @export
terms.mixest <- function(x, fixed.only = TRUE, random.only = FALSE, ...) {
  check_dots()
  check_flag(fixed.only, "fixed.only")
  check_flag(random.only, "random.only")
  if (random.only) return(stats::terms(random_formula(x)))
  if (fixed.only) return(x$terms)
  attr(kept_frame(x), "terms")
}

#' @rdname model_parts
#' @export
model.frame.mixest <- function(formula, fixed.only = FALSE, ...) {
  check_dots()
  check_flag(fixed.only, "fixed.only")
  if (fixed.only) fixed_frame(formula) else kept_frame(formula)
}

# The variables of the fixed part. (A grouping factor may be one of them.)
fixed_frame <- function(fit, call = parent.frame()) {
  frame <- kept_frame(fit, call)
  variables <- as.list(attr(fit$terms, "variables"))[-1L]
  names <- vapply(variables, function(one) if (is.symbol(one)) as.character(one) else deparse1(one), "")
  structure(frame[intersect(names(frame), names)], terms = fit$terms)
}

#' @rdname model_parts
#' @export
model.matrix.mixest <- function(object, type = "fixed", data = NULL, ...) {
  check_dots()
  check_choice(type, "type", c("fixed", "random"))
  if (is.data.frame(data)) {
    return(if (type == "fixed") fixed_matrix(object, data) else sparse_random_matrix(object, data))
  }
  if (type == "fixed") fixed_matrix(object) else sparse_random_matrix(object)
}

#' @rdname model_parts
#' @export
case.names.mixest <- function(object, ...) {
  check_dots()
  row.names(kept_frame(object))
}

#' @rdname model_parts
#' @export
variable.names.mixest <- function(object, ...) {
  check_dots()
  names(object$coefficients)
}

#' @rdname model_parts
#' @export
family.mixest <- function(object, ...) {
  check_dots()
  stats::gaussian()
}

#' @rdname model_parts
#' @export
weights.mixest <- function(object, ...) {
  check_dots()
  stats::naresid(object$na.action, prior_weights(object))
}

#' @rdname model_parts
#' @method getData mixest
#' @export
getData.mixest <- function(object) kept_frame(object)

# n x (sum over terms of q_t m_t), sparse: term after term, within a term level after level (lme4's
# Z).
sparse_random_matrix <- function(fit, newdata = NULL, call = parent.frame()) {
  U <- random_matrix(fit, newdata, call)
  codes <- group_codes(fit, newdata, call = call)
  rows <- row.names(if (is.null(newdata)) kept_frame(fit, call) else newdata)
  blocks <- lapply(fit$random$terms, function(term) {
    q <- length(term$columns)
    levels <- fit$random$groups[[term$factor]]
    known <- which(!is.na(codes[, term$factor]))
    Matrix::sparseMatrix(
      i = rep(known, times = q),
      j = as.vector(outer((codes[known, term$factor] - 1L) * q, seq_len(q), `+`)),
      x = as.vector(U[known, term$columns]),
      dims = c(nrow(codes), q * length(levels)),
      dimnames = list(rows, rep(levels, each = q))
    )
  })
  do.call(cbind, blocks)
}
