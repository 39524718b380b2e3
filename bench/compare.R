# Times lmm() beside lm(), lmer(), lme() and glmmTMB(), prints one table and writes it as CSV. Run
# from the package's root folder:
#   Rscript bench/compare.R [--quick] [pattern]      pattern: workloads whose names match
# --quick takes the small workloads and measures no memory.
source("bench/harness.R")
source("bench/targets.R")
source("bench/workloads.R")

args <- commandArgs(TRUE)
quick <- "--quick" %in% args
pattern <- setdiff(args, "--quick")

chosen <- if (quick) quick_workloads else workloads
if (length(pattern)) chosen <- Filter(function(w) grepl(pattern[1], w$name), chosen)
if (!length(chosen)) stop("no workload matches ", pattern[1])

file <- file.path("bench/results", format(Sys.time(), if (quick) "quick-%Y%m%d-%H%M%S.csv" else "%Y%m%d-%H%M%S.csv"))
results <- NULL
for (workload in chosen) {
  results <- rbind(results, run_workload(workload, with_memory = !quick))
  if (!is.null(results)) write_results(results, file)   # what is there is kept, whatever comes after
}

if (is.null(results)) stop("no workload could be run")
cat("\nMedian and fastest seconds; ratio: how many times as long as the first engine of the workload (medians)\n\n")
print_results(results)
cat("\n", paste0(session_lines(), "\n"), "written to ", file, "\n", sep = "")
