# The harness: times engines beside each other on the same data, in one session.
#
# A workload is a list:
#   name      text
#   data      function() that makes the data, the same at every call
#   engines   named list of function(data): what is timed. The first one is the unit of the ratios.
#             A value with an attribute "seconds" has timed itself
#   repeats   named integers: how often each engine runs
#   targets   list of targets (targets.R), may be absent
# Repeats are interleaved (one run of every engine, then the next round), so that a change of the
# machine's speed meets all engines alike; an engine with fewer repeats stops earlier. Nothing that
# an engine does ends the whole: an error is printed, and the engine is not run again.

# -> one row for every engine, see summarise_runs(); NULL when the data can't be made or the first
# engine can't fit them
run_workload <- function(workload, with_memory) {
  cat(format(Sys.time(), "%H:%M:%S"), workload$name, "\n")
  data <- attempt(workload$data())
  if (inherits(data, "error")) return(NULL)
  runs <- time_engines(workload, data)
  if (runs$failed[1L]) return(NULL)
  rm(data)
  summary <- summarise_runs(workload, runs, if (with_memory) measure_memory(workload))
  add_targets(summary, workload$targets)
}

# -> data frame, a row for every run: engine, seconds, failed, criterion (-2 log likelihood, NA
# where the value is no mixed model), bits (a hash of a value that is no fit)
time_engines <- function(workload, data) {
  runs <- NULL
  for (round in seq_len(max(workload$repeats))) {
    for (engine in setdiff(names(which(workload$repeats >= round)), runs$engine[runs$failed])) {
      timed <- time_once(workload$engines[[engine]], data)
      runs <- rbind(runs, data.frame(
        engine = engine, seconds = timed$seconds, failed = inherits(timed$value, "error"),
        criterion = criterion(timed$value), bits = bits(timed$value)
      ))
    }
    if (runs$failed[1L]) break
  }
  runs
}

time_once <- function(engine, data) {
  gc()
  start <- Sys.time()
  value <- attempt(engine(data))
  seconds <- as.numeric(difftime(Sys.time(), start, units = "secs"))
  list(seconds = if (is.null(attr(value, "seconds"))) seconds else attr(value, "seconds"), value = value)
}

# The value or the error; what it has to say, and a run of more than ten minutes, are cut short.
attempt <- function(expr) {
  setTimeLimit(elapsed = 600, transient = TRUE)
  on.exit(setTimeLimit())
  tryCatch(suppressMessages(suppressWarnings(expr)), error = function(error) {
    cat("  stopped:", strtrim(gsub("\\s+", " ", conditionMessage(error)), 120), "\n")
    error
  })
}

criterion <- function(fit) {
  if (inherits(fit, c("mixest", "merMod", "lme", "glmmTMB"))) -2 * as.numeric(stats::logLik(fit)) else NA_real_
}

bits <- function(value) if (is.list(value) && !is.object(value)) rlang::hash(value) else NA_character_

# -> data frame, a row for every engine: workload, engine, seconds (median), fastest, ratio (of
# medians, to the first engine), runs, peak_mib, criterion, bits, stopped (it gave up after
# `seconds`) memory: peak MiB named by engine, or NULL
summarise_runs <- function(workload, runs, memory) {
  engines <- unique(runs$engine)
  of_engine <- function(column, f,
                        type) vapply(engines, function(engine) f(runs[[column]][runs$engine == engine]), type)
  seconds <- of_engine("seconds", stats::median, 0)
  data.frame(
    workload = workload$name, engine = engines, seconds = seconds, fastest = of_engine("seconds", min, 0),
    ratio = seconds / seconds[[1L]],
    runs = of_engine("seconds", length, 0L), peak_mib = if (is.null(memory)) NA_real_ else memory[engines],
    criterion = of_engine("criterion", function(x) x[1L], 0),
    bits = of_engine("bits", function(x) if (length(unique(x)) == 1L) x[1L] else "differ", ""),
    stopped = of_engine("failed", any, NA), row.names = NULL
  )
}

# Peak of resident memory, in MiB above what the process held before the call: every engine in a
# fresh process, since memory that was freed earlier in this one would hide part of it. NA where
# there is no /proc as Linux has it, and for engines of one or two repeats.
measure_memory <- function(workload) {
  rscript <- file.path(R.home("bin"), "Rscript")
  vapply(names(workload$engines), function(engine) {
    if (workload$repeats[[engine]] < 3) return(NA_real_)   # what is slow is not run a second time
    printed <- suppressWarnings(
      system2(rscript, shQuote(c("bench/memory.R", workload$name, engine)), stdout = TRUE, stderr = FALSE)
    )
    suppressWarnings(as.numeric(c(utils::tail(printed, 1L), NA)[1L]))
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
  old <- options(width = 180)
  on.exit(options(old))
  blank_na <- function(format, x) ifelse(is.na(x), "", sprintf(format, x))
  print(data.frame(
    workload = ifelse(duplicated(results$workload), "", results$workload),
    engine = paste0(results$engine, ifelse(results$stopped, " (stopped)", "")),
    seconds = sprintf("%.4g", results$seconds), fastest = sprintf("%.4g", results$fastest),
    ratio = sprintf("%.3g", results$ratio), runs = results$runs,
    peak_MiB = blank_na("%.0f", results$peak_mib), criterion = blank_na("%.6f", results$criterion),
    target = results$target,
    met = ifelse(is.na(results$met), "", ifelse(results$met, "yes", "NO"))
  ), row.names = FALSE, right = FALSE)
}

# The CSV begins with comment lines on machine and versions: read it with read.csv(file,
# comment.char = "#").
write_results <- function(results, file) {
  dir.create(dirname(file), recursive = TRUE, showWarnings = FALSE)
  connection <- file(file, "w")
  on.exit(close(connection))
  writeLines(paste("#", session_lines()), connection)
  utils::write.csv(results, connection, row.names = FALSE)
}

session_lines <- function() {
  cpu <- if (file.exists("/proc/cpuinfo")) {
    sub(".*: *", "", grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1L])
  }
  packages <- intersect(c("mixest", "lme4", "nlme", "glmmTMB", "Matrix", "Rcpp"), loadedNamespaces())
  load <- if (file.exists("/proc/loadavg")) paste("load average", sub("( [^ ]*){2}$", "", readLines("/proc/loadavg")))
  c(format(Sys.time(), "%Y-%m-%d %H:%M:%S %Z"), paste0(R.version.string, ", ", utils::sessionInfo()$running),
    paste0(cpu, ", ", parallel::detectCores(), " cores, BLAS ", basename(extSoftVersion()[["BLAS"]])), load,
    paste(packages, vapply(packages, utils::packageDescription, "", fields = "Version"), collapse = ", "))
}
