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

# `wanted`: what the argument must be, in words.
refuse_value <- function(argument, value, wanted, call) {
  found <- if (is.atomic(value) && length(value) == 1L) "{.val {value}}" else "{.obj_type_friendly {value}}"
  abort_mixest(
    "input", c(paste0("{.arg ", argument, "} must be ", wanted, "."), x = paste0("It is ", found, ".")), call
  )
}

check_given <- function(is_missing, argument, call = parent.frame()) {
  if (is_missing) abort_mixest("input", "{.arg {argument}} must be given: it has no default.", call)
}

check_flag <- function(flag, argument, call = parent.frame()) {
  if (isTRUE(flag) || isFALSE(flag)) return(invisible())
  refuse_value(argument, flag, "`TRUE` or `FALSE`", call)
}

check_REML <- function(REML, call) {
  check_flag(REML, "REML", call)
  REML
}

check_probability <- function(level, argument = "level", call = parent.frame()) {
  if (is_number(level) && level > 0 && level < 1) return(invisible())
  refuse_value(argument, level, "one number between 0 and 1", call)
}

check_count <- function(nsim, call = parent.frame(), argument = "nsim") {
  if (is_count(nsim)) return(invisible())
  refuse_value(argument, nsim, "a positive whole number", call)
}

# Significant digits to print.
check_digits <- function(digits, call = parent.frame()) {
  if (is.null(digits) || is_count(digits) && digits <= 22) return(invisible())
  refuse_value("digits", digits, "a whole number from 1 to 22", call)
}

check_seed <- function(seed, call) {
  if (is.null(seed)) return(floor(stats::runif(1) * 2^32))
  if (is_number(seed) && seed >= 0 && seed < 2^32 && seed == trunc(seed)) return(seed)
  refuse_value("seed", seed, "a whole number from 0 to 2^32 - 1, or {.code NULL}", call)
}

# What set.seed() takes.
check_seed_of_R <- function(seed, call = parent.frame()) {
  if (is.null(seed) || is_number(seed) && abs(seed) <= .Machine$integer.max && seed == trunc(seed)) return(invisible())
  refuse_value("seed", seed, "a whole number of at most 2^31 - 1, or {.code NULL}", call)
}

check_function <- function(FUN, call) {
  if (is.function(FUN)) return(FUN)
  refuse_value("FUN", FUN, "a function of a fit, or {.code NULL}", call)
}

# Names for the rows of a table, as as.data.frame() takes them.
name_rows <- function(table, names, call = parent.frame()) {
  if (is.null(names)) return(table)
  if (length(names) != nrow(table) || anyNA(names) || anyDuplicated(names)) {
    refuse_value("row.names", names, paste(nrow(table), "different names, one for each row"), call)
  }
  rownames(table) <- names
  table
}

# Not tolower(), which makes a letter of its own of the I in Turkish.
lower_case <- function(x) chartr(paste(LETTERS, collapse = ""), paste(letters, collapse = ""), x)

is_number <- function(x) is.numeric(x) && length(x) == 1L && is.finite(x)

is_count <- function(x) is_number(x) && x >= 1 && x <= .Machine$integer.max && x == trunc(x)

is_whole <- function(level) is.numeric(level) && length(level) == 1L && !is.na(level) && level == trunc(level)

# The method in lower case; lmerTest's names and what is short for one of them are accepted.
match_ddf <- function(ddf, call = parent.frame()) {
  choices <- c("satterthwaite", "kenward-roger", "residual", "none")
  if (identical(ddf, choices)) return(choices[1L])
  if (is.character(ddf) && length(ddf) == 1L) {
    known <- pmatch(lower_case(ddf), c(choices, "kr", "lme4"))
    if (!is.na(known)) return(c(choices, "kenward-roger", "none")[known])
  }
  check_choice(ddf, "ddf", choices, call)
}
