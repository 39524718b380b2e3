# What the messages share. An error is raised where it is found; `call` is the environment of the
# function the user called, so that it reads "Error in `lmm()`:". cli and rlang are loaded only when
# there is something to say.

# `what`: the class without its prefix: "formula", "input", "unidentified", "degenerate".
abort_mixest <- function(what, message, call, parent = NULL, .envir = parent.frame()) {
  cli::cli_abort(
    message, class = c(paste0("mixest_", what), "mixest_error"), call = call, parent = parent, .envir = .envir
  )
}

# "3, 15, 30, 31, 32 and 95 more"
list_offenders <- function(x) {
  shown <- utils::head(as.character(x), 5L)
  more <- length(x) - length(shown)
  if (more > 0L) return(paste0(paste(shown, collapse = ", "), " and ", more, " more"))
  last <- length(shown)
  if (last < 2L) return(shown)
  paste0(paste(shown[-last], collapse = ", "), " and ", shown[last])
}

list_names <- function(x) list_offenders(paste0("`", x, "`"))

# The candidate that is `name` up to case or a few letters, or NULL.
closest_name <- function(name, candidates) {
  candidates <- setdiff(candidates, name)
  if (!length(candidates)) return(NULL)
  distance <- drop(utils::adist(name, candidates, ignore.case = TRUE))
  best <- which.min(distance)
  if (distance[best] <= min(3L, nchar(name) %/% 2L)) candidates[best] else NULL
}
