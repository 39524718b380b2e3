fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
by_ml <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont, REML = FALSE)

# -2 log-likelihood or REML criterion from dense matrices.
dense_criterion <- function(fit, REML) {
  X <- model.matrix(fit)
  y <- getME(fit, "y")
  V <- as.matrix(getME(fit, "V"))
  beta <- solve(crossprod(X, solve(V, X)), crossprod(X, solve(V, y)))
  r <- y - X %*% beta
  n <- length(y) - if (REML) ncol(X) else 0
  information <- if (REML) determinant(crossprod(X, solve(V, X)))$modulus else 0
  as.numeric(n * log(2 * pi) + determinant(V)$modulus + information + crossprod(r, solve(V, r)))
}

test_that("the log-likelihood is that of the marginal normal distribution", {
  expect_equal(deviance(by_ml), dense_criterion(by_ml, REML = FALSE), tolerance = 1e-10)
  expect_equal(deviance(fit), dense_criterion(fit, REML = TRUE), tolerance = 1e-10)
  expect_equal(as.numeric(logLik(fit)), -deviance(fit) / 2)
})

test_that("logLik() counts fixed effects, covariance parameters and sigma", {
  expect_identical(attr(logLik(fit), "df"), 2L + 3L + 1L)
  expect_identical(attr(logLik(fit), "nobs"), 108L)
  expect_equal(AIC(fit), deviance(fit) + 12)
  expect_equal(BIC(fit), deviance(fit) + 6 * log(108))
  expect_equal(df.residual(fit), 102)
})

test_that("the other likelihood is profiled at the same theta", {
  expect_identical(logLik(fit, REML = TRUE), logLik(fit))
  expect_equal(deviance(fit, REML = FALSE), as.numeric(devfun(by_ml)(getME(fit, "theta"))), tolerance = 1e-12)
  expect_false(attr(logLik(fit, REML = FALSE), "REML"))
  expect_error(logLik(fit, REML = "no"), class = "mixest_input")
  expect_error(deviance(fit, REML = NA), class = "mixest_input")
})

test_that("deviance() of a REML fit doesn't warn", {
  expect_silent(deviance(fit))
})

test_that("sizes are those of the data", {
  expect_identical(nobs(fit), 108L)
  expect_identical(ngrps(fit), c(Subject = 27L))
  expect_true(isREML(fit))
  expect_false(isREML(by_ml))
})

test_that("rows of zero weight don't count", {
  data <- nlme::Orthodont
  data$w <- rep(c(1, 1, 1, 0), 27)
  weighted <- lmm(distance ~ age + (1 | Subject), data = data, weights = w)
  deleted <- lmm(distance ~ age + (1 | Subject), data = data[data$w > 0, ])
  expect_identical(nobs(weighted), 81L)
  expect_equal(logLik(weighted), logLik(deleted), tolerance = 1e-10)
  expect_length(fitted(weighted), 108)
})
