# Digits: data with large constants, ill-conditioned designs, extreme units. The truth is in closed
# form on data from which the constant was taken exactly (the difference of two doubles of similar
# size is a double), or NIST's.

expect_exact_one_way <- function(data, origin, REML, tolerance) {
  fit <- fit_quietly(y ~ 1 + (1 | g), data, REML = REML)
  exact <- one_way(data$y - origin, data$g, REML)
  expect_true(convergence(fit)$converged)
  expect_close(deviance(fit), exact$criterion, max(1e-8, 1e-10 * nrow(data)))
  expect_close_relative(sigma(fit)^2, exact$sigma^2, tolerance)
  expect_close_relative(covariance_of(fit), exact$sd_group^2, tolerance)
  expect_close_relative(standard_errors(fit), exact$se, tolerance)
  expect_close(fixef(fit) - origin, exact$beta, 1e-9, scale = exact$se + abs(origin) * 1e-7)
}

test_that("NIST SmLs01-09 are fitted to the last digits that the doubles hold", {
  bases <- rep(c(0, 1e6, 1e12), each = 3L)
  replicates <- rep(c(21L, 201L, 2001L), times = 3L)
  for (set in 1:9) {
    for (REML in c(TRUE, FALSE)) {
      tolerance <- if (set <= 6L) 1e-9 else 1e-6
      expect_exact_one_way(simon_lesage(bases[set], replicates[set]), bases[set], REML, tolerance)
    }
  }
})

test_that("NIST SmLs sets have the certified criterion and variances", {
  certified <- utils::read.csv(test_path("reference", "nist_one_way.csv"))
  for (i in seq_len(nrow(certified))) {
    expected <- certified[i, ]
    set <- as.integer(sub("SmLs", "", expected$dataset))
    data <- simon_lesage(c(0, 1e6, 1e12)[(set + 2L) %/% 3L], expected$N / 9L)
    fit <- lmm(y ~ 1 + (1 | g), data, REML = expected$method == "REML")
    expect_close(deviance(fit), expected$criterion, max(1e-8, 1e-10 * expected$N))
    expect_close_relative(sigma(fit)^2, expected$sigma2, if (set <= 6L) 1e-9 else 1e-6)
    expect_close_relative(covariance_of(fit), expected$tau2, if (set <= 6L) 1e-9 else 1e-6)
    expect_close_relative(standard_errors(fit), expected$se_beta0, if (set <= 6L) 1e-9 else 1e-6)
  }
})

test_that("two instruments that differ in the seventh digit are told apart", {
  # Of the kind of NIST's AtmWtAg: two groups of 24 around 107.868, differences of 1e-7.
  units <- with_seed(1, c(round(rnorm(24, 150, 20)), round(rnorm(24, 0, 20))))
  data <- data.frame(y = 107.868 + 1e-7 * units, g = gl(2L, 24L))
  for (REML in c(TRUE, FALSE)) expect_exact_one_way(data, 107.868, REML, 1e-9)
})

test_that("the within-group variation doesn't drown when the groups are far apart", {
  for (spread in 2^c(10, 20, 30)) {
    data <- with_seed(2, {
      g <- gl(7L, 5L)
      data.frame(g, noise = round(1024 * rnorm(35)) / 1024, level = spread * round(8 * rnorm(7)[g]))
    })
    data$y <- data$level + data$noise
    for (REML in c(TRUE, FALSE)) {
      fit <- fit_quietly(y ~ 1 + (1 | g), data, REML = REML)
      within <- sum((data$noise - ave(data$noise, data$g))^2) / 28
      expect_true(convergence(fit)$converged)
      expect_close_relative(sigma(fit)^2, within, 1e-9)
      expect_close(deviance(fit), one_way(data$y, data$g, REML)$criterion, 1e-6)
      expect_close_relative(covariance_of(fit), one_way(data$y, data$g, REML)$sd_group^2, 1e-9)
    }
  }
})

