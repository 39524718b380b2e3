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

# The candidate that is `name` up to case or a few letters, or begins with it; or NULL.
closest_name <- function(name, candidates) {
  candidates <- setdiff(candidates, name)
  if (!length(candidates)) return(NULL)
  longer <- candidates[startsWith(candidates, name)]
  if (length(longer) == 1L && nchar(name) > 1L) return(longer)
  distance <- drop(utils::adist(name, candidates, ignore.case = TRUE))
  best <- which.min(distance)
  if (distance[best] <= min(3L, nchar(name) %/% 2L)) candidates[best] else NULL
}

# Messages and warnings about fits. In a simulation there are many of them and few are read, so the
# text of a message is built by `write()`, a function that returns bullets as cli has them, only
# when somebody shows or reads it. Handlers get every message. On the screen one that the same call
# gives again and again, as in a loop of fits, is shown once in two seconds, with the number of
# those between.
say_mixest <- function(class, write, call) {
  condition <- structure(
    list(write = write, call = NULL), class = c(class, "deferred_message", "message", "condition")
  )
  withRestarts(
    {
      signalCondition(condition)
      show_unless_repeated(condition, call)
    },
    muffleMessage = function() NULL
  )
  invisible()
}

#' @export
conditionMessage.deferred_message <- function(c) {
  # signalCondition() asks for the text before it looks for a handler, and passes the condition on.
  if (identical(sys.function(sys.parent()), signalCondition)) return("")
  paste0(plain_bullets(.subset2(c, "write")()), "\n")
}

# Handlers of others read `message`.
#' @export
`$.deferred_message` <- function(x, name) if (name == "message") conditionMessage(x) else .subset2(x, name)

last_shown <- new.env(parent = emptyenv())

show_unless_repeated <- function(condition, call) {
  what <- list(class(condition)[1L], call_of_frame(call))
  now <- proc.time()[["elapsed"]]
  repeated <- identical(last_shown$what, what)
  if (repeated && now - last_shown$time < 2) {
    last_shown$hidden <- last_shown$hidden + 1L
    return(invisible())
  }
  more <- if (repeated && last_shown$hidden > 0L) sprintf("(and %d more from the same call)\n", last_shown$hidden)
  cat(conditionMessage(condition), more, file = stderr(), sep = "")
  last_shown$what <- what
  last_shown$time <- now
  last_shown$hidden <- 0L
}

# The call that made the frame `env`; NULL when it has returned.
call_of_frame <- function(env) {
  number <- which(vapply(sys.frames(), identical, NA, env))
  if (length(number)) sys.call(number[1L])
}

# A warning of class `class`; `bullets` as cli has them.
warn_mixest <- function(class, bullets, call) {
  warning(structure(
    list(message = plain_bullets(bullets), call = call_of_frame(call)),
    class = c(class, "mixest_warning", "warning", "condition")
  ))
}

# Bullets as cli shows them. Formatting by cli itself takes longer than a small fit.
plain_bullets <- function(bullets) {
  signs <- c(x = cli::symbol$cross, i = cli::symbol$info)
  lines <- Map(function(text, name) {
    sign <- if (name %in% names(signs)) paste0(signs[[name]], " ") else ""
    strwrap(text, width = cli::console_width(), initial = sign, prefix = strrep(" ", nchar(sign)))
  }, bullets, names(bullets))
  paste(unlist(lines), collapse = "\n")
}
