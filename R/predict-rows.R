# The rows that predictions are made for: those of the fit or of new data.

# list(X, U, codes, offset, weights, missing): the rows to predict; U is NULL where not wanted,
# codes are looked up for the grouping factors `factors` only; missing: has the row a variable
# without a value?  A row whose mean the data can't determine is NA in X and offset.
prediction_rows <- function(fit, newdata = NULL, wants_random = TRUE, factors = seq_along(fit$random$groups),
                            call = parent.frame()) {
  X <- determined_matrix(fit, newdata, call)
  U <- if (wants_random) random_matrix(fit, newdata, call)
  offset <- replace(model_offset(fit, newdata, call), attr(X, "undetermined"), NA)
  list(
    X = X, U = U,
    codes = group_codes(fit, newdata, factors, call),
    offset = offset,
    weights = if (is.null(newdata)) prior_weights(fit, call) else rep(1, nrow(X)),
    missing = is.na(rowSums(X) + offset + if (wants_random) rowSums(U) else 0) & !attr(X, "undetermined")
  )
}

check_known_levels <- function(fit, newdata, codes, factor, then, call = parent.frame()) {
  if (!anyNA(codes)) return(invisible())
  group <- names(fit$random$groups)[[factor]]
  labels <- group_labels(fit, newdata, factor, call)
  missing <- which(is.na(labels))
  unknown <- unique(labels[is.na(codes) & !is.na(labels)])
  abort_mixest("input", c(
    "Every level of {.var {group}} in {.arg newdata} must be one that the fit has seen.",
    x = if (length(unknown)) "It has not seen {list_offenders(paste0('\"', unknown, '\"'))}.",
    x = if (length(missing)) "{cli::qty(length(missing))}Missing in row{?s} {list_offenders(missing)}.",
    i = "{.code allow.new.levels = TRUE} {then}."
  ), call)
}

# prediction_rows(), every level of the grouping factors `factors` known unless new ones are
# allowed.
known_rows <- function(fit, newdata, wants_random, factors, allow.new.levels, call) {
  rows <- prediction_rows(fit, newdata, wants_random, factors, call)
  if (allow.new.levels || is.null(newdata)) return(rows)
  then <- "predicts them with random effects of zero"
  for (f in factors) check_known_levels(fit, newdata, rows$codes[, f], f, then, call)
  rows
}

# Positive precision weights of n rows: a number, a vector, or a one-sided formula evaluated in
# `newdata`.
weights_of_rows <- function(weights, newdata, n, call) {
  if (inherits(weights, "formula")) {
    if (length(weights) != 2L) {
      abort_mixest("input", c(
        "{.arg weights} must be a one-sided formula, such as {.code ~ w}.", x = "It is {.code {deparse1(weights)}}."
      ), call)
    }
    expr <- weights[[2L]]
    env <- environment(weights)
    weights <- tryCatch(eval(expr, newdata, env), error = function(error) {
      refuse_unknown(expr, "weights", error, newdata, env, call, "newdata")
    })
  }
  fine <- is.numeric(weights) && length(weights) %in% c(1L, n) && all(is.na(weights) | is.finite(weights) & weights > 0)
  if (fine) return(rep_len(as.double(weights), n))
  abort_mixest("input", c(
    "{.arg weights} must be a positive number, one for each of the {n} row{?s}, or a one-sided formula.",
    x = if (!is.numeric(weights)) "It is {.obj_type_friendly {weights}}." else
      if (!length(weights) %in% c(1L, n)) "It has {length(weights)} value{?s}." else
      "{list_offenders(weights[!(is.finite(weights) & weights > 0)])} {?is/are} not positive and finite."
  ), call)
}

# Results for the rows of the fit are padded under na.exclude; those for new data are as `na.action`
# wants the rows with missing variables.
pad <- function(fit, newdata, x, rows, na.action, call) {
  if (is.null(newdata)) return(stats::napredict(fit$na.action, x))
  if (!any(rows$missing) || identical(na.action, stats::na.pass)) return(x)
  values <- data.frame(x = ifelse(rows$missing, NA, 0))
  treated <- tryCatch(match.fun(na.action)(values), error = function(error) {
    abort_mixest("input", c(
      "{.arg newdata} can't have missing values with this {.arg na.action}.",
      x = "Found in {cli::qty(sum(rows$missing))}row{?s} {list_offenders(which(rows$missing))}."
    ), call, parent = error)
  })
  omitted <- attr(treated, "na.action")
  if (!length(omitted) || inherits(omitted, "exclude")) return(x)
  if (is.null(dim(x))) x[-omitted] else x[-omitted, , drop = FALSE]
}
