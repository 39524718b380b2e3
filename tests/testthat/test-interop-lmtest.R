fit <- interop_fit("slopes")

test_that("coeftest() and coefci() have the t tests and limits of summary()", {
  skip_without("lmtest")
  table <- coef(summary(fit))
  own <- unclass(lmtest::coeftest(fit))
  expect_equal(own[, 1:4], table[, c(1L, 2L, 4L, 5L)], ignore_attr = TRUE, tolerance = 1e-10)
  robust <- unclass(lmtest::coeftest(fit, vcov. = "CR2"))
  expect_equal(robust[, 1:4], coef(summary(fit, vcov = "CR2"))[, c(1L, 2L, 4L, 5L)], ignore_attr = TRUE)
  robust <- vcov(fit, type = "CR0")
  expect_equal(unclass(lmtest::coeftest(fit, vcov. = robust))[, 2L], sqrt(diag(robust)))
  limits <- lmtest::coefci(fit, parm = "age")
  expect_equal(limits[1L, 2L] - fixef(fit)[["age"]], qt(0.975, table["age", "df"]) * table["age", "Std. Error"])
})

test_that("lrtest() of fits by REML is that of fits by maximum likelihood", {
  skip_without("lmtest")
  smaller <- update(fit, . ~ . - age:Sex)
  expected <- suppressMessages(anova(smaller, fit))
  suppressMessages(own <- lmtest::lrtest(fit, smaller))
  expect_equal(own$Chisq[2L], expected$Chisq[2L])
  expect_equal(suppressMessages(lmtest::lrtest(fit, . ~ . - age:Sex))$Chisq[2L], expected$Chisq[2L])
})

test_that("waldtest() is the test of the terms that the smaller model lacks", {
  skip_without("lmtest")
  L <- diag(4)[3:4, ]
  own <- lmtest::waldtest(fit, . ~ age, test = "F")
  expect_equal(own$F[2L], contest(fit, L)[["F value"]])
  expect_equal(own$Df.res[2L], contest(fit, L)$DenDF)
  expect_equal(lmtest::waldtest(fit, "age:Sex")$Chisq[2L], coef(summary(fit))[4L, "t value"]^2)
  expect_error(lmtest::waldtest(fit, . ~ . + I(age^2)), "fewer terms", class = "mixest_input")
  expect_error(lmtest::waldtest(fit, "height"), "height", class = "mixest_input")
})
