# The harness: times engines beside each other on the same data, in one session.
#
# A workload is a list:
#   name      text
#   data      function() that makes the data, the same at every call
#   engines   named list of function(data): what is timed. The first one is the unit of the ratios. A value with an attribute "seconds"
#             has timed itself
#   repeats   named integers: how often each engine runs
#   targets   named numbers: the ratio that each engine is to reach at least; engines without a target are left out
# Repeats are interleaved (one run of every engine, then the next round), so that a change of the machine's speed meets all engines
# alike; an engine with fewer repeats stops earlier.

# -> data frame, a row for every run: workload, engine, seconds, criterion (-2 log likelihood, NA where the value is no mixed model)
time_workload <- function(workload) {
  data <- workload$data()
  round <- function(run) lapply(names(which(workload$repeats >= run)), function(engine) {
    timed <- time_once(workload$engines[[engine]], data)
    data.frame(workload = workload$name, engine = engine, seconds = timed$seconds, criterion = criterion(timed$value))
  })
  runs <- unlist(lapply(seq_len(max(workload$repeats)), round), recursive = FALSE)
  do.call(rbind, runs)
}

time_once <- function(engine, data) {
  gc()
  start <- Sys.time()
  # an engine that gives up has its time, and no criterion
  value <- tryCatch(suppressMessages(suppressWarnings(engine(data))), error = function(error) {
    cat("  stopped:", conditionMessage(error), "\n")
    NULL
  })
  seconds <- as.numeric(difftime(Sys.time(), start, units = "secs"))
  list(seconds = if (is.null(attr(value, "seconds"))) seconds else attr(value, "seconds"), value = value)
}

criterion <- function(fit) {
  if (inherits(fit, c("mixest", "merMod", "lme"))) -2 * as.numeric(stats::logLik(fit)) else NA_real_
}

# -> data frame, a row for every engine: workload, engine, seconds (median), ratio (to the first engine), target, runs, peak_mib, criterion
# memory: peak MiB named by engine, or NULL
summarise_workload <- function(workload, runs, memory = NULL) {
  engines <- names(workload$engines)
  by_engine <- function(column, f) vapply(engines, function(engine) f(runs[[column]][runs$engine == engine]), 0)
  seconds <- by_engine("seconds", stats::median)
  data.frame(workload = workload$name, engine = engines, seconds = seconds, ratio = seconds / seconds[[1]],
    target = if (is.null(workload$targets)) NA_real_ else workload$targets[engines], runs = by_engine("seconds", length),
    peak_mib = if (is.null(memory)) NA_real_ else memory[engines], criterion = by_engine("criterion", function(x) x[1]), row.names = NULL)
}

# Peak of resident memory, in MiB above what the process held before the call: every engine in a fresh process, since memory that was
# freed earlier in this one would hide part of it. NA where there is no /proc as Linux has it, and for engines of one or two repeats.
measure_memory <- function(workload) {
  rscript <- file.path(R.home("bin"), "Rscript")
  vapply(names(workload$engines), function(engine) {
    if (workload$repeats[[engine]] < 3) return(NA_real_)   # what is slow is not run a second time
    as.numeric(utils::tail(system2(rscript, shQuote(c("bench/memory.R", workload$name, engine)), stdout = TRUE), 1))
  }, 0)
}

peak_memory <- function(workload, engine) {
  if (!file.exists("/proc/self/clear_refs")) return(NA_real_)
  data <- workload$data()
  gc()
  before <- resident("VmRSS")
  cat("5", file = "/proc/self/clear_refs")   # resets the peak, VmHWM
  time_once(workload$engines[[engine]], data)
  resident("VmHWM") - before
}

resident <- function(field) {
  line <- grep(paste0("^", field), readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

print_results <- function(results) {
  old <- options(width = 150)
  on.exit(options(old))
  blank_na <- function(format, x) ifelse(is.na(x), "", sprintf(format, x))
  print(data.frame(workload = ifelse(duplicated(results$workload), "", results$workload), engine = results$engine,
    seconds = sprintf("%.4g", results$seconds), ratio = sprintf("%.3g", results$ratio), target = blank_na(">= %.3g", results$target),
    runs = results$runs, peak_MiB = blank_na("%.0f", results$peak_mib), criterion = blank_na("%.6f", results$criterion)), row.names = FALSE)
}

# The CSV begins with comment lines on machine and versions: read it with read.csv(file, comment.char = "#").
write_results <- function(results, file) {
  dir.create(dirname(file), recursive = TRUE, showWarnings = FALSE)
  connection <- file(file, "w")
  on.exit(close(connection))
  writeLines(paste("#", session_lines()), connection)
  utils::write.csv(results, connection, row.names = FALSE)
}

session_lines <- function() {
  cpu <- if (file.exists("/proc/cpuinfo")) sub(".*: *", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1])
  packages <- intersect(c("mixest", "lme4", "nlme", "Matrix", "Rcpp"), loadedNamespaces())
  c(format(Sys.time(), "%Y-%m-%d %H:%M:%S %Z"), paste0(R.version.string, ", ", utils::sessionInfo()$running),
    paste0(cpu, ", ", parallel::detectCores(), " cores, BLAS ", basename(extSoftVersion()[["BLAS"]])),
    paste(packages, vapply(packages, utils::packageDescription, "", fields = "Version"), collapse = ", "))
}
