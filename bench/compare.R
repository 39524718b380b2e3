# Times lmm() beside lm(), lmer() and lme(), prints one table and writes it as CSV. Run from the package's root folder:
#   Rscript bench/compare.R [--quick] [pattern]      pattern: workloads whose names match
# --quick takes the small workloads and measures no memory.
source("bench/harness.R")
source("bench/workloads.R")

args <- commandArgs(TRUE)
quick <- "--quick" %in% args
pattern <- setdiff(args, "--quick")

chosen <- if (quick) quick_workloads else workloads
if (length(pattern)) chosen <- Filter(function(w) grepl(pattern[1], w$name), chosen)
if (!length(chosen)) stop("no workload matches ", pattern[1])

results <- do.call(rbind, lapply(chosen, function(workload) {
  cat("timing", workload$name, "\n")
  summarise_workload(workload, time_workload(workload), if (!quick) measure_memory(workload))
}))

file <- file.path("bench/results", format(Sys.time(), if (quick) "quick-%Y%m%d-%H%M%S.csv" else "%Y%m%d-%H%M%S.csv"))
cat("\nMedian seconds; ratio: how many times as long as the first engine of the workload\n\n")
print_results(results)
write_results(results, file)
cat("\n", paste0(session_lines(), "\n"), "written to ", file, "\n", sep = "")
