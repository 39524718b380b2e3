# devfun(): value, gradient and Hessian against the dense oracle at random parameters.

for (REML in c(TRUE, FALSE)) {
  criterion <- if (REML) "REML" else "ML"

  test_that(paste("a random intercept has the oracle's", criterion, "criterion and derivatives"), {
    data <- random_data(1, q = 1L, p = 3L)
    fit <- fit_quietly(y ~ x1 + x2 + (1 | g), data, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1 + x2, ~1, data), "us", 1L)
  })

  test_that(paste("random slopes have the oracle's", criterion, "criterion and derivatives"), {
    data <- random_data(2, q = 2L, p = 3L)
    expect_oracle(fit_quietly(y ~ x1 + x2 + (z1 | g), data, REML = REML), dense_model(y ~ x1 + x2, ~z1, data), "us", 2L)
    data <- random_data(3, q = 3L, m = 15L)
    expect_oracle(
      fit_quietly(y ~ x1 + (z1 + z2 | g), data, REML = REML), dense_model(y ~ x1, ~ z1 + z2, data), "us", 3L
    )
  })

  test_that(paste("four and five random effects have the oracle's", criterion, "criterion and derivatives"), {
    data <- random_data(4, q = 4L, m = 20L)
    expect_oracle(fit_quietly(
      y ~ x1 + (z1 + z2 + z3 | g), data, REML = REML
    ), dense_model(y ~ x1, ~ z1 + z2 + z3, data), "us", 4L, times = 2L)
    data <- random_data(5, q = 5L, m = 24L, sizes = 1:12)
    fit <- fit_quietly(y ~ x1 + (z1 + z2 + z3 + z4 | g), data, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, ~ z1 + z2 + z3 + z4, data), "us", 5L, times = 2L)
  })

  test_that(paste("weights and offset enter the", criterion, "criterion as in the oracle"), {
    data <- random_data(6, q = 2L)
    fit <- fit_quietly(y ~ x1 + offset(o) + (z1 | g), data, weights = w, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, ~z1, data, weights = "w", offset = "o"), "us", 2L)
    data$w[c(2, 3, 11)] <- 0
    fit <- fit_quietly(y ~ x1 + (z1 | g), data, weights = w, offset = o, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, ~z1, data, weights = "w", offset = "o"), "us", 2L)
  })

  test_that(paste(
    "groups with fewer rows than random effects have the oracle's", criterion, "criterion and derivatives"
  ), {
    data <- random_data(7, q = 3L, m = 40L, sizes = 1:2)
    expect_oracle(
      fit_quietly(y ~ x1 + (z1 + z2 | g), data, REML = REML), dense_model(y ~ x1, ~ z1 + z2, data), "us", 3L, times = 2L
    )
    data <- random_data(8, q = 2L, m = 30L, sizes = c(1, 1, 1, 6))
    expect_oracle(fit_quietly(y ~ x1 + (z1 | g), data, REML = REML), dense_model(y ~ x1, ~z1, data), "us", 2L)
  })

  test_that(paste("a model without fixed effects has the oracle's", criterion, "criterion and derivatives"), {
    data <- random_data(9, q = 2L)
    expect_oracle(fit_quietly(y ~ 0 + (1 | g), data, REML = REML), dense_model(y ~ 0, ~1, data), "us", 1L)
    expect_oracle(fit_quietly(y ~ 0 + (z1 | g), data, REML = REML), dense_model(y ~ 0, ~z1, data), "us", 2L)
  })

  test_that(paste("without an intercept nothing is shifted: the", criterion, "criterion is the oracle's"), {
    data <- random_data(10, q = 3L, p = 3L)
    expect_oracle(fit_quietly(
      y ~ 0 + x1 + x2 + (0 + z1 | g), data, REML = REML
    ), dense_model(y ~ 0 + x1 + x2, ~ 0 + z1, data), "us", 1L)
    expect_oracle(
      fit_quietly(y ~ x1 + (0 + z1 + z2 | g), data, REML = REML), dense_model(y ~ x1, ~ 0 + z1 + z2, data), "us", 2L
    )
    expect_oracle(fit_quietly(y ~ 0 + x1 + (z1 | g), data, REML = REML), dense_model(y ~ 0 + x1, ~z1, data), "us", 2L)
  })

  test_that(paste("factors in both parts have the oracle's", criterion, "criterion and derivatives"), {
    machines <- as.data.frame(nlme::Machines)
    machines$Machine <- factor(machines$Machine, ordered = FALSE)
    fit <- fit_quietly(score ~ Machine + (0 + Machine | Worker), machines, REML = REML)
    expect_oracle(fit, dense_model(score ~ Machine, ~ 0 + Machine, machines, group = "Worker"), "us", 3L)
  })

  test_that(paste(
    "several terms on one group have the oracle's", criterion, "criterion and derivatives, theta in formula order"
  ), {
    data <- random_data(11, q = 4L, m = 16L)
    fit <- fit_quietly(y ~ x1 + (z1 | g) + (0 + z2 | g), data, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, list(~z1, ~ 0 + z2), data), c("us", "us"), c(2L, 1L), times = 2L)
    fit <- fit_quietly(y ~ x1 + (0 + z2 | g) + (z1 | g), data, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, list(~ 0 + z2, ~z1), data), c("us", "us"), c(1L, 2L), times = 2L)
    fit <- fit_quietly(y ~ x1 + diag(1 + z1 | g) + homcs(0 + z2 + z3 | g), data, REML = REML)
    expect_oracle(fit, dense_model(y ~ x1, list(~z1, ~ 0 + z2 + z3), data), c("diag", "homcs"), c(2L, 2L), times = 2L)
  })
}

