fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("VarCorr() is sigma^2 times the relative covariance", {
  components <- VarCorr(fit)
  expect_named(components, "Subject")
  D <- components$Subject
  expect_equal(matrix(D, 2), unname(sigma(fit)^2 * getME(fit, "Psi")), tolerance = 1e-12)
  expect_equal(attr(D, "stddev"), sqrt(diag(getME(fit, "D"))), tolerance = 1e-12)
  expect_equal(attr(D, "correlation"), cov2cor(getME(fit, "D")), tolerance = 1e-12)
  expect_identical(attr(components, "sc"), sigma(fit))
  expect_equal(attr(VarCorr(fit, sigma = 2)$Subject, "stddev"), 2 * attr(D, "stddev"))
})

test_that("as.data.frame() has lme4's rows and columns", {
  rows <- as.data.frame(VarCorr(fit))
  expect_named(rows, c("grp", "var1", "var2", "vcov", "sdcor"))
  expect_identical(rows$grp, c("Subject", "Subject", "Subject", "Residual"))
  expect_identical(rows$var1, c("(Intercept)", "age", "(Intercept)", NA))
  expect_identical(rows$var2, c(NA, NA, "age", NA))
  D <- getME(fit, "D")
  expect_equal(rows$vcov, unname(c(diag(D), D[1, 2], sigma(fit)^2)), tolerance = 1e-12)
  expect_equal(rows$sdcor, unname(c(sqrt(diag(D)), cov2cor(D)[1, 2], sigma(fit))), tolerance = 1e-12)
})

test_that("the balanced one-way layout has the variance components of the analysis of variance", {
  table <- anova(lm(travel ~ Rail, data = nlme::Rail))
  fit <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
  expect_equal(VarCorr(fit)$Rail[1], (table$`Mean Sq`[1] - table$`Mean Sq`[2]) / 3, tolerance = 1e-9)
  expect_equal(sigma(fit)^2, table$`Mean Sq`[2], tolerance = 1e-9)
})

test_that("a correlation beside a zero standard deviation is NaN, a correlation at its limit is exactly 1", {
  factor <- cbind(c(2, 4, 0), 0, 0)
  D <- term_covariance(factor, 1, list(names = c("a", "b", "c"), structure = "us"))
  expect_identical(attr(D, "correlation")["b", "a"], 1)
  expect_true(is.nan(attr(D, "correlation")["c", "a"]))
  expect_identical(unname(attr(D, "stddev")), c(2, 4, 0))
})

test_that("the residual scale must be a number", {
  expect_error(VarCorr(fit, sigma = "a"), class = "mixest_input")
  expect_error(VarCorr(fit, sigma = NA_real_), class = "mixest_input")
})

test_that("what is printed can be chosen", {
  expect_output(print(VarCorr(fit)), "Std.Dev. Corr")
  expect_output(print(VarCorr(fit), comp = c("Variance", "Std.Dev.")), "Variance *Std.Dev. Corr")
  expect_error(print(VarCorr(fit), comp = "Mean"), class = "mixest_input")
})

test_that("terms on several grouping factors have lme4's names and rows", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  table <- as.data.frame(VarCorr(oats))
  expect_identical(table$grp, c("Variety:Block", "Block", "Residual"))
  expect_identical(table$var1, c("(Intercept)", "(Intercept)", NA))
  expect_equal(table$sdcor, table$vcov^0.5)
})
