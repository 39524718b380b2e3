orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (age | Subject), orthodont)

test_that("shares are those of the variances over the rows", {
  mean <- fitted(fit, level = 0)
  U <- cbind(1, orthodont$age)
  variance <- c(mean((mean - mean(mean))^2), mean(rowSums((U %*% VarCorr(fit)$Subject) * U)), sigma(fit)^2)
  explained <- variance_explained(fit)
  expect_identical(explained$sources$source, c("fixed effects", "Subject", "residual"))
  expect_equal(explained$sources$variance, variance)
  expect_equal(explained$sources$share, variance / sum(variance))
  expect_equal(explained$r2, c(marginal = variance[1L], conditional = sum(variance[1:2])) / sum(variance))
})

test_that("the null model has an intercept for each factor, weights and offset of the fit", {
  offset <- lmm(distance ~ age + offset(age / 2) + (age | Subject), orthodont, weights = age)
  null <- lmm(distance ~ 1 + offset(age / 2) + (1 | Subject), orthodont, weights = age)
  table <- as.data.frame(variance_explained(offset))
  expect_equal(table$null[3L], sigma(null)^2)
  expect_equal(table$null[2L], VarCorr(null)$Subject[1L])
  expect_equal(table$explained[2:3], 1 - table$variance[2:3] / table$null[2:3])
  expect_equal(variance_explained(offset, null), variance_explained(offset))
  expect_named(as.data.frame(variance_explained(offset, FALSE)), c("source", "variance", "share"))
})

test_that("shares do not depend on the unit of the response", {
  scaled <- lmm(1000 * distance ~ age + Sex + (age | Subject), orthodont)
  expect_equal(variance_explained(scaled)$r2, variance_explained(fit)$r2, tolerance = 1e-6)
})

test_that("what can't be compared is refused, and the object prints", {
  expect_error(variance_explained(fit, 3), "null", class = "mixest_input")
  other <- lmm(distance ~ 1 + (1 | Subject), orthodont[-1, ])
  expect_error(variance_explained(fit, other), "107", class = "mixest_input")
  expect_output(print(variance_explained(fit)), "R2: marginal")
})
