# In Turkish the lower case of I is a letter of its own.

test_that("keywords are read the same in every locale", {
  before <- Sys.getlocale("LC_CTYPE")
  withr::defer(Sys.setlocale("LC_CTYPE", before))
  names <- c("tr_TR.utf8", "tr_TR.UTF-8", "tr_TR")
  set <- Find(nzchar, lapply(names, function(name) suppressWarnings(Sys.setlocale("LC_CTYPE", name))))
  skip_if(is.null(set), "no Turkish locale is installed")
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_identical(anova(fit, ddf = "SATTERTHWAITE"), anova(fit, ddf = "satterthwaite"))
  expect_identical(anova(fit, type = "iii"), anova(fit, type = "III"))
  expect_identical(summary(fit, ddf = "RESIDUAL")$ddf, "residual")
})

test_that("no code changes the case of letters as the locale does", {
  folder <- testthat::test_path("..", "..", "R")
  skip_if_not(dir.exists(folder), "the sources of R/ are not beside the tests")
  called <- unlist(lapply(list.files(folder, "[.]R$", full.names = TRUE), function(file) {
    all.names(parse(file, keep.source = FALSE), unique = TRUE)
  }))
  expect_length(intersect(called, c("tolower", "toupper", "casefold")), 0L)
})

test_that("short names of methods for degrees of freedom are lmerTest's and ours, in any case", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_identical(anova(fit, ddf = "KR"), anova(fit, ddf = "kenward-roger"))
  expect_identical(anova(fit, ddf = "Kenward"), anova(fit, ddf = "kenward-roger"))
  expect_identical(anova(fit, ddf = "Sat"), anova(fit, ddf = "satterthwaite"))
  expect_error(anova(fit, ddf = "KRR"), '"KRR"', class = "mixest_input")
})
