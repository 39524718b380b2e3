# Values of arguments: what a flag, a number, a choice or a fit must be.

check_fit <- function(fit, name, call = parent.frame()) {
  if (inherits(fit, "mixest")) return(refuse_other_format(fit, call))
  abort_mixest(
    "input", c("{.fn {name}} must be given a fit of {.fn lmm}.", x = "It is {.obj_type_friendly {fit}}."), call
  )
}

# The format of fits. It grows by one whenever fits made before can't be read any more.
fit_format <- 1L

# A fit may have been saved by another version. `frame`: that of a function called by dispatch.
check_format <- function(fun, frame) {
  if (is.null(get0(".Generic", frame, inherits = FALSE))) return(invisible())
  object <- frame[[names(formals(fun))[1L]]]
  if (inherits(object, "mixest")) refuse_other_format(object, frame)
}

refuse_other_format <- function(fit, call) {
  format <- unclass(fit)$format
  if (identical(format, fit_format)) return(invisible())
  abort_mixest("format", c(
    "A fit must have been made by a version of mixest with the same format of fits.",
    x = if (is.null(format)) "It has no format number." else "Its format is {format}, this version's is {fit_format}.",
    i = "Fit again: {.code {deparse(fit$call, nlines = 1L)[1L]}}."
  ), call)
}

# An argument that must be one of a few strings; `choices` in the order they are offered.
check_choice <- function(value, argument, choices, call = parent.frame()) {
  if (is.character(value) && length(value) == 1L && value %in% choices) return(value)
  abort_mixest("input", c(
    "{.arg {argument}} must be {.or {.val {choices}}}.",
    x = paste0(
      "It is {.obj_type_friendly {value}}", if (is.character(value) && length(value) == 1L) ': "{value}"', "."
    )
  ), call)
}

check_flag <- function(flag, argument, call = parent.frame()) {
  if (isTRUE(flag) || isFALSE(flag)) return(invisible())
  abort_mixest(
    "input", c("{.arg {argument}} must be `TRUE` or `FALSE`.", x = "It is {.obj_type_friendly {flag}}."), call
  )
}

check_REML <- function(REML, call) {
  if (isTRUE(REML) || isFALSE(REML)) return(REML)
  found <- if (is.atomic(REML) && length(REML) == 1L) "{.val {REML}}" else "{.obj_type_friendly {REML}}"
  abort_mixest("input", c("{.arg REML} must be `TRUE` or `FALSE`.", x = paste0("It is ", found, ".")), call)
}

check_probability <- function(level, argument = "level", call = parent.frame()) {
  if (is.numeric(level) && length(level) == 1L && !is.na(level) && level > 0 && level < 1) return(invisible())
  abort_mixest("input", c(
    "{.arg {argument}} must be one number between 0 and 1.",
    x = "It is {.obj_type_friendly {level}}."
  ), call)
}

check_count <- function(nsim, call = parent.frame()) {
  if (is.numeric(nsim) && length(nsim) == 1L && is.finite(nsim) && nsim >= 1) return(invisible())
  abort_mixest("input", c("{.arg nsim} must be a positive number.", x = "It is {.obj_type_friendly {nsim}}."), call)
}

check_seed <- function(seed, call) {
  if (is.null(seed)) return(floor(stats::runif(1) * 2^32))
  if (is.numeric(seed) && length(seed) == 1L && is.finite(seed) && seed >= 0 && seed < 2^32) return(floor(seed))
  abort_mixest("input", c(
    "{.arg seed} must be a whole number from 0 to 2^32 - 1, or {.code NULL}.", x = "It is {.obj_type_friendly {seed}}."
  ), call)
}

check_function <- function(FUN, call) {
  if (is.function(FUN)) return(FUN)
  abort_mixest("input", c(
    "{.arg FUN} must be a function of a fit, or {.code NULL}.", x = "It is {.obj_type_friendly {FUN}}."
  ), call)
}

# Not tolower(), which makes a letter of its own of the I in Turkish.
lower_case <- function(x) chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), x)

is_number <- function(x) is.numeric(x) && length(x) == 1L && is.finite(x)

is_count <- function(x) is_number(x) && x >= 1 && x <= .Machine$integer.max && x == trunc(x)

is_whole <- function(level) is.numeric(level) && length(level) == 1L && !is.na(level) && level == trunc(level)
