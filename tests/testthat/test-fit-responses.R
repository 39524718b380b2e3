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

test_that("each response has its own missing rows, weights and offset", {
  data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance), third = age, w = rep(1:3, 36), o = age / 3)
  data$distance[7] <- NA
  data$other[c(5, 7)] <- NA
  data$third <- data$distance + data$age^2
  data$Sex[9] <- NA
  formula <- cbind(distance, other, third) ~ Sex + poly(age, 2) + (1 | Subject)
  fits <- lmm(formula, data, weights = w, offset = o, na.action = na.exclude)
  for (response in names(fits)) {
    alone <- lmm(
      stats::update(formula, stats::reformulate(".", response)), data, weights = w, offset = o, na.action = na.exclude
    )
    expect_equal(nobs(fits[[response]]), nobs(alone))
    expect_equal(deviance(fits[[response]]), deviance(alone), tolerance = 1e-12)
    expect_equal(fitted(fits[[response]]), fitted(alone), tolerance = 1e-9)
    expect_equal(fits[[response]]$na.action, alone$na.action)
    expect_equal(predict(fits[[response]], data[1:4, ]), predict(alone, data[1:4, ]), tolerance = 1e-9)
  }
})

test_that("a level or a group that a response doesn't have is no part of its fit", {
  data <- as.data.frame(nlme::Orthodont)
  data$late <- ifelse(data$Subject == "M01" | data$age == 8, NA, data$distance)
  data$never <- NA_real_
  fits <- suppressWarnings(lmm(cbind(distance, late, never) ~ factor(age) + (1 | Subject), data))
  alone <- lmm(late ~ factor(age) + (1 | Subject), data)
  expect_equal(fixef(fits$late), fixef(alone), tolerance = 1e-10)
  expect_equal(ngrps(fits$late), ngrps(alone))
  expect_s3_class(fits$never, "mixest_input")
})

test_that("one fit of several is that of its response alone: formula, call, frame and update()", {
  data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance))
  fits <- lmm(cbind(distance, log(other)) ~ age + (1 | Subject), data)
  expect_equal(formula(fits[[2]]), log(other) ~ age + (1 | Subject), ignore_formula_env = TRUE)
  expect_equal(
    fits[[2]]$call, quote(lmm(formula = log(other) ~ age + (1 | Subject), data = data)), ignore_attr = TRUE
  )
  alone <- lmm(log(other) ~ age + (1 | Subject), data)
  expect_equal(model.frame(fits[[2]]), model.frame(alone))
  expect_equal(terms(fits[[2]]), terms(alone), ignore_formula_env = TRUE)
  again <- update(fits[[2]], . ~ . + Sex)
  expect_s3_class(again, "mixest")
  expect_equal(deviance(again), deviance(lmm(log(other) ~ age + Sex + (1 | Subject), data)), tolerance = 1e-12)
  Y <- cbind(a = data$distance, data$other)
  by_matrix <- lmm(Y ~ age + (1 | Subject), data)
  expect_equal(deviance(update(by_matrix$a, . ~ . - age)), deviance(lmm(distance ~ 1 + (1 | Subject), data)))
  expect_equal(deviance(eval(by_matrix[[2]]$call)), deviance(lmm(other ~ age + (1 | Subject), data)))
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

test_that("several responses with several grouping factors have the fits of each alone", {
  both <- lmm(cbind(yield, sqrt(yield)) ~ nitro + (1 | Block / Variety), nlme::Oats)
  alone <- lmm(sqrt(yield) ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_equal(deviance(both[[2L]]), deviance(alone), tolerance = 1e-10)
  expect_equal(ranef(both[[2L]])$Block, ranef(alone)$Block, tolerance = 1e-8)
})