test_that("Longley's regression has NIST's certified digits", {
  # Groups of every fourth year have a variance of zero, so that the estimates are those of ordinary
  # least squares.
  certified <- data.frame(
    beta = c(
      -3482258.63459582, 15.0618722713733, -0.0358191792925910, -2.02022980381683, -1.03322686717359,
      -0.0511041056535807, 1829.15146461355
    ),
    se = c(
      890420.383607373, 84.9149257747669, 0.0334910077722432, 0.488399681651699, 0.214274163161675, 0.226073200069370,
      455.478499142212
    )
  )
  # datasets::longley has the same data in other units.
  unit <- c(1e-3, 1e-3, 1, 1e-2, 1e-2, 1, 1e-3)
  data <- transform(datasets::longley, g = factor(seq_len(16L) %% 4L))
  fit <- fit_quietly(Employed ~ GNP.deflator + GNP + Unemployed + Armed.Forces + Population + Year + (1 | g), data)
  expect_true(isSingular(fit))
  expect_length(fixef(fit), 7L)
  expect_close(fixef(fit) / (certified$beta * unit), rep(1, 7L), 1e-10)
  expect_close(standard_errors(fit) / (certified$se * unit), rep(1, 7L), 1e-10)
  expect_close_relative(sigma(fit), 0.304854073561965, 1e-11)
})

test_that("raw polynomials of degree 5 lose nothing against orthogonal ones", {
  data <- with_seed(3, data.frame(g = gl(12L, 20L), x = rep(1:20, 12L), y = rep(rnorm(12L), each = 20L) + rnorm(240L)))
  for (shift in c(0, 10)) {
    data$t <- data$x + shift
    raw <- outer(data$t, 0:5, "^")
    orthogonal <- cbind(1, poly(data$t, 5L))
    # Both triangular in the same order: the determinant of the change is that of the diagonals.
    change <- sum(log(abs(diag(qr.R(qr(orthogonal)))))) - sum(log(abs(diag(qr.R(qr(raw, LAPACK = FALSE, tol = 0))))))
    for (REML in c(TRUE, FALSE)) {
      fit <- lmm(y ~ t + I(t^2) + I(t^3) + I(t^4) + I(t^5) + (1 | g), data, REML = REML)
      twin <- lmm(y ~ poly(t, 5) + (1 | g), data, REML = REML)
      expect_length(fixef(fit), 6L)
      expect_close(deviance(fit), deviance(twin) - if (REML) 2 * change else 0, 1e-7)
      expect_close_relative(sigma(fit), sigma(twin), 1e-9)
      # The same curve, as exactly as lm() draws it.
      ols <- lm(y ~ t + I(t^2) + I(t^3) + I(t^4) + I(t^5), data)
      expect_close(coef(ols) / fixef(fit), rep(1, 6L), 1e-7)
      expect_close(predict(fit, re.form = NA), predict(twin, re.form = NA), 1e-9)
    }
  }
})

test_that("columns of size 2^27 beside 2^-27 are kept and scale the estimates exactly", {
  data <- random_data(4, m = 12L, sizes = 2:8, p = 4L, q = 2L)
  big <- transform(data, x1 = 2^27 * x1, x2 = 2^-27 * x2, z1 = 2^27 * z1)
  base <- fit_quietly(y ~ x1 + x2 + x3 + (z1 | g), data, REML = FALSE)
  fit <- fit_quietly(y ~ x1 + x2 + x3 + (z1 | g), big, REML = FALSE)
  unit <- c(1, 2^27, 2^-27, 1)
  expect_close(deviance(fit), deviance(base), 1e-10)
  expect_close(unit * fixef(fit), fixef(base), 1e-10, scale = standard_errors(base))
  expect_close(unit * standard_errors(fit) / standard_errors(base), rep(1, 4L), 1e-10)
})

