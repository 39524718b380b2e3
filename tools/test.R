# Runs the suite, or the files whose names match the first argument, on the installed package: file
# by file, in as many processes as there are cores. The closing line counts expectations; the exit
# status is 1 if one failed.
filter <- commandArgs(TRUE)[1]
files <- list.files("tests/testthat", "^test-.*[.]R$", full.names = TRUE)
if (!is.na(filter)) files <- files[grepl(filter, sub("^test-(.*)[.]R$", "\\1", basename(files)))]
files <- files[order(-file.size(files))]   # long files first, so that no core waits at the end

run_file <- function(file) {
  results <- NULL
  reporter <- testthat::SummaryReporter$new(show_praise = FALSE, max_reports = Inf)
  output <- utils::capture.output(
    results <- tryCatch(
      as.data.frame(testthat::test_file(
        file, package = "mixest", load_package = "installed", stop_on_failure = FALSE, reporter = reporter
      )),
      error = function(error) {
        cat(conditionMessage(error), "\n")
        data.frame(failed = 1, error = FALSE, passed = 0, skipped = 0)
      }
    )
  )
  list(output = output, passed = sum(results$passed), failed = sum(results$failed, results$error),
    skipped = sum(results$skipped))
}

processes <- min(length(files), parallel::detectCores())
cluster <- if (processes > 1L) parallel::makePSOCKcluster(processes, outfile = "")
results <- if (is.null(cluster)) lapply(files, run_file) else parallel::clusterApplyLB(cluster, files, run_file)
if (!is.null(cluster)) parallel::stopCluster(cluster)

for (result in results) {
  # of files that pass, their line of dots alone
  cat(if (result$failed) result$output else grep("^[A-Za-z0-9_-]+: ", result$output, value = TRUE), sep = "\n")
}
total <- function(what) sum(vapply(results, `[[`, 0, what))
cat(sprintf("\n%d passed, %d failed, %d skipped\n", total("passed"), total("failed"), total("skipped")))
quit(status = as.integer(total("failed") > 0 || total("passed") == 0))
