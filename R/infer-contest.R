#' Test linear hypotheses about the fixed effects
#'
#' @param model a fit returned by [lmm()] (for other objects, lmerTest's function of that name is
#'   called).
#' @param L numeric: a contrast (a vector as long as `fixef(model)`), or a matrix with one contrast
#'   in each row. Named columns are put in the order of the effects; effects that are not named then
#'   have weight 0: `c(age = 1)`.
#' @param rhs numeric: the values of \eqn{L\beta} under the hypothesis. Default: 0. Where `rhs` and
#'   the rows of `L` are named, values go to the rows of their names.
#' @param joint logical: one F test of all rows (default), or a t test of each row?
#' @param confint logical: add confidence limits of the contrasts? Default `TRUE`. Only for
#'   `joint = FALSE`.
#' @param level numeric in (0, 1): the level of the confidence limits. Default 0.95.
#' @param ddf,information,vcov how to compute degrees of freedom, and with which covariance matrix,
#'   see [df_for()].
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return A data frame, with the columns of lmerTest.
#' * `joint = TRUE`: one row with `Sum Sq`, `Mean Sq`, `NumDF` (the rank of `L`), `DenDF`,
#'   `F value`, `Pr(>F)`. `Mean Sq` is sigma^2 times F, for Kenward-Roger and robust covariance
#'   matrices before F is scaled. Rows of `L` that are combinations of rows before them make no
#'   difference; it is an error if `rhs` gives them other values than these rows imply. There is no
#'   row if `L` has none.
#' * `joint = FALSE`: for each row of `L` `Estimate`, `Std. Error`, `df`, `t value`, `lower`,
#'   `upper`, `Pr(>|t|)`.
#'
#' With `ddf = "none"` degrees of freedom, limits and p-values are `NA`. The confidence limits are
#' those of the estimate, whatever `rhs` is.
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' # growth of girls
#' contest(fit, c(0, 1, 0, 1), joint = FALSE)
#' # no difference between boys and girls
#' contest(fit, diag(4)[3:4, ])
#' contest(fit, diag(4)[3:4, ], ddf = "kenward-roger")
#' contest(fit, diag(4)[3:4, ], vcov = "CR2")
#' @export
contest <- function(model, L, ...) UseMethod("contest")

#' @rdname contest
#' @export
contest.mixest <- function(model, L, rhs = 0, joint = TRUE, confint = TRUE, level = 0.95,
                           ddf = c("satterthwaite", "kenward-roger", "residual", "none"),
                           information = c("expected", "observed"),
                           vcov = "model", ...) {
  check_dots()
  check_given(missing(L), "L")
  check_flag(joint, "joint")
  check_flag(confint, "confint")
  check_probability(level, "level")
  L <- contrast_matrix(L, model)
  rhs <- check_rhs(rhs, L)
  method <- df_method(model, match_ddf(ddf), information, vcov)
  if (joint) return(F_rows(method, list(L = L)[nrow(L) > 0L], rhs))
  table <- as.data.frame(t_tests(method, L, rhs), optional = TRUE)
  if (confint) {
    half <- stats::qt((1 + level) / 2, table$df) * table[["Std. Error"]]
    table$lower <- table$Estimate - half
    table$upper <- table$Estimate + half
  }
  table[["Pr(>|t|)"]] <- two_sided(table[["t value"]], table$df)
  table
}

#' @export
contest.default <- function(model, L, ...) call_elsewhere("lmerTest", "contest", model, L, ...)

check_rhs <- function(rhs, L, call = parent.frame()) {
  if (is.numeric(rhs) && length(rhs) %in% c(1L, nrow(L)) && all(is.finite(rhs))) {
    return(rep_len(as.double(values_by_name(rhs, rownames(L), call)), nrow(L)))
  }
  abort_mixest("input", c(
    "{.arg rhs} must be one finite number, or one for each row of {.arg L}.",
    x = "It is {.obj_type_friendly {rhs}} of length {length(rhs)}; {.arg L} has {nrow(L)} row{?s}."
  ), call)
}

# The same for one hypothesis.
F_row <- function(method, L, call = parent.frame()) F_rows(method, list(L = L), call = call)

values_by_name <- function(rhs, rows, call) {
  if (is.null(names(rhs)) || is.null(rows) || identical(names(rhs), rows)) return(rhs)
  if (!anyDuplicated(rows) && setequal(names(rhs), rows)) return(rhs[rows])
  abort_mixest("input", c(
    "The names of {.arg rhs} must be those of the rows of {.arg L}.",
    x = "They are {list_names(names(rhs))}; the rows are {list_names(rows)}.",
    i = "Use {.code unname(rhs)} to go by position."
  ), call)
}

# An F table, one row for each matrix of the list `L`, which names the rows.
F_rows <- function(method, L, rhs = 0, call = parent.frame()) {
  tests <- lapply(L, joint_test, method = method, rhs = rhs, call = call)
  without <- vapply(tests, function(test) if (is.null(test$without)) NA_character_ else test$without, "")
  warn_untested(method, without, names(L), call)
  column <- function(name) vapply(tests, function(test) as.double(test[[name]]), 0)
  mean_square <- column("unscaled") * method$fit$sigma^2
  table <- data.frame(
    `Sum Sq` = mean_square * column("NumDF"), `Mean Sq` = mean_square, NumDF = vapply(tests, `[[`, 0L, "NumDF"),
    DenDF = column("DenDF"), `F value` = column("F"),
    `Pr(>F)` = stats::pf(column("F"), column("NumDF"), column("DenDF"), lower.tail = FALSE), check.names = FALSE
  )
  rownames(table) <- if (identical(names(L), "L")) NULL else names(L)
  table
}

two_sided <- function(t_value, df) 2 * stats::pt(-abs(t_value), df)
