test_that("memory that runs out is an error with advice, in R and in C++", {
  skip_under_sanitizers()
  expect_error(
    in_memory(numeric(2^50), "the numbers", "Take fewer."),
    class = "mixest_memory"
  )
  in_cpp <- structure(class = c("std::bad_alloc", "C++Error", "error", "condition"), list(message = "std::bad_alloc"))
  error <- expect_error(in_memory(stop(in_cpp), "the numbers", "Take fewer."), class = "mixest_memory")
  expect_match(conditionMessage(error), "There must be enough memory for the numbers.", fixed = TRUE)
  expect_match(conditionMessage(error), "Take fewer.", fixed = TRUE)
})

test_that("functions that ask for more than there is say so", {
  skip_under_sanitizers()
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_error(bootstrap(fit, nsim = 2e9, progress = FALSE), class = "mixest_memory")
})

test_that("a design matrix that does not fit into memory is not blamed on the contrasts", {
  skip_under_sanitizers()
  skip_on_os(c("windows", "mac", "solaris"))   # the limit of a process's memory is a matter of the shell
  script <- tempfile(fileext = ".R")
  writeLines(c(
    sprintf(".libPaths(%s); library(mixest)", deparse1(.libPaths())),
    "d <- data.frame(y = sin(1:60000), f = factor(rep_len(1:12000, 60000)), g = gl(20, 3000))",
    "error <- tryCatch(lmm(y ~ f + (1 | g), d), error = identity)",
    "cat(class(error)[1], conditionMessage(error), sep = '\\n')"
  ), script)
  rscript <- file.path(R.home("bin"), "Rscript")
  said <- system2("sh", c("-c", shQuote(paste("ulimit -v 2000000;", rscript, "--vanilla", script))), stdout = TRUE)
  expect_true("mixest_memory" %in% said)
  expect_match(paste(said, collapse = " "), "As a grouping factor, `(1 | f)`", fixed = TRUE)
})

test_that("other values and errors pass", {
  expect_identical(in_memory(1L, "it", "No."), 1L)
  error <- expect_error(in_memory(stop("a word"), "it", "No."), "a word")
  expect_false(inherits(error, "mixest_memory"))
})
