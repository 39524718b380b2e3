test_that("every function that the table names is there, once for each generic and class", {
  ours <- optional_methods[optional_methods$from == "mixest", ]
  expect_true(all(vapply(ours$method, exists, NA, envir = asNamespace("mixest"), mode = "function", inherits = FALSE)))
  expect_false(anyDuplicated(optional_methods[c("package", "generic", "class")]) > 0)
})

test_that("rows of generics that exist in the installed packages are registered", {
  for (package in unique(optional_methods$package)) {
    if (!requireNamespace(package, quietly = TRUE)) next
    rows <- optional_methods[optional_methods$package == package & optional_methods$from == "mixest", ]
    is_generic <- function(name) {
      found <- get0(name, asNamespace(package), mode = "function", inherits = FALSE)
      !is.null(found) && isTRUE(utils::isS3stdGeneric(found))
    }
    for (i in which(vapply(rows$generic, is_generic, NA))) {
      registered <- getS3method(rows$generic[i], rows$class[i], optional = TRUE, envir = asNamespace(package))
      expect_identical(registered, get(rows$method[i], asNamespace("mixest")), label = rows$generic[i])
    }
  }
})

test_that("rows of generics, methods or packages that do not exist are skipped in silence", {
  ours <- asNamespace("mixest")
  expect_silent(register_optional(optional_rows("stats", "no_such_generic"), ours))
  expect_null(getS3method("no_such_generic", "mixest", optional = TRUE, envir = asNamespace("stats")))
  none <- optional_rows("stats", "predict", "no_such_class", "no_such_function", from = "stats")
  expect_silent(register_optional(none, ours))
  expect_null(getS3method("predict", "no_such_class", optional = TRUE))
  expect_silent(register_optional(optional_rows("noSuchPackage", "predict", from = "noSuchPackage"), ours))
})

test_that("a method of another package can be registered for a class of ours", {
  borrowed <- optional_rows("stats", "confint", "mixest_test_class", "confint.default", from = "stats")
  register_optional(borrowed, asNamespace("mixest"))
  expect_identical(getS3method("confint", "mixest_test_class"), stats::confint.default)
})

test_that("loading the package loads nothing heavy", {
  script <- sprintf(".libPaths(%s); loadNamespace('mixest'); cat(loadedNamespaces())", deparse1(.libPaths()))
  output <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", "-e", shQuote(script)), stdout = TRUE)
  loaded <- strsplit(output[length(output)], " ")[[1]]
  expect_true("mixest" %in% loaded)
  expect_length(intersect(loaded, c("cli", "rlang", "Matrix", "reformulas", "lme4", "testthat")), 0)
})

test_that("attaching the package says nothing", {
  script <- sprintf(".libPaths(%s); library(mixest)", deparse1(.libPaths()))
  rscript <- file.path(R.home("bin"), "Rscript")
  expect_identical(
    system2(rscript, c("--vanilla", "-e", shQuote(script)), stdout = TRUE, stderr = TRUE), character()
  )
})
