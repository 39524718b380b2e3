Orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age * Sex + I(age^2) + (age | Subject), Orthodont)

test_that("terms go one by one, the least significant first", {
  found <- step_lmm(fit)
  # The random slope first: ranova() has a p-value above 0.1.
  slope <- ranova(fit)[["Pr(>Chisq)"]][2L]
  expect_gt(slope, 0.1)
  expect_identical(found$random$Eliminated, c(NA, 1, 0))
  expect_equal(found$random$npar[1L], attr(logLik(fit), "df"))
  left <- attr(found, "model")
  expect_equal(formula(left), distance ~ age + Sex + (1 | Subject) + age:Sex, ignore_formula_env = TRUE)
  expect_equal(found$fixed$Eliminated, c(1, 0))
  smaller <- lmm(distance ~ age * Sex + I(age^2) + (1 | Subject), Orthodont)
  expect_equal(found$fixed[1L, "Pr(>F)"], drop1(smaller, ddf = "satterthwaite")["I(age^2)", "Pr(>F)"])
  expect_output(print(found), "age:Sex")
})

test_that("what is to stay stays", {
  expect_equal(attr(step_lmm(fit, keep = "I(age^2)", reduce.random = FALSE), "model")$coefficients, fixef(fit))
  all <- step_lmm(fit, alpha.random = 1e-12, alpha.fixed = 1e-12)
  expect_named(ngrps(attr(all, "model")), "Subject")
  expect_identical(names(fixef(attr(all, "model"))), c("(Intercept)", "age"))
  expect_error(step_lmm(fit, alpha.fixed = 5), class = "mixest_input")
  expect_error(step_lmm(lm(distance ~ age, Orthodont)), class = "mixest_input")
})

test_that("one term of several goes with its grouping factor, others keep their structure", {
  set.seed(3)
  rows <- data.frame(a = gl(10, 8), b = factor(rep(1:8, 10)), x = rnorm(80))
  rows$y <- rows$x + rnorm(10)[rows$a] + rnorm(80)
  two <- fit_quietly(y ~ x + diag(x | a) + (1 | b), rows)
  left <- attr(step_lmm(two), "model")
  expect_named(ngrps(left), "a")
  expect_equal(formula(left, random.only = TRUE), ~ diag(1 | a), ignore_formula_env = TRUE)
})
