# Times for the table of the README: lmm() beside lmer() and lme(), whole calls. Writes
# bench/readme_times.csv, which README.Rmd reads. Run from the package's root folder, while the
# machine does nothing else:
#   Rscript bench/readme.R
# The workloads are some of bench/compare.R's, timed in the same way: median seconds of interleaved
# runs, each after a garbage collection.
source("bench/harness.R")
source("bench/targets.R")
source("bench/workloads.R")

rows <- c(
  "MathAchieve" = "MathAchieve: 7185 students in 160 schools",
  "n = 1e5, m = 1e3, p = 5, q = 2" = "simulated: 100,000 rows in 1000 groups",
  "n = 1e6, m = 1e4, p = 5, q = 2" = "simulated: 1,000,000 rows in 10,000 groups",
  "Chem97, schools in authorities" = "Chem97: 31,022 pupils in 2410 schools in 131 authorities",
  "InstEval, intercept, ML" = "InstEval: 73,421 ratings by 2972 students of 1128 lecturers"
)
engines <- c("lmm", "lmer", "lme")

# -> one row: median seconds of each engine; NA: not among the engines, Inf: stopped with an error
measure <- function(name) {
  workload <- Find(function(w) w$name == name, workloads)
  cat(format(Sys.time(), "%H:%M:%S"), name, "\n")
  workload$engines <- workload$engines[intersect(engines, names(workload$engines))]
  workload$repeats <- workload$repeats[names(workload$engines)]
  runs <- time_engines(workload, workload$data())
  runs$seconds[runs$failed] <- Inf
  seconds <- vapply(split(runs$seconds, runs$engine), stats::median, 0)[engines]
  data.frame(data = rows[[name]], t(stats::setNames(signif(seconds, 3), engines)))
}

results <- do.call(rbind, lapply(names(rows), measure))
print(results)
connection <- file("bench/readme_times.csv", "w")
writeLines(paste("#", session_lines()), connection)
utils::write.csv(results, connection, row.names = FALSE)
close(connection)
