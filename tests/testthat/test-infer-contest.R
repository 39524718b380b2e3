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

test_that("rows that are combinations of rows before them make no difference at all", {
  L <- diag(4)[2:4, ]
  own <- contest(fit, L)
  for (more in list(L[1L, ], 10 * L[2L, ], L[1L, ] - 2 * L[3L, ], 0 * L[1L, ])) {
    expect_equal(contest(fit, rbind(L, more)), own, tolerance = 1e-10)
  }
})

test_that("units of covariates and of contrasts cost no row", {
  d <- with_seed(1, {
    d <- data.frame(g = gl(20, 10), x = runif(200, 0, 5000))
    transform(d, z = x / 1000, y = sin(x / 1000) + rnorm(20)[g] + rnorm(200))
  })
  raw <- lmm(y ~ poly(x, 5, raw = TRUE) + (1 | g), d)
  scaled <- lmm(y ~ poly(z, 5, raw = TRUE) + (1 | g), d)
  L <- diag(6)[-1L, ]
  for (ddf in c("satterthwaite", "kenward-roger", "residual")) {
    tests <- lapply(list(raw, scaled), function(fit) unlist(contest(fit, L, ddf = ddf)))
    expect_equal(tests[[1L]][["NumDF"]], 5)
    # Fai and Cornelius' degrees of freedom depend on the rows
    compared <- if (ddf == "satterthwaite") c("F value", "Sum Sq") else names(tests[[1L]])
    expect_equal(tests[[1L]][compared], tests[[2L]][compared], tolerance = 1e-6)
    expect_equal(tests[[1L]][["DenDF"]], tests[[2L]][["DenDF"]], tolerance = 1e-3)
  }
  few <- list(lmm(y ~ poly(x, 4, raw = TRUE) + (1 | g), d), lmm(y ~ poly(z, 4, raw = TRUE) + (1 | g), d))
  for (type in robust_types) {
    tests <- lapply(few, function(fit) unlist(contest(fit, diag(5)[-1L, ], vcov = type)))
    expect_equal(tests[[1L]], tests[[2L]], tolerance = 1e-5)
  }
  beta <- fixef(scaled)[-1L]
  expect_equal(contest(raw, L)[["F value"]], drop(beta %*% solve(vcov(scaled)[-1L, -1L], beta)) / 5, tolerance = 1e-6)
})

test_that("L goes by its names", {
  named <- contest(fit, c(`age:SexFemale` = 2, age = 1, SexFemale = 0, `(Intercept)` = 0), joint = FALSE)
  expect_equal(named, contest(fit, c(0, 1, 0, 2), joint = FALSE))
  expect_equal(contest(fit, c(age = 1)), contest(fit, c(0, 1, 0, 0)))
  L <- rbind(slope = c(age = 1, SexFemale = 0), other = c(0, 1))
  expect_equal(contest(fit, L, joint = FALSE)$Estimate, unname(fixef(fit)[2:3]))
  expect_equal(df_for(fit, c(SexFemale = 1)), df_for(fit, c(0, 0, 1, 0)))
  expect_equal(contest(fit, as.data.frame(diag(4))), contest(fit, diag(4)))
  expect_snapshot(error = TRUE, {
    contest(fit, c(agee = 1, SexFemale = 0))
    contest(fit, c(age = 1, age = 0))
  })
  aliased <- fit_quietly(distance ~ age + I(2 * age) + (1 | Subject), nlme::Orthodont)
  expect_equal(contest(aliased, c(age = 1, `I(2 * age)` = 0)), contest(aliased, c(0, 1)))
  expect_error(contest(aliased, c(`I(2 * age)` = 1)), class = "mixest_unidentified")
})

test_that("rhs goes by the names of the rows", {
  L <- rbind(one = c(0, 1, 0, 0), two = c(0, 0, 1, 0))
  expect_equal(contest(fit, L, rhs = c(two = 1, one = 2)), contest(fit, unname(L), rhs = 2:1))
  expect_equal(contest(fit, L, rhs = c(two = 1, one = 2), joint = FALSE), contest(fit, L, rhs = 2:1, joint = FALSE))
  expect_error(contest(fit, L, rhs = c(a = 1, b = 2)), class = "mixest_input")
})

test_that("hypotheses that contradict themselves are refused, and others are not", {
  l1 <- c(0, 1, 0, 0)
  l2 <- c(0, 0, 1e8, 0)
  expect_snapshot(error = TRUE, contest(fit, rbind(l1, l2, l1 + l2), rhs = c(2, 2, 2)))
  expect_snapshot(error = TRUE, contest(fit, rbind(l1, 0 * l1), rhs = c(0, 1)))
  expect_equal(
    contest(fit, rbind(l1, l2, l1 + l2), rhs = c(2, 2, 4)), contest(fit, rbind(l1, l2), rhs = c(2, 2)), tolerance = 1e-8
  )
  expect_no_error(contest(fit, rbind(l1, l1), rhs = c(1, 2), joint = FALSE))
})

test_that("L without rows gives a table without rows", {
  none <- diag(4)[0L, ]
  expect_identical(nrow(contest(fit, none)), 0L)
  expect_identical(names(contest(fit, none)), names(contest(fit, diag(4))))
  expect_identical(nrow(contest(fit, none, joint = FALSE)), 0L)
  expect_identical(df_for(fit, none, joint = FALSE), numeric())
  for (type in robust_types) expect_identical(nrow(contest(fit, none, vcov = type, joint = FALSE)), 0L)
})