# The structures: parameters of users are standard deviations, then correlations.
data_of_structures <- random_data(12, q = 4L, m = 16L)

test_that("diag() and homdiag() have the oracle's criterion and derivatives", {
  data <- data_of_structures
  model <- dense_model(y ~ x1, ~ z1 + z2, data)
  expect_oracle(fit_quietly(y ~ x1 + diag(z1 + z2 | g), data), model, "diag", 3L)
  expect_oracle(fit_quietly(y ~ x1 + diag(z1 + z2 | g), data, REML = FALSE), model, "diag", 3L)
  expect_oracle(fit_quietly(y ~ x1 + homdiag(z1 + z2 | g), data), model, "homdiag", 3L)
  expect_oracle(fit_quietly(y ~ x1 + homdiag(z1 + z2 | g), data, REML = FALSE), model, "homdiag", 3L)
})

test_that("cs() and homcs() have the oracle's criterion and derivatives", {
  data <- data_of_structures
  model <- dense_model(y ~ x1, ~ z1 + z2, data)
  expect_oracle(fit_quietly(y ~ x1 + cs(z1 + z2 | g), data), model, "cs", 3L)
  expect_oracle(fit_quietly(y ~ x1 + cs(z1 + z2 | g), data, REML = FALSE), model, "cs", 3L)
  expect_oracle(fit_quietly(y ~ x1 + homcs(z1 + z2 | g), data), model, "homcs", 3L)
  expect_oracle(fit_quietly(y ~ x1 + homcs(z1 + z2 | g), data, REML = FALSE), model, "homcs", 3L)
})

test_that("ar1() and toep() have the oracle's criterion and derivatives", {
  data <- data_of_structures
  model <- dense_model(y ~ x1, ~ z1 + z2 + z3, data)
  expect_oracle(fit_quietly(y ~ x1 + ar1(z1 + z2 + z3 | g), data), model, "ar1", 4L)
  expect_oracle(fit_quietly(y ~ x1 + ar1(z1 + z2 + z3 | g), data, REML = FALSE), model, "ar1", 4L)
  expect_oracle(fit_quietly(y ~ x1 + toep(z1 + z2 + z3 | g), data), model, "toep", 4L)
  expect_oracle(fit_quietly(y ~ x1 + toep(z1 + z2 + z3 | g), data, REML = FALSE), model, "toep", 4L)
})

