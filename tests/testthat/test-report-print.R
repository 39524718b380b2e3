fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)

test_that("print() fits on one screen and shows the criterion", {
  lines <- capture.output(print(fit))
  expect_lt(length(lines), 25)
  expect_true("REML criterion: 46543.34" %in% lines)
  expect_true(any(grepl("Number of obs: 7185, groups: school, 160", lines, fixed = TRUE)))
  expect_true(any(grepl("Data: MathAchieve", lines, fixed = TRUE)))
})

test_that("print() of an ML fit shows information criteria", {
  by_ml <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
  expect_output(print(by_ml), "AIC *BIC *logLik *deviance *df.resid")
  expect_output(print(by_ml), "fit by maximum likelihood")
})

test_that("a call that holds the data themselves doesn't print them", {
  fit <- do.call(lmm, list(distance ~ age + (1 | Subject), data = nlme::Orthodont))
  expect_output(print(fit), "Data: <given by value>")
  expect_lt(length(capture.output(print(fit))), 25)
})

test_that("dropped columns, weights and singular fits are said", {
  data <- nlme::Orthodont
  data$w <- rep(1:4, 27)
  dropped <- suppressMessages(
    lmm(distance ~ age + I(2 * age) + (1 | Subject), data = data, weights = w, subset = age > 8)
  )
  expect_output(print(dropped), "Dropped, linear combinations of the columns before them: I(2 * age)", fixed = TRUE)
  expect_output(print(dropped), "Weights: w")
  expect_output(print(dropped), "Subset: age > 8")
  skip_if_not_installed("lme4")
  flat <- suppressMessages(lmm(Yield ~ 1 + (1 | Batch), data = lme4::Dyestuff2))
  expect_output(print(flat), "singular: the standard deviation")
})

test_that("no fixed effects is no error", {
  none <- lmm(distance ~ 0 + (1 | Subject), data = nlme::Orthodont)
  expect_length(fixef(none), 0)
  expect_identical(dim(vcov(none)), c(0L, 0L))
  expect_output(print(none), "none")
  expect_output(print(summary(none)), "none")
  expect_equal(unname(predict(none, re.form = NA)), numeric(108))
  expect_false(anyNA(predict(none, se.fit = TRUE)$se.fit))
  expect_identical(dim(coef(none)$Subject), c(27L, 1L))
})
