# The workloads: data and what is timed on them. To add one, add an entry to the lists at the end.

# loaded beforehand: fits are timed, not the loading of packages
packages <- c("mixest", "lme4", "nlme", "glmmTMB", "cli", "reformulas", "rlang", "Matrix")
for (package in packages) suppressWarnings(suppressMessages(requireNamespace(package, quietly = TRUE)))

source("bench/workloads_one_factor.R")
source("bench/workloads_several_factors.R")
source("bench/workloads_parts.R")
source("bench/workloads_inference.R")

workloads <- c(one_factor_workloads, scattered_workloads, part_workloads, several_factor_workloads, inference_workloads)

# under two minutes in all
quick_workloads <- c(
  quick_one_factor_workloads, list(refits, loading), quick_several_factor_workloads, quick_inference_workloads
)
