# What does not fit into memory is an error that says what to do, wherever memory runs out.

# The value of `expr`; `what`: what needs the memory, `advice`: what needs less.
in_memory <- function(expr, what, advice, call = parent.frame()) {
  tryCatch(expr, error = function(error) {
    if (is_memory_error(error)) refuse_memory(error, what, advice, call)
    stop(error)
  })
}

refuse_memory <- function(error, what, advice, call) {
  in_cpp <- inherits(error, "std::bad_alloc")
  abort_mixest("memory", c(
    "There must be enough memory for {what}.",
    x = if (in_cpp) "What is left is not enough." else "{conditionMessage(error)}.",
    i = advice
  ), call)
}

# Did R run out of memory, in whatever language? Old versions of R give these errors no class.
is_memory_error <- function(error) {
  if (inherits(error, c("std::bad_alloc", "memoryError", "vectorMemoryError"))) return(TRUE)
  said <- conditionMessage(error)
  any(vapply(memory_messages, function(english) startsWith(said, translated_start(english)), NA))
}

memory_messages <- c(
  "cannot allocate vector of size %0.1f Gb", "cannot allocate vector of length %lld",
  "vector memory exhausted (limit reached?)", "memory exhausted (limit reached?)",
  "allocMatrix: too many elements specified", "'allocMatrix': too many elements specified"
)

# What R's own message begins with in the language of the session.
translated_start <- function(english) sub("%.*", "", gettext(english, domain = "R"))