test_that("nearly collinear columns of full rank are kept and have the digits of the residualised column", {
  data <- with_seed(
    5, data.frame(g = gl(10L, 8L), x = round(1024 * rnorm(80L)) / 1024, e = round(1024 * rnorm(80L)) / 1024)
  )
  data$y <- with_seed(6, data$x + rep(rnorm(10L), each = 8L) + rnorm(80L))
  for (distance in 2^-c(10, 20)) {
    data$near <- data$x + distance * data$e
    fit <- lmm(y ~ x + near + (1 | g), data, REML = FALSE)
    twin <- lmm(y ~ x + e + (1 | g), data, REML = FALSE)
    expect_length(fixef(fit), 3L)
    expect_close(deviance(fit), deviance(twin), 1e-9)
    expect_close(distance * fixef(fit)[["near"]], fixef(twin)[["e"]], 1e-8, scale = standard_errors(twin)[["e"]])
    expect_close_relative(distance * standard_errors(fit)[["near"]], standard_errors(twin)[["e"]], 1e-8)
  }
})

test_that("a response of order 1e160 or 1e-160 is fitted like one of order 1", {
  data <- random_data(7, m = 12L, sizes = 2:8, q = 2L)
  for (REML in c(TRUE, FALSE)) {
    base <- fit_quietly(y ~ x1 + (z1 | g), data, REML = REML)
    nu <- nrow(data) - if (REML) 2 else 0
    for (a in c(1e160, 1e-160, 1e-250, 1e250)) {
      fit <- fit_quietly(v ~ x1 + (z1 | g), transform(data, v = a * y), REML = REML)
      expect_true(convergence(fit)$converged)
      expect_close(deviance(fit), deviance(base) + 2 * nu * log(a), 1e-8)
      expect_close(fixef(fit) / a, fixef(base), 1e-8, scale = standard_errors(base))
      expect_close_relative(sigma(fit) / a, sigma(base), 1e-8)
      expect_close(getME(fit, "theta"), getME(base, "theta"), 1e-7)
      expect_close_relative(attr(VarCorr(fit)$g, "stddev") / a, attr(VarCorr(base)$g, "stddev"), 1e-7)
      expect_close(as.matrix(ranef(fit, condVar = FALSE)$g) / a, as.matrix(ranef(base, condVar = FALSE)$g), 1e-7)
      expect_close(coef(summary(fit, ddf = "none"))[, "Std. Error"] / a, standard_errors(base), 1e-8)
    }
  }
})

test_that("covariates of order 1e150 and 1e-150 are fitted like ones of order 1", {
  data <- random_data(8, m = 12L, sizes = 2:8, q = 2L)
  base <- fit_quietly(y ~ x1 + (z1 | g), data, REML = FALSE)
  for (a in c(1e150, 1e-150)) {
    fit <- fit_quietly(y ~ x1 + (z1 | g), transform(data, x1 = a * x1, z1 = z1 / a), REML = FALSE)
    expect_close(deviance(fit), deviance(base), 1e-8)
    expect_close(a * fixef(fit)[["x1"]], fixef(base)[["x1"]], 1e-8, scale = standard_errors(base)[["x1"]])
    expect_close_relative(attr(VarCorr(fit)$g, "stddev") * c(1, 1 / a), attr(VarCorr(base)$g, "stddev"), 1e-7)
  }
})

test_that("six random effects in one term are fitted and certified", {
  data <- random_data(9, m = 80L, sizes = 8:20, q = 6L)
  fit <- fit_quietly(y ~ x1 + (z1 + z2 + z3 + z4 + z5 | g), data)
  expect_true(convergence(fit)$converged)
  expect_length(getME(fit, "theta"), 21L)
  model <- dense_model(y ~ x1, ~ z1 + z2 + z3 + z4 + z5, data)
  expect_close(deviance(fit), dense_criterion(model, psi_of(getME(fit, "theta"), "us", 6L)), 1e-8)
})
