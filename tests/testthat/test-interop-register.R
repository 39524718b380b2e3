# The same calls with both packages attached, in a fresh session. `first`, `second`: in the order of
# library().
run_attached <- function(first, second) {
  script <- tempfile(fileext = ".R")
  writeLines(c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())),
    sprintf("suppressPackageStartupMessages({ library(%s); library(%s) })", first, second),
    "ours <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont)",
    "theirs <- lmer(distance ~ age + (1 | Subject), data = nlme::Orthodont)",
    "for (fit in list(ours, theirs)) {",
    "  stopifnot(ngrps(fit) == 27, isREML(fit), !isSingular(fit), length(getME(fit, 'theta')) == 1)",
    "  stopifnot(length(fixef(fit)) == 2)",
    "  stopifnot(nrow(ranef(fit)$Subject) == 27, nrow(as.data.frame(VarCorr(fit))) == 2)",
    "  again <- refit(fit, nlme::Orthodont$distance)",
    "  stopifnot(isTRUE(all.equal(fixef(again), fixef(fit), tolerance = 1e-6)))",
    "}",
    "cat('both work')"
  ), script)
  output <- suppressWarnings(
    system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = TRUE)
  )
  paste(output, collapse = "\n")
}

test_that("mixest and lme4 can be attached in either order", {
  skip_if_not_installed("lme4")
  expect_match(run_attached("mixest", "lme4"), "both work$")
  expect_match(run_attached("lme4", "mixest"), "both work$")
})

test_that("methods are registered only with generics that exist", {
  expect_silent(register_when_loaded("stats", "no_such_generic", asNamespace("mixest")))
  expect_null(getS3method("no_such_generic", "mixest", optional = TRUE, envir = asNamespace("stats")))
})

test_that("loading the package loads nothing heavy", {
  script <- sprintf(".libPaths(%s); loadNamespace('mixest'); cat(loadedNamespaces())", deparse1(.libPaths()))
  output <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", "-e", shQuote(script)), stdout = TRUE)
  loaded <- strsplit(output[length(output)], " ")[[1]]
  expect_true("mixest" %in% loaded)
  expect_length(intersect(loaded, c("cli", "rlang", "Matrix", "reformulas", "lme4", "testthat")), 0)
})
