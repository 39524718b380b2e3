#' Simulate responses without a fit
#'
#' Responses of a linear mixed model with given parameters, for planning a study or for testing a
#' method.
#'
#' @param formula formula of the model as in [lmm()]; the left-hand side may be missing and need not
#'   be in `newdata`.
#' @param newdata data frame, list or environment with the other variables: one row for each
#'   response.
#' @param newparams list of all parameters of the model:
#' * `beta`: numeric, one for each column of the fixed-effects matrix, in units of the response; if
#'   it has names they must be those of the columns;
#' * `theta`: covariance parameters relative to `sigma`, as in `getME(fit, "theta")`: for an
#'   unstructured term the lower triangle of the relative Cholesky factor \eqn{\Lambda} with
#'   \eqn{D = \sigma^2 \Lambda \Lambda'}, column by column (for `(1 | g)` the ratio of the two
#'   standard deviations); for other structures the standard deviations divided by sigma, then the
#'   correlations;
#' * `sigma`: residual standard deviation.
#' @param nsim positive whole number: how many responses. Default 1.
#' @param seed whole number, or `NULL` (default) to go on with the random number generator as it is.
#' @param weights precision weights: a positive number (default 1), one for each row, or a one-sided
#'   formula in `newdata`; \eqn{Var(\epsilon) = \sigma^2 / w}.
#' @param contrasts as in [lmm()].
#' @param ... must be empty: unknown arguments are an error.
#' @return Data frame `sim_1`, `sim_2`, ... with one row for each row of `newdata` and attribute
#'   `seed`; `NA` where a variable is missing.
#' @seealso [simulate.mixest()] for the responses of a fit. Package lme4 has a method
#'   `simulate.formula()` with the same arguments; this is a function of its own because of several
#'   packages' methods for formulas the last one loaded is used.
#' @examples
#' # 2 arms, 20 schools of 10 pupils; differences between schools with half the sd of the pupils'
#' design <- data.frame(school = gl(20, 10), arm = gl(2, 100, labels = c("control", "treated")))
#' truth <- list(beta = c(50, 5), theta = 0.5, sigma = 10)
#' y <- simulate_lmm(~ arm + (1 | school), design, truth, nsim = 3, seed = 1)
#' head(y)
#' lmm(y ~ arm + (1 | school), cbind(design, y = y$sim_1))
#' @export
simulate_lmm <- function(formula, newdata, newparams, nsim = 1, seed = NULL, weights = 1, contrasts = NULL, ...) {
  user <- environment()
  check_dots(refuse = TRUE)
  if (missing(newdata)) abort_mixest("input", "{.arg newdata} must be given: one row for each response.", user)
  check_count(nsim)
  check_generator_seed(seed, user)
  design <- design_without_response(formula, newdata, contrasts, user)
  parameters <- design_parameters(if (missing(newparams)) NULL else newparams, design, user)
  weights <- weights_of_rows(weights, newdata, design$n_given, user)
  if (length(design$left_out)) weights <- weights[-design$left_out]

  state <- use_seed(seed)
  on.exit(state$restore(), add = TRUE)
  mean <- drop(design$X %*% parameters$beta) + design$offset
  responses <- draw_responses(
    stats::setNames(mean, design$names), design$drawn, parameters$lambda, parameters$sigma, weights, floor(nsim)
  )
  structure(as.data.frame(stats::naresid(design$left_out, responses)), seed = state$seed)
}

# list of  X, offset, drawn (see drawn_effects()), random, fixed_names; names of the rows; left_out,
#          the rows with missing values, as na.exclude() gives them; n_given
design_without_response <- function(formula, newdata, contrasts, call) {
  prepared <- with_placeholder(formula, newdata, call)
  parsed <- parse_formula(prepared$formula, call)
  model <- build_model_frame(parsed, prepared$data, list(na.action = stats::na.exclude), call)
  design <- build_design(model, contrasts, call)
  n <- nrow(model$frame)
  U <- do.call(cbind, lapply(design$U, as_matrix, n))
  drawn <- lapply(seq_along(design$codes), function(f) {
    columns <- factor_columns(design$random)[[f]]
    list(
      U = U[, columns, drop = FALSE], columns = columns, codes = design$codes[[f]], kept = rep(FALSE, length(columns)),
      known = integer()
    )
  })
  left_out <- attr(model$frame, "na.action")
  list(
    X = as_matrix(design$X, n), offset = if (is.null(design$offset)) 0 else design$offset, drawn = drawn,
    random = design$random, fixed_names = design$fixed$names, names = row.names(model$frame), left_out = left_out,
    n_given = n + length(left_out)
  )
}

# A column of the frame's design, a matrix or a list of vectors and numbers (build_design()).
as_matrix <- function(columns, n) {
  if (is.matrix(columns)) return(columns)
  matrix(unlist(lapply(columns, rep_len, n)), n, length(columns))
}

# list(formula, data) with a response of zeros that is there only to be left out; variables of a
# left-hand side are none of those that `.` stands for.
with_placeholder <- function(formula, newdata, call) {
  if (is.character(formula) && length(formula) == 1L) formula <- stats::as.formula(formula, env = parent.frame(3L))
  if (!inherits(formula, "formula")) {
    abort_mixest("formula", c("{.arg formula} must be a formula.", x = "It is {.obj_type_friendly {formula}}."), call)
  }
  data <- check_new_data(if (is.environment(newdata)) as.list(newdata) else newdata, call)
  left <- if (length(formula) == 3L) all.vars(formula[[2L]])
  data <- as.data.frame(data)[setdiff(names(data), left)]
  data$.response <- numeric(nrow(data))
  formula <- stats::as.formula(call("~", quote(.response), formula[[length(formula)]]), environment(formula))
  list(formula = formula, data = data)
}
