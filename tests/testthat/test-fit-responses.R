test_that("a matrix response gives the fit of each column", {
  data <- transform(as.data.frame(nlme::Orthodont), second = 1e6 + 1e-3 * distance^2, third = rev(distance))
  fits <- suppressMessages(lmm(cbind(distance, second, third) ~ age + Sex + (age | Subject), data))
  expect_s3_class(fits, "mixest_fits")
  expect_named(fits, c("distance", "second", "third"))
  for (response in names(fits)) {
    alone <- suppressMessages(lmm(reformulate("age + Sex + (age | Subject)", response), data))
    expect_equal(deviance(fits[[response]]), deviance(alone), tolerance = 1e-12)
    expect_equal(fits[[response]]$theta, alone$theta, tolerance = 1e-8)
    expect_equal(fixef(fits[[response]]), fixef(alone), tolerance = 1e-10)
    expect_equal(
      ranef(fits[[response]], condVar = FALSE), ranef(alone, condVar = FALSE), tolerance = 1e-6, ignore_attr = TRUE
    )
    expect_equal(fitted(fits[[response]]), fitted(alone), tolerance = 1e-9)
    expect_true(convergence(fits[[response]])$converged)
  }
  expect_equal(coef(fits)["third", ], fixef(fits$third))
  expect_identical(unique(tidy(fits)$response), names(fits))
  expect_s3_class(fits[2:3], "mixest_fits")
})

test_that("refit() with several responses equals refit() with each", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  responses <- simulate(fit, 4, seed = 3)
  fits <- suppressMessages(refit(fit, responses))
  expect_named(fits, names(responses))
  for (j in 1:4) {
    one <- suppressMessages(refit(fit, responses[[j]]))
    expect_equal(fits[[j]]$theta, one$theta, tolerance = 1e-8)
    expect_equal(fits[[j]]$coefficients, one$coefficients, tolerance = 1e-10)
    expect_equal(fits[[j]]$frame[[1L]], one$frame[[1L]])
  }
})

test_that("weights, offset and missing values are those of the rows that all responses have", {
  data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance), w = rep(1:3, 36), o = age / 3)
  data$other[5] <- NA
  fits <- suppressMessages(lmm(cbind(distance, other) ~ age + (1 | Subject), data, weights = w, offset = o))
  alone <- lmm(distance ~ age + (1 | Subject), data[-5, ], weights = w, offset = o)
  expect_equal(nobs(fits$distance), nobs(alone))
  expect_equal(deviance(fits$distance), deviance(alone), tolerance = 1e-12)
})

test_that("a response that can't be fitted leaves its error in the list and is named", {
  data <- transform(as.data.frame(nlme::Orthodont), flat = as.integer(Subject))
  expect_warning(fits <- lmm(cbind(distance, flat) ~ 1 + (1 | Subject), data), "flat", class = "mixest_not_converged")
  expect_s3_class(fits$flat, "mixest_degenerate")
  expect_true(is.na(coef(fits)["flat", 1]))
  expect_output(print(fits), "2 linear mixed model fits")
})

test_that("columns that are dropped are said once for all responses, and a design that can't be fitted is an error", {
  data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance), twice = 2 * age)
  expect_message(lmm(cbind(distance, other) ~ age + twice + (1 | Subject), data), "twice", class = "mixest_aliased")
  expect_error(lmm(cbind(distance, other) ~ 1 + (age + twice | Subject), data), class = "mixest_unidentified")
})

test_that("update() of several responses keeps one fit for each", {
  data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance))
  fits <- lmm(cbind(distance, other) ~ age + (1 | Subject), data)
  again <- update(fits[[1]], . ~ . + Sex)
  expect_named(again, c("distance", "other"))
})

test_that("several responses with several grouping factors have the fits of each alone", {
  both <- lmm(cbind(yield, sqrt(yield)) ~ nitro + (1 | Block / Variety), nlme::Oats)
  alone <- lmm(sqrt(yield) ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_equal(deviance(both[[2L]]), deviance(alone), tolerance = 1e-10)
  expect_equal(ranef(both[[2L]])$Block, ranef(alone)$Block, tolerance = 1e-8)
})
