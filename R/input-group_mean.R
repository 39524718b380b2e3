#' Between and within parts of a covariate
#'
#' For the formula of [lmm()]: `group_mean(x, g)` is the mean of `x` in each level of `g`, the part
#' of a covariate that differs between groups, and `group_center(x, g)` the part within groups,
#' `x - group_mean(x, g)`.
#'
#' @param x numeric: the covariate, one value for each row.
#' @param g the groups: a vector or factor, one value for each row.
#' @param means `NULL` (default), or named numeric: known means by group. A fit keeps those of its
#'   rows in this way; levels that they lack have the mean of their rows in `x`, with a message of
#'   class `mixest_new_group`.
#' @param ... must be empty: unknown arguments are an error of class `mixest_argument`.
#' @details In a formula the means are those of the rows of the fit of positive weight, after
#' `subset` and `na.action`, where `x` is not missing; each row counts once, whatever its weight.
#' With several responses they are those of the rows that have any of them. The fit remembers the
#' means: `predict(newdata = )` uses them, and a new group has the mean of its own rows in
#' `newdata`. In a formula each must be a term, or a factor of an interaction, by itself: not inside
#' of another function.
#' @return Numeric, one value for each row. `group_mean()` is `NA` where the group is missing or has
#'   no value of `x`.
#' @references Raudenbush, S. W. and Bryk, A. S. (2002). *Hierarchical Linear Models*, 2nd ed. Sage.
#' @examples
#' fit <- lmm(
#'   mathach ~ group_mean(ses, school) + sector + group_center(ses, school) +
#'     (group_center(ses, school) | school),
#'   data = MathAchieve
#' )
#' fixef(fit)
#' # a student of a known school: the means are those of the fit
#' predict(fit, data.frame(ses = 1, school = "1224", sector = "Public"))
#' @export
group_mean <- function(x, g, means = NULL, ...) {
  check_dots(refuse = TRUE)
  labels <- as.character(g)
  known <- unique(labels[!is.na(labels)])
  new <- setdiff(known, names(means))
  if (length(new)) {
    check_numeric_rows(x, length(labels), environment())
    if (!is.null(means)) announce_new_groups(new)
    rows <- labels %in% new
    means <- c(means, means_by_group(as.double(x)[rows], labels[rows]))
  }
  unname(means[match(labels, names(means))])
}

#' @rdname group_mean
#' @export
group_center <- function(x, g, means = NULL, ...) {
  check_dots(refuse = TRUE)
  check_numeric_rows(x, length(g), environment())
  as.double(x) - group_mean(x, g, means)
}

check_numeric_rows <- function(x, n, call) {
  if ((is.numeric(x) || is.logical(x)) && is.null(dim(x)) && length(x) == n) return(invisible())
  abort_mixest("input", c(
    "{.arg x} must be numeric, with one value for each of the {n} row{?s} of {.arg g}.",
    x = "It is {.obj_type_friendly {x}} of length {length(x)}."
  ), call)
}

# Named by the labels, in the order of their appearance; corrected once for rounding.
means_by_group <- function(x, labels) {
  known <- !is.na(x) & !is.na(labels)
  x <- x[known]
  labels <- labels[known]
  groups <- unique(labels)
  code <- match(labels, groups)
  average <- function(x) as.vector(rowsum(x, code, reorder = FALSE)) / tabulate(code, length(groups))
  means <- average(x)
  stats::setNames(means + average(x - means[code]), groups)
}

announce_new_groups <- function(new) {
  cli::cli_inform(c(i = paste(
    "{cli::qty(length(new))}Group{?s} that the fit has not seen {?has/have} the mean of {?its/their} own rows:",
    "{list_offenders(paste0('\"', new, '\"'))}."
  )), class = c("mixest_new_group", "mixest_message"), .frequency = "once",
  .frequency_id = paste(c("mixest_new_group", utils::head(new, 100L), length(new)), collapse = " "))
}

# The columns of group_mean() and group_center() in a model frame, with means over its own rows,
# which model.frame() didn't know yet, and these means in the frame's predvars. `evaluate`: gives a
# formula's model frame in all rows of `subset`, those with missing values too.
remember_group_means <- function(frame, evaluate, call) {
  terms <- attr(frame, "terms")
  variables <- as.list(attr(terms, "variables"))[-1L]
  env <- environment(terms)
  refuse_nested_means(variables, env, call)
  for (i in which(vapply(variables, is_group_part, NA, env))) {
    written <- match.call(group_mean, variables[[i]])
    parts <- rows_of_group_part(written, frame, evaluate)
    weights <- frame[["(weights)"]]
    counts <- if (is.numeric(weights)) !is.na(weights) & weights > 0 else rep(TRUE, length(parts$x))
    means <- means_by_group(parts$x[counts], parts$g[counts])
    # Groups of rows of weight 0 have no part in the fit, but have fitted values.
    others <- !parts$g %in% names(means)
    means <- c(means, means_by_group(parts$x[others], parts$g[others]))
    column <- means[match(parts$g, names(means))]
    check_means_known(variables[[i]], setdiff(parts$g, names(means)), call)
    fun <- if (is_mean(variables[[i]], env)) quote(mixest::group_mean) else quote(mixest::group_center)
    frame[[i]] <- unname(if (is_mean(variables[[i]], env)) column else parts$x - column)
    attr(terms, "predvars")[[i + 1L]] <- as.call(list(fun, written$x, written$g, means = means))
  }
  attr(frame, "terms") <- terms
  frame
}

check_means_known <- function(expr, groups, call) {
  groups <- groups[!is.na(groups)]
  if (!length(groups)) return(invisible())
  abort_mixest("input", c(
    "Every group in {.code {deparse1(expr)}} must have a value in the rows that are used.",
    x = "{list_offenders(paste0('\"', groups, '\"'))} {cli::qty(length(groups))}{?has/have} none.",
    i = "Leave these groups out by {.arg subset}."
  ), call)
}

is_mean <- function(expr, env) is_call_of(expr, env, group_mean)

is_group_part <- function(expr, env) is_mean(expr, env) || is_call_of(expr, env, group_center)

# A call of this very function, under whatever name.
is_call_of <- function(expr, env, fun) {
  if (!is.call(expr) || !grepl("group_(mean|center)$", deparse1(expr[[1L]]))) return(FALSE)
  identical(tryCatch(eval(expr[[1L]], env), error = function(error) NULL), fun)
}

refuse_nested_means <- function(variables, env, call) {
  has_part <- function(expr) {
    is.call(expr) && (is_group_part(expr, env) || any(vapply(as.list(expr), has_part, NA)))
  }
  nested <- Filter(function(expr) {
    is.call(expr) && any(vapply(as.list(expr)[-1L], has_part, NA))
  }, variables)
  if (!length(nested)) return(invisible())
  abort_mixest("formula", c(
    "{.fn group_mean} and {.fn group_center} must be terms by themselves in {.arg formula}.",
    x = "{.code {deparse1(nested[[1L]])}} has one inside of a function.",
    i = "Make a column of {.arg data} for it."
  ), call)
}

# list(x, g): values of the covariate and labels of the groups in the rows of the frame.
rows_of_group_part <- function(written, frame, evaluate) {
  formula <- call("~", call("+", call("I", written$x), call("I", written$g)))
  all <- evaluate(stats::as.formula(formula, environment(attr(frame, "terms"))))
  kept <- setdiff(seq_len(nrow(all)), attr(frame, "na.action"))
  list(x = as.double(all[[1L]])[kept], g = as.character(all[[length(all)]])[kept])
}
