test_that("without lme4 our generics refuse other objects", {
  script <- c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())), "library(mixest)",
    "refused <- function(call) inherits(tryCatch(call, error = identity), 'mixest_input')",
    "generics <- list(ngrps, isREML, isSingular, refit, function(x) getME(x, 'X'))",
    "cat(vapply(generics, function(generic) refused(generic(1)), NA))"
  )
  file <- tempfile(fileext = ".R")
  writeLines(script, file)
  output <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(file)), stdout = TRUE)
  expect_identical(output[length(output)], "TRUE TRUE TRUE TRUE TRUE")
})

test_that("with lme4 loaded our generics serve its fits", {
  skip_if_not_installed("lme4")
  peer <- lme4::lmer(distance ~ age + (1 | Subject), data = nlme::Orthodont)
  expect_identical(ngrps(peer), lme4::ngrps(peer))
  expect_identical(isREML(peer), TRUE)
  expect_identical(isSingular(peer), FALSE)
  expect_identical(getME(peer, "theta"), lme4::getME(peer, "theta"))
  expect_s4_class(refit(peer, nlme::Orthodont$distance), "lmerMod")
})
