# Prints the peak memory of one engine on one workload: Rscript bench/memory.R <workload> <engine>,
# called by measure_memory().
source("bench/harness.R")
source("bench/targets.R")
source("bench/workloads.R")

args <- commandArgs(TRUE)
workload <- Filter(function(w) w$name == args[1], c(workloads, quick_workloads))[[1]]
cat("\n", peak_memory(workload, args[2]), "\n", sep = "")
