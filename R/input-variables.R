# What the variables of a model may be: their types and values, before a design is made of them.
# Errors name the variable and the rows.

# Names that can't mean what they say: the response as an effect, which stats::model.frame() would
# drop, and those that it gives to columns of its own.
check_names <- function(fixed, random, call) {
  variables <- unique(
    c(variable_names(fixed), unlist(lapply(random, function(term) c(variable_names(term$terms), term$variables))))
  )
  reserved <- intersect(c("`(weights)`", "(weights)", "`(offset)`", "(offset)"), variables)
  if (length(reserved)) {
    abort_mixest("formula", c(
      paste(
        "A variable in {.arg formula} can't be called `(weights)` or `(offset)`:",
        "these names are reserved for the columns of the arguments in the model frame."
      ),
      i = "Give it another name."
    ), call)
  }
  response <- variable_names(fixed)[1L]
  if (response %in% attr(fixed, "term.labels")) {
    abort_mixest("formula", c(
      "The response can't be one of the fixed effects too.", x = "{.code {response}} is on both sides of {.code ~}."
    ), call)
  }
}

# Values that a design matrix can't be made of, among them integer64, whose bits would be read as
# tiny doubles.
check_type <- function(value, name, argument, call) {
  if (argument == "weights") refuse_variance_function(value, call)
  fine <- is.atomic(value) && !is.complex(value) && !is.raw(value) && !inherits(value, "integer64")
  if (fine && (is.null(dim(value)) || is.numeric(value)) && !is.null(value)) return(invisible())
  abort_mixest("input", c(
    "Every variable in {.arg {argument}} must be a vector or factor, or a numeric matrix.",
    x = "{.code {name}} is {.obj_type_friendly {value}}.",
    i = if (inherits(value, "integer64")) "Convert it with {.fn as.numeric}, an identifier with {.fn as.character}."
  ), call)
}

# What nlme takes as weights.
refuse_variance_function <- function(value, call) {
  if (!inherits(value, c("varFunc", "formula"))) return(invisible())
  kind <- if (inherits(value, "varFunc")) class(value)[1L] else "formula"
  form <- if (kind == "formula") value else attr(value, "formula")
  covariate <- if (is.call(form)) form[[length(form)]] else quote(x)
  x <- deparse1(covariate)
  instead <- switch(kind,
    varFixed = , formula = paste("1 /", if (is.symbol(covariate)) x else paste0("(", x, ")")),
    varPower = paste0("1 / abs(", x, ")^(2 * power)"),
    varExp = paste0("exp(-2 * expon * ", x, ")"), varConstPower = paste0("1 / (const + abs(", x, ")^power)^2"),
    varIdent = "1 / ratio^2"
  )
  known <- if (!kind %in% c("varFixed", "formula")) ", with known numbers for its parameters: {.fn lmm} estimates none"
  abort_mixest("input", c(
    "{.arg weights} must have one number for each row: the inverse of the variance, relative to {.code sigma^2}.",
    x = if (kind == "formula") "It is a formula." else "It is nlme's variance function {.fn {kind}}.",
    i = if (!is.null(instead)) paste0("Write {.code weights = ", instead, "}", known, ".")
  ), call)
}

check_predictors <- function(frame, names, call) {
  for (name in names) {
    check_type(frame[[name]], name, "formula", call)
    if (NCOL(frame[[name]]) > 0L) next
    abort_mixest("input", c(
      "Every variable in {.arg formula} must have at least one column.", x = "{.code {name}} has none."
    ), call)
  }
}

check_group_values <- function(frame, random, call) {
  for (name in unique(unlist(lapply(random, `[[`, "variables")))) {
    value <- frame[[name]]
    check_type(value, name, "formula", call)
    if (is.null(dim(value))) next
    abort_mixest("input", c("A grouping variable must be a vector or factor.", x = "{.code {name}} is a matrix."), call)
  }
}

check_response <- function(frame, call) {
  y <- frame[[1L]]
  name <- names(frame)[1L]
  # a Surv object, say, is no matrix of responses
  plain <- is.null(dim(y)) || !is.object(y) || inherits(y, c("AsIs", "ts"))
  if (plain && (is.numeric(y) || is.logical(y)) && !inherits(y, "integer64")) return(invisible())
  abort_mixest("input", c(
    "The response must be numeric.", x = "{.code {name}} is {.obj_type_friendly {y}}.",
    i = "Convert it first if its values are numbers."
  ), call)
}

check_weights <- function(frame, call) {
  weights <- frame[["(weights)"]]
  if (is.null(weights)) return(invisible())
  if (!is.numeric(weights) || !is.null(dim(weights)) || inherits(weights, "integer64")) {
    abort_mixest(
      "input", c("{.arg weights} must be a numeric vector.", x = "It is {.obj_type_friendly {weights}}."), call
    )
  }
  if (min(weights) < 0) {
    rows <- rows_where(frame, weights < 0)
    abort_mixest("input", c(
      "{.arg weights} can't be negative.", x = "Found in {cli::qty(length(rows))}row{?s} {list_offenders(rows)}."
    ), call)
  }
  if (max(weights) == 0) {
    abort_mixest("input", c("{.arg weights} must be positive for some rows.", x = "All are zero."), call)
  }
}

check_offsets <- function(frame, call) {
  for (column in c(attr(attr(frame, "terms"), "offset"), match("(offset)", names(frame), 0L))) {
    if (column == 0L) next
    value <- frame[[column]]
    if (is.numeric(value) && NCOL(value) == 1L && !inherits(value, "integer64")) next
    abort_mixest("input", c(
      "An offset must be a numeric vector.",
      x = "{.code {argument_names(names(frame)[column])}} is {.obj_type_friendly {value}}."
    ), call)
  }
}

check_finite <- function(frame, names, call) {
  for (name in intersect(names, names(frame))) {
    value <- frame[[name]]
    if (!is.double(value) || cpp_all_finite(value)) next
    # one of several responses may be missing
    bad <- is.infinite(value)
    if (!is.null(dim(value))) bad <- rowSums(bad) > 0
    if (!any(bad)) next
    refuse_infinite(name, rows_where(frame, bad), call)
  }
}

refuse_infinite <- function(name, rows, call) {
  abort_mixest("input", c(
    "The variables of the model must be finite.",
    x = "{.code {argument_names(name)}} is infinite in {cli::qty(length(rows))}row{?s} {list_offenders(rows)}."
  ), call)
}

# Names of the rows of the user's data.
rows_where <- function(frame, condition) row.names(frame)[which(condition)]

# Columns of the frame under the names that the user knows them by: "(weights)" is the argument
# `weights`.
argument_names <- function(columns) sub("^[(](weights|offset)[)]$", "\\1", columns)
