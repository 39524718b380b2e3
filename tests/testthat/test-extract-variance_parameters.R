# Balanced one-way layout by REML: between and within mean squares are independent, with variances 2
# lambda^2 / (k - 1) and 2 sigma^4 / (k (r - 1)).
balanced <- with_seed(3, {
  g <- gl(12, 5)
  data.frame(g = g, y = 10 + 2 * rnorm(12)[g] + rnorm(60))
})

test_that("standard errors of a balanced one-way layout are those of its mean squares", {
  fit <- lmm(y ~ 1 + (1 | g), balanced)
  closed <- one_way(balanced$y, balanced$g)
  s2 <- closed$sigma^2
  lambda <- s2 + 5 * closed$sd_group^2
  var_sd2 <- (2 * lambda^2 / 11 + 2 * s2^2 / 48) / 25
  errors <- component_errors(fit)
  expect_close(errors[1L], sqrt(var_sd2) / (2 * closed$sd_group), 1e-8)
  expect_close(errors[2L], closed$sigma / sqrt(2 * 48), 1e-8)
  # cov(sd^2, sigma^2) = -var(sigma^2) / r
  expect_close(variance_covariance(fit)[1L, 2L], -2 * s2^2 / 48 / 5 / (4 * closed$sd_group * closed$sigma), 1e-8)
})

test_that("the covariance of the parameters inverts half of the Hessian of the dense criterion", {
  for (structure in c("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep")) for (REML in c(TRUE, FALSE)) {
    q <- if (structure == "us") 2L else 3L
    data <- random_data(7L, m = 15L, sizes = 4:8, q = q, Psi = 0.5 * diag(q) + 0.2)
    effects <- paste(paste0("z", seq_len(q - 1L)), collapse = " + ")
    fit <- lmm(reformulate(c("x1", sprintf("%s(%s | g)", structure, effects)), "y"), data, REML = REML)
    model <- dense_model(y ~ x1, reformulate(effects), data)
    d <- length(fit$theta)
    criterion <- function(x) dense_criterion(model, psi_of(x[seq_len(d)], structure, q), REML, exp(x[d + 1L]))
    expected <- numeric_hessian(criterion, c(fit$theta, log(fit$sigma)), step = 0.02) / 2
    at <- cpp_variance_information(fit$stats, fit$random$terms, REML, fit$theta)
    expect_close_relative(solve(at$covariance), expected, 1e-6)
  }
})

test_that("the slopes of the parameters are those of their definitions", {
  data <- random_data(7L, m = 15L, sizes = 4:8, q = 3L, Psi = 0.5 * diag(3) + 0.2)
  fit <- lmm(y ~ x1 + (z1 + z2 | g), data)
  parameters <- interval_parameters(fit)
  parameters <- parameters[parameters$kind != "fixed", ]
  value <- function(x, i) {
    D <- exp(2 * x[7L]) * psi_of(x[1:6], "us", 3L)
    switch(parameters$kind[i], sigma = exp(x[7L]), sd = sqrt(D[parameters$row[i], parameters$row[i]]),
      cor = cov2cor(D)[parameters$row[i], parameters$column[i]])
  }
  at <- c(fit$theta, log(fit$sigma))
  expected <- t(
    vapply(seq_len(nrow(parameters)), function(i) numeric_gradient(function(x) value(x, i), at), numeric(7))
  )
  expect_close(variance_slopes(fit, parameters), expected, 1e-8)
  expect_equal(unname(variance_estimates(fit)), vapply(seq_len(nrow(parameters)), function(i) value(at, i), 0))
})

test_that("standard errors follow the rows of as.data.frame(VarCorr())", {
  for (formula in list(y ~ x1 + (z1 | g), y ~ x1 + (z1 || g), y ~ x1 + (1 | g) + (0 + z1 | g))) {
    fit <- lmm(formula, random_data(9L, m = 15L, sizes = 4:8))
    rows <- as.data.frame(VarCorr(fit))
    errors <- rows$std.error
    expect_true(all(errors > 0))
    own <- sqrt(diag(variance_covariance(fit)))
    expect_equal(sort(errors), sort(unname(own)))
    expect_equal(errors[nrow(rows)], own[["sigma"]])
  }
})

test_that("there are no standard errors at the boundary, and the others are those of the reduced model", {
  data <- data.frame(g = gl(6, 4), y = c(1, 4, 2, 5) + rep(c(0, 0.1, -0.1), each = 4))
  fit <- fit_quietly(y ~ 1 + (1 | g), data)
  errors <- component_errors(fit)
  expect_identical(errors[1L], NA_real_)
  expect_close(errors[2L], fit$sigma / sqrt(2 * 23), 1e-10)
  expect_identical(unname(confint(fit, "sd_(Intercept)|g", method = "Wald")[1L, ]), c(NA_real_, NA_real_))
})

test_that("with a correlation at its limit the others are those of the model in which it is known", {
  # Of two columns: cs and toep are us. homcs and ar1 have one column then, z + 1 or z - 1.
  limits <- c()
  for (seed in 1:3) {
    data <- with_seed(seed, {
      data <- data.frame(g = gl(8, 4), h = gl(4, 1, 32), x = rnorm(32))
      slope <- switch(seed, 0.8, 1, -1)
      transform(data, y = x + 1.5 * rnorm(8)[g] * (1 + slope * x) + 2 * rnorm(4)[h] + rnorm(32))
    })
    fits <- lapply(c(us = "us", cs = "cs", toep = "toep", homcs = "homcs", ar1 = "ar1"), function(structure) {
      fit_quietly(reformulate(c("x", sprintf("%s(x | g)", structure), "(1 | h)"), "y"), data)
    })
    data$u <- if (getME(fits$homcs, "Psi")[1, 2] > 0) 1 + data$x else 1 - data$x
    fits$known <- fit_quietly(y ~ x + (0 + u | g) + (1 | h), data)
    errors <- lapply(fits, function(fit) {
      own <- c("sd_(Intercept)|h", "sigma")
      variance_covariance(fit)[own, own]
    })
    for (structure in c("cs", "toep")) {
      if (isSingular(fits[[structure]])) expect_close_relative(errors[[structure]], errors$us, 1e-6)
    }
    for (structure in c("homcs", "ar1")) {
      if (isSingular(fits[[structure]])) expect_close_relative(errors[[structure]], errors$known, 1e-6)
    }
    shares <- lapply(fits[c("us", "cs", "toep")], function(fit) icc(fit, at = data.frame(x = 0.5))$std.error)
    expect_equal(shares$cs, shares$us, tolerance = 1e-6)
    expect_equal(shares$toep, shares$us, tolerance = 1e-6)
    limits <- c(limits, vapply(fits, isSingular, NA))
  }
  expect_true(all(tapply(limits, names(limits), any)[c("cs", "toep", "homcs", "ar1")]))
})

test_that("the origin of a covariate does not matter", {
  data <- with_seed(4, transform(
    data.frame(g = gl(20, 6), x = round(rnorm(120), 3)), y = x + rnorm(20)[g] + 0.8 * rnorm(20)[g] * x + rnorm(120)
  ))
  own <- c("sd_x|g", "sigma")
  for (shift in 2^c(10, 20, 26, 30)) {
    moved <- transform(data, x = x + shift)
    exact <- transform(data, x = moved$x - shift)
    expect_close_relative(
      variance_covariance(lmm(y ~ x + (x | g), moved))[own, own],
      variance_covariance(lmm(y ~ x + (x | g), exact))[own, own], 1e-6
    )
  }
})
