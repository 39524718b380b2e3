fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)

test_that("a joint test has lmerTest's columns", {
  test <- contest(fit, diag(4)[3:4, ])
  expect_named(test, c("Sum Sq", "Mean Sq", "NumDF", "DenDF", "F value", "Pr(>F)"))
  expect_equal(test$NumDF, 2)
  beta <- fixef(fit)[3:4]
  expect_equal(test[["F value"]], drop(beta %*% solve(vcov(fit)[3:4, 3:4], beta)) / 2, tolerance = 1e-10)
  expect_equal(test[["Mean Sq"]], test[["F value"]] * sigma(fit)^2)
  expect_equal(test[["Pr(>F)"]], pf(test[["F value"]], 2, test$DenDF, lower.tail = FALSE))
})

test_that("t tests have lmerTest's columns, and limits by the t distribution", {
  L <- rbind(girls = c(0, 1, 0, 1), boys = c(0, 1, 0, 0))
  test <- contest(fit, L, joint = FALSE, level = 0.9)
  expect_named(test, c("Estimate", "Std. Error", "df", "t value", "lower", "upper", "Pr(>|t|)"))
  expect_identical(rownames(test), c("girls", "boys"))
  expect_equal(test$Estimate, unname(drop(L %*% fixef(fit))))
  expect_equal(test$upper, test$Estimate + qt(0.95, test$df) * test[["Std. Error"]])
  expect_equal(test$lower, test$Estimate - qt(0.95, test$df) * test[["Std. Error"]])
  expect_named(contest(fit, L, joint = FALSE, confint = FALSE), setdiff(names(test), c("lower", "upper")))
})

test_that("F of one contrast is t squared", {
  for (ddf in c("satterthwaite", "kenward-roger", "residual")) {
    joint <- contest(fit, c(0, 0, 0, 1), ddf = ddf)
    single <- contest(fit, c(0, 0, 0, 1), joint = FALSE, ddf = ddf)
    expect_equal(joint[["F value"]], single[["t value"]]^2, tolerance = 1e-10)
    expect_equal(c(joint$DenDF, joint[["Pr(>F)"]]), c(single$df, single[["Pr(>|t|)"]]), tolerance = 1e-10)
  }
})

test_that("rows of L that repeat others don't count", {
  L <- diag(4)[3:4, ]
  for (ddf in c("satterthwaite", "kenward-roger")) {
    expect_equal(contest(fit, rbind(L, L[1, ] - 2 * L[2, ]), ddf = ddf)$NumDF, 2)
    expect_equal(contest(
      fit, rbind(L, L[1, ] - 2 * L[2, ]), ddf = ddf
    )[["F value"]], contest(fit, L, ddf = ddf)[["F value"]], tolerance = 1e-8)
  }
})

test_that("the hypothesis can be other than zero", {
  test <- contest(fit, c(0, 1, 0, 0), rhs = 0.5, joint = FALSE)
  expect_equal(test[["t value"]], (test$Estimate - 0.5) / test[["Std. Error"]])
  expect_equal(contest(fit, diag(4), rhs = fixef(fit))[["F value"]], 0)
  expect_error(contest(fit, diag(4), rhs = 1:3), class = "mixest_input")
})

test_that("without a method there are no p-values", {
  expect_true(is.na(contest(fit, diag(4), ddf = "none")[["Pr(>F)"]]))
  expect_true(all(is.na(contest(fit, diag(4), ddf = "lme4", joint = FALSE)[["Pr(>|t|)"]])))
})

test_that("lmerTest's fits are handed to lmerTest", {
  skip_if_not_installed("lmerTest")
  theirs <- lmerTest::lmer(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
  expect_equal(contest(theirs, diag(4)[3:4, ]), lmerTest::contest(theirs, diag(4)[3:4, ]))
  expect_equal(lmerTest::contest(fit, diag(4)[3:4, ]), contest(fit, diag(4)[3:4, ]))
})

test_that("other arguments are refused", {
  expect_error(contest(fit, diag(3)), class = "mixest_input")
  expect_error(contest(fit, diag(4), level = 2, joint = FALSE), class = "mixest_input")
})
