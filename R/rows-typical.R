# Typical values of the variables of a fit, and the variables themselves where the model frame has
# functions of them.

# log(x) in a formula is a column of the frame; tools want x. From the data of the call where those
# are at hand and have the rows, else the frame as it is.
original_columns <- function(fit, frame) {
  wanted <- unique(unlist(lapply(names(frame), function(name) {
    if (name %in% c("(weights)", "(offset)")) return(name)
    tryCatch(all.vars(str2lang(name)), error = function(error) name)
  })))
  lacking <- setdiff(wanted, names(frame))
  if (!length(lacking)) return(frame)
  data <- tryCatch(eval(fit$call$data, environment(fit$formula)), error = function(error) NULL)
  if (!is.data.frame(data) || !all(lacking %in% names(data))) return(frame)
  rows <- match(row.names(frame), row.names(data))
  if (anyNA(rows)) return(frame)
  cbind(frame[intersect(names(frame), wanted)], as.data.frame(data)[rows, lacking, drop = FALSE])
}

# Name of the first numeric variable of the fixed part.
primary_covariate <- function(fit, call = parent.frame()) {
  classes <- attr(fit$terms, "dataClasses")[-1L]
  numeric <- names(classes)[classes == "numeric"]
  if (length(numeric)) return(numeric[1L])
  abort_mixest("input", c(
    "The covariate must be given: the fixed part of the fit has no numeric variable.",
    i = "Give a one-sided formula, such as {.code ~ time}."
  ), call)
}

# One row for each group: means of numeric variables, the most frequent value of others.
typical_rows <- function(frame, groups) {
  attr(frame, "terms") <- NULL
  frame <- frame[setdiff(names(frame), c("(weights)", "(offset)"))]
  columns <- lapply(frame, function(x) {
    if (is.numeric(x) && is.null(dim(x))) as.vector(tapply(x, groups, mean)) else x[most_frequent(x, groups)]
  })
  structure(as.data.frame(columns, optional = TRUE), row.names = levels(groups))
}

# For each group the number of a row that has its most frequent value of x.
most_frequent <- function(x, groups) {
  labels <- as.character(x)
  as.vector(tapply(seq_along(groups), groups, function(rows) {
    counts <- table(labels[rows])
    rows[match(names(counts)[which.max(counts)], labels[rows])]
  }))
}
