fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("tidy() has one row for each parameter, in the columns of broom.mixed", {
  rows <- tidy(fit)
  expect_named(rows, c("effect", "group", "term", "estimate", "std.error", "statistic"))
  expect_identical(
    rows$term, c("(Intercept)", "age", "sd__(Intercept)", "sd__age", "cor__(Intercept).age", "sd__Observation")
  )
  expect_identical(rows$group, c(NA, NA, "Subject", "Subject", "Subject", "Residual"))
  expect_equal(rows$estimate, c(unname(fixef(fit)), as.data.frame(VarCorr(fit))$sdcor))
  expect_identical(rows$std.error[3:6], as.data.frame(VarCorr(fit))$std.error)
  expect_identical(tidy(fit, effects = "fixed"), rows[1:2, ])
  expect_error(tidy(fit, effects = "random"), class = "mixest_input")
})

test_that("confidence limits are estimate and normal quantile times standard error", {
  rows <- tidy(fit, effects = "fixed", conf.int = TRUE, conf.level = 0.9)
  expect_equal(rows$conf.high - rows$estimate, qnorm(0.95) * sqrt(unname(diag(vcov(fit)))))
  expect_true(all(is.na(tidy(fit, effects = "ran_pars", conf.int = TRUE)$conf.low)))
  expect_error(tidy(fit, conf.int = TRUE, conf.level = 90), "conf.level", class = "mixest_input")
})

test_that("glance() is one row", {
  row <- glance(fit)
  expect_identical(nrow(row), 1L)
  expect_equal(row$AIC, AIC(fit))
  expect_equal(row$REMLcrit, deviance(fit))
  expect_equal(glance(update(fit, REML = FALSE))$deviance, deviance(update(fit, REML = FALSE)))
})
