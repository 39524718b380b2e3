# The fits of a bootstrap's replicates: without rows from condensed data, or with rows.

# The fit as replicates without rows are. What needs rows fails, and never meets those of the fit:
# they are not the replicate's.
without_rows <- function(fit) {
  fit["frame"] <- list(NULL)
  fit$new_response <- TRUE
  fit$control$keep_data <- FALSE
  fit$call$data <- quote(rows_of_replicate)
  fit
}

# `fit` for other condensed data by the rule of src/core/fit/fit_near.h: from the estimate and,
# unless that is clear, from the usual starts too. frame: the rows, or NULL
refit_replicate <- function(fit, frame, stats) {
  options <- fit_options(fit)
  from <- function(theta) {
    options["start"] <- list(if (!is.null(theta)) list(theta = theta))
    with_estimates(fit, fit$call, frame, stats, options, environment())
  }
  near <- tryCatch(from(fit$theta), mixest_error = function(error) NULL)
  found <- !is.null(near) && near$certificate$converged
  if (found && !isSingular(near) && all_unstructured(fit$random$terms)) return(near)
  usual <- from(NULL)
  if (found && (!usual$certificate$converged || near$deviance < usual$deviance)) near else usual
}

# Replicates with rows come from R's generator, each from a seed of its own.
#
# function(r): the fit of the r-th replicate
replicates_with_rows <- function(fit, request, nsim, call) {
  draw <- if (request$type == "cases") frame_of_cases(fit, call) else function(seed) frame_of_responses(fit, seed)
  base <- fit
  base$new_response <- TRUE
  if (request$type == "cases") base["na.action"] <- list(NULL)
  seeds <- seeds_of_replicates(request$seed, nsim)
  function(r) {
    frame <- draw(seeds[r])
    stats <- condense_design(stored_design(base, frame), base$control$threads)[[1L]]
    with_own_call(refit_replicate(base, frame, stats), call)
  }
}

seeds_of_replicates <- function(seed, nsim) {
  state <- use_seed(as.integer(max(seed - 2^31, -.Machine$integer.max)))
  on.exit(state$restore())
  sample.int(.Machine$integer.max, nsim)
}

frame_of_responses <- function(fit, seed) {
  frame <- fit$frame
  frame[[1L]] <- row_values(stats::simulate(fit, 1L, seed = seed)[[1L]], "newresp", fit, NULL)
  frame
}

# function(seed): rows of groups that are drawn with replacement. The i-th level stands for the i-th
# group that was drawn.
frame_of_cases <- function(fit, call) {
  frame <- fit$frame
  group <- first_term(fit, 1L)$variables
  others <- setdiff(names(frame), group)
  if (length(group) > 1L || any(group %in% unlist(lapply(others, function(name) all.vars(str2lang_or_name(name)))))) {
    abort_mixest("input", c(
      "{.code type = \"cases\"} with rows must have a grouping factor that is one variable, used nowhere else.",
      x = "The grouping factor is {.code {names(fit$random$groups)}}.",
      i = "Use {.code type = \"parametric\"}, or a {.arg FUN} that needs no rows."
    ), call)
  }
  levels <- fit$random$groups[[1L]]
  rows <- split(seq_len(nrow(frame)), factor(factor_codes(fit)[[1L]], seq_along(levels)))
  function(seed) {
    state <- use_seed(seed)
    on.exit(state$restore())
    drawn <- rows[sample.int(length(levels), replace = TRUE)]
    out <- frame[unlist(drawn), , drop = FALSE]
    out[[group]] <- factor(rep(levels, lengths(drawn)), levels = levels)
    structure(out, row.names = seq_len(nrow(out)), terms = attr(frame, "terms"), na.action = NULL)
  }
}

# Names of columns that are no expressions: "(weights)" is one, "Days-1" another.
str2lang_or_name <- function(name) tryCatch(str2lang(name), error = function(error) as.name(name))

# A call that has the rows of the replicate, or names none.
with_own_call <- function(fit, call) {
  nothing <- list(written = list(), caller = globalenv())
  own <- tryCatch(updated_call(fit, nothing, call), mixest_error = function(error) NULL)
  if (is.null(own)) fit$call$data <- quote(rows_of_replicate) else fit$call <- own
  fit
}
