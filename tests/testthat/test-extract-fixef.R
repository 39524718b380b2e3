orthodont <- lmm(distance ~ age + Sex + (1 | Subject), data = nlme::Orthodont)

test_that("fixed effects of a balanced layout are those of least squares", {
  least_squares <- lm(distance ~ age + Sex, data = nlme::Orthodont)
  expect_equal(fixef(orthodont), coef(least_squares), tolerance = 1e-10)
})

test_that("vcov() is the inverse information at the estimated covariance", {
  X <- model.matrix(orthodont)
  V <- as.matrix(getME(orthodont, "V"))
  expect_equal(vcov(orthodont), solve(crossprod(X, solve(V, X))), tolerance = 1e-8)
  expect_equal(unname(standard_errors(orthodont)), sqrt(unname(diag(vcov(orthodont)))), tolerance = 1e-12)
  expect_identical(dimnames(vcov(orthodont)), list(names(fixef(orthodont)), names(fixef(orthodont))))
})

test_that("dropped columns are NA on request, in their place", {
  fit <- suppressMessages(lmm(distance ~ age + I(2 * age) + Sex + (1 | Subject), data = nlme::Orthodont))
  expect_named(fixef(fit), c("(Intercept)", "age", "SexFemale"))
  expect_equal(fixef(fit), fixef(orthodont), tolerance = 1e-10)
  expect_identical(
    is.na(fixef(fit, add.dropped = TRUE)), c("(Intercept)" = FALSE, age = FALSE, "I(2 * age)" = TRUE, SexFemale = FALSE)
  )
  padded <- vcov(fit, complete = TRUE)
  expect_identical(rownames(padded), c("(Intercept)", "age", "I(2 * age)", "SexFemale"))
  expect_true(all(is.na(padded[3, ])) && all(is.na(padded[, 3])))
  expect_identical(padded[-3, -3], vcov(fit))
  expect_identical(vcov(orthodont, complete = TRUE), vcov(orthodont))
})

test_that("Kenward and Roger's covariance matrix is never smaller, and the same for balanced data", {
  expect_equal(vcov(orthodont, type = "kenward-roger"), vcov(orthodont), tolerance = 1e-8)
  part <- lmm(distance ~ age + Sex + (1 | Subject), data = nlme::Orthodont[-c(1, 7, 20, 33:35, 80), ])
  adjusted <- vcov(part, type = "kenward-roger")
  expect_gt(min(eigen(adjusted - vcov(part), only.values = TRUE)$values), -1e-12)
  expect_gt(max(abs(adjusted / vcov(part) - 1)), 1e-5)
  expect_identical(dimnames(adjusted), dimnames(vcov(part)))
})

test_that("an unknown type of covariance matrix is refused", {
  expect_error(vcov(orthodont, type = "robust"), class = "mixest_input")
  expect_error(vcov(orthodont, type = 1), class = "mixest_input")
})

test_that("the joint covariance matrix has the fixed effects first, then the variance parameters", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  full <- vcov(fit, full = TRUE)
  expect_identical(full[1:2, 1:2], vcov(fit))
  expect_identical(rownames(full)[-(1:2)], rownames(confint(fit, "theta_", method = "Wald")))
  expect_identical(full[3:6, 3:6], variance_covariance(fit))
  expect_true(all(full[1:2, 3:6] == 0))
  expect_identical(vcov(fit, "kenward-roger", full = TRUE)[1:2, 1:2], vcov(fit, "kenward-roger"))

  dropped <- suppressMessages(lmm(distance ~ age + I(2 * age) + (1 | Subject), nlme::Orthodont))
  expect_identical(vcov(dropped, complete = TRUE, full = TRUE)[1:3, 1:3], vcov(dropped, complete = TRUE))
  none <- lmm(distance ~ 0 + (1 | Subject), nlme::Orthodont)
  expect_identical(rownames(vcov(none, full = TRUE)), c("sd_(Intercept)|Subject", "sigma"))
})

test_that("dropped columns of a design with a character variable need no rows to be named", {
  data <- with_seed(6, data.frame(
    ch = rep(c("low", "high", "mid"), 20), x = rnorm(60), a = gl(10, 6), y = rnorm(60) + rnorm(10)[gl(10, 6)]
  ))
  data$x2 <- 2 * data$x
  of <- function(formula, control = lmm_control()) fit_quietly(formula, data, control = control)
  without <- of(y ~ ch + x + (1 | a))
  for (keep in c(TRUE, FALSE)) {
    fit <- of(y ~ ch + x + x2 + (1 | a), lmm_control(keep_data = keep))
    expect_identical(names(fixef(fit, add.dropped = TRUE)), c("(Intercept)", "chlow", "chmid", "x", "x2"))
    expect_identical(rownames(vcov(fit, complete = TRUE)), names(fixef(fit, add.dropped = TRUE)))
    suppressMessages(
      expect_equal(fixef(update(fit, REML = FALSE)), fixef(update(without, REML = FALSE)), tolerance = 1e-8)
    )
    expect_identical(bootstrap(fit, nsim = 2, seed = 1)$status, factor(rep("converged", 2L)))
    expect_equal(dfbeta(influence(fit)), dfbeta(influence(without)), tolerance = 1e-6)
  }
  with_rows <- of(y ~ ch + x + x2 + (1 | a))
  expect_equal(anova(with_rows)["ch", ], anova(without)["ch", ], tolerance = 1e-6, ignore_attr = TRUE)
  # type III: neither of x and x2 has a hypothesis of its own
  expect_equal(anova(with_rows)[c("x", "x2"), "NumDF"], c(0, 0))
  suppressMessages(expect_equal(fixef(refit(with_rows, data$y^2)), fixef(refit(without, data$y^2)), tolerance = 1e-8))
})

test_that("vcov(correlation = TRUE) is the correlation matrix", {
  fit <- lmm(distance ~ age * Sex + (age | Subject), nlme::Orthodont)
  for (full in c(FALSE, TRUE)) {
    expect_equal(vcov(fit, full = full, correlation = TRUE), cov2cor(vcov(fit, full = full)))
  }
  expect_equal(vcov(fit, type = "CR2", correlation = TRUE), cov2cor(vcov(fit, type = "CR2")))
  for (flag in c("complete", "full", "correlation")) {
    expect_error(do.call(vcov, c(list(fit), setNames(list(NA), flag))), flag, class = "mixest_input")
  }
  expect_error(fixef(fit, add.dropped = "a"), "add.dropped", class = "mixest_input")
})
