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

test_that("scales = \"vcov\" gives variances and covariances with delta-method standard errors", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  table <- tidy(fit, effects = "ran_pars", scales = "vcov")
  D <- VarCorr(fit)$Subject
  expect_equal(table$estimate, c(D[1, 1], D[2, 2], D[1, 2], sigma(fit)^2))
  expect_identical(table$term, c("var__(Intercept)", "var__age", "cov__(Intercept).age", "var__Observation"))

  # cov = sd_1 sd_2 cor, from the joint covariance matrix of these three
  joint <- vcov(fit, full = TRUE)[3:6, 3:6]
  sd <- attr(D, "stddev")
  cor <- attr(D, "correlation")[1, 2]
  slope <- c(sd[2] * cor, sd[1] * sd[2], sd[1] * cor)   # sd_1, cor, sd_2
  variance <- slope %*% joint[1:3, 1:3] %*% slope
  error <- sqrt(c((2 * sd)^2 * diag(joint)[c(1, 3)], variance, 4 * sigma(fit)^2 * joint[4, 4]))
  expect_equal(table$std.error, unname(error))

  expect_identical(tidy(fit, scales = c(NA, "vcov"))$estimate, c(unname(fixef(fit)), table$estimate))
  expect_identical(tidy(fit, scales = "sdcor"), tidy(fit))
  expect_error(tidy(fit, scales = "sd"), "scales", class = "mixest_input")
  expect_error(tidy(fit, scales = c("vcov", "vcov")), "scales", class = "mixest_input")
})
