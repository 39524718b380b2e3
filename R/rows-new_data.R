# New data brought to the variables of a fit: the types, levels and codings that it has seen.

call_sum <- function(expressions) call("~", Reduce(function(left, right) call("+", left, right), expressions))

# Model frame of new data for one terms object of a fit, every row kept. Variables are brought to
# the types of the fit: labels become factors with the levels of the fit, a logical NA a number.
# `hint`: what to do when a variable is missing.
new_frame <- function(terms, newdata, xlevels, call, hint = NULL) {
  newdata <- check_new_data(newdata, call)
  frame <- tryCatch(stats::model.frame(terms, newdata, na.action = stats::na.pass), error = function(error) {
    explain_frame_error(error, terms, newdata, list(), call, data_name = "newdata", hint = hint)
  })
  if (nrow(frame) != nrow(newdata)) {
    abort_mixest("input", c(
      "Every variable must have one value for each row of {.arg newdata}.",
      x = "Those found where the formula was written have {nrow(frame)}, {.arg newdata} has {nrow(newdata)} row{?s}."
    ), call)
  }
  for (name in names(xlevels)) frame[[name]] <- as_fitted_factor(frame[[name]], xlevels[[name]], name, call)
  classes <- attr(terms, "dataClasses")[names(frame)]
  for (name in names(frame)[grepl("^nmatrix[.]", classes)]) {
    check_width(frame[[name]], as.integer(sub("^nmatrix[.]", "", classes[[name]])), name, call)
  }
  for (name in names(frame)[classes %in% "numeric"]) frame[[name]] <- as_fitted_number(frame[[name]], name, call)
  for (name in names(frame)[classes %in% "logical"]) frame[[name]] <- as_fitted_logical(frame[[name]], name, call)
  frame
}

check_new_data <- function(newdata, call) {
  check_in_memory(newdata, "newdata", call)
  if (is.data.frame(newdata)) return(newdata)
  if (is.list(newdata)) return(as.data.frame(newdata, optional = TRUE, stringsAsFactors = FALSE))
  abort_mixest("input", c("{.arg newdata} must be a data frame.", x = "It is {.obj_type_friendly {newdata}}."), call)
}

as_fitted_factor <- function(x, levels, name, call) {
  labels <- as.character(x)
  new <- setdiff(labels[!is.na(labels)], levels)
  if (!length(new)) return(factor(labels, levels = levels))
  abort_mixest("input", c(
    "A factor in {.arg newdata} can't have levels that the fit has not seen.",
    x = "{.code {name}} has {list_offenders(paste0('\"', new, '\"'))}.",
    i = "Its levels are {list_offenders(paste0('\"', levels, '\"'))}."
  ), call)
}

as_fitted_number <- function(x, name, call) {
  if (is.logical(x)) return(as.numeric(x))
  if (is.numeric(x)) return(x)
  refuse_type(x, name, "numeric", call)
}

check_width <- function(x, width, name, call) {
  if (is.numeric(x) && NCOL(x) == width) return(invisible())
  abort_mixest("input", c(
    "A matrix in {.arg newdata} must have as many columns as it had in the fit.",
    x = "{.code {name}} had {width}, now it is {.obj_type_friendly {x}} with {NCOL(x)} column{?s}."
  ), call)
}

as_fitted_logical <- function(x, name, call) {
  value <- as.logical(if (is.factor(x)) as.character(x) else x)
  if (identical(is.na(value), is.na(x))) return(value)
  refuse_type(x, name, "logical", call)
}

refuse_type <- function(x, name, type, call) {
  abort_mixest("input", c(
    "A variable of {.arg newdata} must have the type that it had in the fit.",
    x = "{.code {name}} was {type}, now it is {.obj_type_friendly {x}}."
  ), call)
}
