test_that("intervals of the fit are those of its bootstrap", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  found <- bootstrap(fit, nsim = 50, seed = 3)
  ends <- confint(fit, method = "boot", nsim = 50, seed = 3)
  expect_identical(dimnames(ends), dimnames(confint(fit, method = "Wald")))
  expect_identical(ends, confint(found, rownames(ends)))
  expect_identical(confint(
    fit, "beta_", 0.8, method = "boot", boot.type = "basic", nsim = 50, seed = 3
  ), confint(found, 1:2, 0.8, boot.type = "basic"))
})

test_that("package boot reads the result, and its intervals are ours", {
  skip_if_not_installed("boot")
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  found <- bootstrap(fit, nsim = 199, seed = 1)
  # (R + 1) (1 - level) / 2 is a whole number: nothing is interpolated
  theirs <- boot::boot.ci(found, 0.9, type = c("norm", "basic", "perc"), index = 2)
  for (type in c("norm", "basic", "perc")) {
    ends <- utils::tail(c(theirs[[c(norm = "normal", basic = "basic", perc = "percent")[[type]]]]), 2L)
    expect_equal(unname(confint(found, "age", 0.9, boot.type = type)[1L, ]), ends, tolerance = 1e-10)
  }
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_identical(plot(found, index = 2), found)
})

test_that("statistics and kinds of interval that are not there are refused", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  found <- bootstrap(fit, nsim = 5, seed = 1)
  expect_error(confint(found, "slope"), class = "mixest_input")
  expect_error(confint(found, boot.type = "bca"), class = "mixest_input")
})
