# What an engine is to reach: list(engine, text, met), met = function(results) -> TRUE, FALSE or NA
# (not measured); results: the rows of the workload as of summarise_runs().

target <- function(engine, text, met) list(engine = engine, text = text, met = met)

value_of <- function(results, engine, column) c(results[[column]][results$engine == engine], NA)[1L]

takes_at_least <- function(engine, times) target(
  engine, sprintf(">= %.3g x", times), function(results) value_of(results, engine, "ratio") >= times
)
takes_at_most <- function(engine, times) target(
  engine, sprintf("<= %.3g x", times), function(results) value_of(results, engine, "ratio") <= times
)
seconds_at_most <- function(engine, most) target(
  engine, sprintf("<= %.3g s", most), function(results) value_of(results, engine, "seconds") <= most
)
memory_at_most_of <- function(engine, other) {
  target(engine, paste("memory <=", other), function(results) value_of(
    results, engine, "peak_mib"
  ) <= value_of(results, other, "peak_mib"))
}
same_bits_as <- function(engine, other) {
  target(engine, paste("bits of", other), function(results) value_of(
    results, engine, "bits"
  ) == value_of(results, other, "bits"))
}

# Columns `target` (text) and `met`: of all targets of an engine.
add_targets <- function(results, targets) {
  results$target <- ""
  results$met <- NA
  for (one in targets) {
    row <- which(results$engine == one$engine)
    results$target[row] <- trimws(paste(results$target[row], one$text, sep = "  "))
    results$met[row] <- all(c(results$met[row], one$met(results)), na.rm = TRUE)
  }
  results
}
