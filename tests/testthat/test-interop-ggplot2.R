test_that("fortify() gives the rows with fitted values and residuals", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  rows <- ggplot2::fortify(fit)
  expect_s3_class(rows, "data.frame", exact = TRUE)
  expect_equal(rows$.fitted + rows$.resid, nlme::Orthodont$distance, tolerance = 1e-12)
  expect_equal(rows$age, nlme::Orthodont$age)
})
