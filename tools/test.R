# Runs the suite, or the files whose names match the first argument, on the installed package.
# The closing line counts expectations; the exit status is 1 if one failed.
args <- commandArgs(TRUE)
results <- as.data.frame(testthat::test_dir("tests/testthat", filter = if (length(args)) args[1], package = "mixest",
  load_package = "installed", stop_on_failure = FALSE,
  reporter = testthat::SummaryReporter$new(show_praise = FALSE, max_reports = Inf)))
failed <- sum(results$failed, results$error)
cat(sprintf("\n%d passed, %d failed, %d skipped\n", sum(results$passed), failed, sum(results$skipped)))
quit(status = as.integer(failed > 0 || sum(results$passed) == 0))