test_that("structures of two columns and of one have the oracle's criterion and derivatives", {
  data <- data_of_structures
  pair <- dense_model(y ~ x1, ~z1, data)
  one <- dense_model(y ~ x1, ~ 0 + z1, data)
  fits <- list(
    diag = list(fit_quietly(y ~ x1 + diag(z1 | g), data), fit_quietly(y ~ x1 + diag(0 + z1 | g), data)),
    homdiag = list(fit_quietly(y ~ x1 + homdiag(z1 | g), data), fit_quietly(y ~ x1 + homdiag(0 + z1 | g), data)),
    cs = list(fit_quietly(y ~ x1 + cs(z1 | g), data), fit_quietly(y ~ x1 + cs(0 + z1 | g), data)),
    homcs = list(fit_quietly(y ~ x1 + homcs(z1 | g), data), fit_quietly(y ~ x1 + homcs(0 + z1 | g), data)),
    ar1 = list(fit_quietly(y ~ x1 + ar1(z1 | g), data), fit_quietly(y ~ x1 + ar1(0 + z1 | g), data)),
    toep = list(fit_quietly(y ~ x1 + toep(z1 | g), data), fit_quietly(y ~ x1 + toep(0 + z1 | g), data))
  )
  for (structure in names(fits)) {
    expect_oracle(fits[[structure]][[1L]], pair, structure, 2L)
    expect_oracle(fits[[structure]][[2L]], one, "diag", 1L)
  }
})

# What is computed at the estimate.

test_that("estimates, standard errors, BLUPs and their covariances are the oracle's at the fitted theta", {
  for (REML in c(TRUE, FALSE)) {
    data <- random_data(13, q = 2L, p = 3L)
    fit <- fit_quietly(y ~ x1 + x2 + offset(o) + (z1 | g), data, weights = w, REML = REML)
    model <- dense_model(y ~ x1 + x2, ~z1, data, weights = "w", offset = "o")
    expect_oracle_estimates(fit, model, psi_of(getME(fit, "theta"), "us", 2L))

    data <- random_data(14, q = 3L, m = 25L, sizes = 1:5)
    fit <- fit_quietly(y ~ x1 + (z1 + z2 | g), data, REML = REML)
    expect_oracle_estimates(fit, dense_model(y ~ x1, ~ z1 + z2, data), psi_of(getME(fit, "theta"), "us", 3L))

    fit <- fit_quietly(y ~ x1 + toep(z1 + z2 | g), data, REML = REML)
    expect_oracle_estimates(fit, dense_model(y ~ x1, ~ z1 + z2, data), psi_of(getME(fit, "theta"), "toep", 3L))
  }
})

test_that("an ML fit's deviance is -2 log density of the response at the estimates", {
  data <- random_data(15, q = 2L)
  fit <- fit_quietly(y ~ x1 + (z1 | g), data, weights = w, REML = FALSE)
  model <- dense_model(y ~ x1, ~z1, data, weights = "w")
  expect_close(deviance(fit), dense_deviance(model, fixef(fit), covariance_of(fit), sigma(fit)), 1e-10)
  expect_close(-2 * as.numeric(logLik(fit)), deviance(fit), 1e-12)
})

test_that("the REML criterion at the ML estimate of theta, and the reverse, are the oracle's", {
  data <- random_data(16, q = 2L)
  model <- dense_model(y ~ x1, ~z1, data)
  for (REML in c(TRUE, FALSE)) {
    fit <- fit_quietly(y ~ x1 + (z1 | g), data, REML = REML)
    expect_close(-2 * as.numeric(logLik(fit, REML = !REML)), dense_criterion(
      model, psi_of(getME(fit, "theta"), "us", 2L), !REML
    ), 1e-10)
  }
})

test_that("logLik() counts every structure's parameters, the fixed effects and sigma", {
  data <- data_of_structures
  count <- function(formula) attr(logLik(fit_quietly(formula, data)), "df") - 3L
  expect_equal(count(y ~ x1 + us(z1 + z2 | g)), 6)
  expect_equal(count(y ~ x1 + diag(z1 + z2 | g)), 3)
  expect_equal(count(y ~ x1 + homdiag(z1 + z2 | g)), 1)
  expect_equal(count(y ~ x1 + cs(z1 + z2 | g)), 4)
  expect_equal(count(y ~ x1 + homcs(z1 + z2 | g)), 2)
  expect_equal(count(y ~ x1 + ar1(z1 + z2 | g)), 2)
  expect_equal(count(y ~ x1 + toep(z1 + z2 | g)), 5)
  expect_equal(count(y ~ x1 + (z1 | g) + (0 + z2 | g)), 4)
})
