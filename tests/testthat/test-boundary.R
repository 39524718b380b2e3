# Estimates on the boundary are exact, flagged, and reached from anywhere.

expect_least_squares <- function(fit, ols) {
  expect_identical(unname(getME(fit, "theta")), rep(0, length(getME(fit, "theta"))))
  expect_true(isSingular(fit))
  expect_true(convergence(fit)$converged)
  expect_true(all(as.matrix(ranef(fit)[[1L]]) == 0))
  expect_true(all(covariance_of(fit) == 0))
  expect_close(fixef(fit), coef(ols), 1e-10, scale = sqrt(diag(vcov(ols))))
  expect_close(deviance(fit), -2 * as.numeric(logLik(ols, REML = isREML(fit))), 1e-9)
  s2 <- sum(resid(ols)^2) / (length(resid(ols)) - if (isREML(fit)) length(coef(ols)) else 0)
  expect_close_relative(sigma(fit)^2, s2, 1e-11)
  expect_close_relative(vcov(fit), vcov(ols) * s2 / sigma(ols)^2, 1e-10)
}

test_that("Dyestuff2 has a variance of exactly zero and is ordinary least squares", {
  skip_if_not_installed("lme4")
  for (REML in c(TRUE, FALSE)) {
    expect_least_squares(
      fit_quietly(Yield ~ 1 + (1 | Batch), lme4::Dyestuff2, REML = REML), lm(Yield ~ 1, lme4::Dyestuff2)
    )
  }
})

test_that("a negative within-group correlation gives a variance of exactly zero", {
  data <- data.frame(y = rep(c(1, -1, 2, -2), 10) + rep(c(.1, -.1, .2, -.2), 10), x = rep(1:4, 10), g = gl(10, 4))
  for (REML in c(TRUE, FALSE)) {
    expect_least_squares(fit_quietly(y ~ 1 + (1 | g), data, REML = REML), lm(y ~ 1, data))
    fit <- fit_quietly(y ~ x + (1 | g), data, REML = REML)
    expect_least_squares(fit, lm(y ~ x, data))
    expect_equal(as.integer(convergence(fit)$rank), 0L)
    expect_gt(convergence(fit)$kkt_min_eigen, 0)
  }
})

test_that("a covariance matrix of rank 0 is exactly zero", {
  data <- with_seed(1, data.frame(g = gl(8, 6), z = rep(1:6, 8), y = as.vector(replicate(8, scale(rnorm(6))))))
  # Without between-group variation of level and slope, whatever the random residuals are.
  data$y <- resid(lm(y ~ g + g:z, data)) + 0.2 * data$z
  fit <- fit_quietly(y ~ z + (z | g), data)
  expect_least_squares(fit, lm(y ~ z, data))
  expect_equal(as.integer(convergence(fit)$rank), 0L)
})

test_that("a boundary estimate is said once, by a message of class mixest_singular", {
  data <- data.frame(y = rep(c(1, -1, 2, -2), 10), g = gl(10, 4))
  messages <- list()
  withCallingHandlers(lmm(y ~ 1 + (1 | g), data), mixest_singular = function(m) {
    messages[[length(messages) + 1L]] <<- m
    invokeRestart("muffleMessage")
  })
  expect_length(messages, 1L)
  expect_s3_class(messages[[1L]], "message")
  expect_no_singular <- withCallingHandlers(
    lmm(distance ~ age + (1 | Subject), nlme::Orthodont),
    mixest_singular = function(m) fail("an interior estimate was called singular")
  )
  expect_false(isSingular(expect_no_singular))
})

test_that("the smallest variances above zero are estimated, not rounded to zero", {
  # theta^2 = (F - 1) / r in the balanced one-way layout; the group means are set so that F - 1 is
  # what the loop says.
  noise <- with_seed(2, as.vector(replicate(5, scale(rnorm(4), scale = FALSE))))
  within <- sum(noise^2) / 15
  with_excess <- function(excess) data.frame(
    g = gl(5, 4), y = noise + rep(scale(1:5) * sqrt(within * (1 + excess) / 4), each = 4)
  )
  for (excess in c(1e-2, 1e-3, 1e-4)) {
    data <- with_excess(excess)
    fit <- fit_quietly(y ~ 1 + (1 | g), data)
    expect_false(isSingular(fit))
    expect_close_relative(getME(fit, "theta")^2, excess / 4, 1e-4)
    data <- with_excess(-excess)
    fit <- fit_quietly(y ~ 1 + (1 | g), data)
    expect_true(isSingular(fit))
    expect_identical(unname(getME(fit, "theta")), 0)
  }
  # Nearer to F = 1 the criterion is flat to its last digits; the estimate is still a small one.
  for (excess in c(1e-6, 1e-8, 0, -1e-8, -1e-6)) {
    data <- with_excess(excess)
    fit <- fit_quietly(y ~ 1 + (1 | g), data)
    expect_true(convergence(fit)$converged)
    expect_close(deviance(fit), one_way(data$y, data$g)$criterion, 1e-9)
    expect_lt(getME(fit, "theta"), 5e-3)
  }
})

test_that("a correlation at its limit is exactly there and D has an exact lower rank", {
  found <- 0L
  for (seed in 1:10) {
    data <- random_data(70 + seed, m = 8L, sizes = 2:6, q = 2L, Psi = matrix(c(1, 0.7, 0.7, 0.5), 2L))
    fit <- fit_quietly(y ~ x1 + (z1 | g), data)
    theta <- unname(getME(fit, "theta"))
    expect_identical(isSingular(fit), convergence(fit)$rank < 2L)
    if (!isSingular(fit)) next
    found <- found + 1L
    expect_identical(theta[3L], 0)
    if (all(theta[1:2] != 0)) {
      expect_close(abs(attr(VarCorr(fit)[[1L]], "correlation")[2L, 1L]), 1, 4e-16)
      expect_match(convergence(fit)$message, "correlation")
    }
    expect_equal(as.integer(convergence(fit)$rank), 1L)
    expect_equal(qr(covariance_of(fit))$rank, 1L)
  }
  expect_gt(found, 2L)
})

test_that("a first variance of zero beside a positive one is exactly zero", {
  # Groups differ in slope only, the least squares levels at z = 0 are all the same.
  z <- -2:2
  data <- with_seed(4, {
    noise <- as.vector(replicate(8, resid(lm(rnorm(5) ~ z))))
    data.frame(g = gl(8, 5), z = rep(z, 8), y = noise + rep(rnorm(8, 1, 2), each = 5) * rep(z, 8))
  })
  fit <- fit_quietly(y ~ z + (z | g), data)
  expect_identical(unname(getME(fit, "theta"))[1:2], c(0, 0))
  expect_gt(getME(fit, "theta")[[3L]], 0.5)
  expect_true(all(ranef(fit)$g[["(Intercept)"]] == 0))
  expect_true(isSingular(fit))
  independent <- fit_quietly(y ~ z + (z || g), data)
  expect_identical(unname(getME(independent, "theta"))[1L], 0)
  expect_close(deviance(independent), deviance(fit), 1e-9)
})

# Around Psi = 0, and around a zero variance of one effect, the gradient in the factor vanishes
# whether or not it is an optimum.
saddles <- function(theta) {
  zero <- 0 * theta
  list(zero, replace(zero, 1L, 1), replace(zero, length(zero), 1), replace(zero, 1L, 1e-6))
}

test_that("starts at a saddle or a false zero reach the optimum", {
  for (seed in 1:11) {
    q <- 2L + seed %% 2L
    data <- random_data(80 + seed, m = 7L, sizes = 2:6, q = q, Psi = diag(c(0.6, 0.4, 0.3)[seq_len(q)]))
    formula <- if (q == 2L) y ~ x1 + (z1 | g) else y ~ x1 + (z1 + z2 | g)
    fit <- fit_quietly(formula, data)
    for (start in saddles(getME(fit, "theta"))) {
      expect_close(deviance(fit_quietly(formula, data, start = list(theta = start))), deviance(fit), 1e-8)
    }
  }
})

test_that("where a likelihood has two optima each start ends in one of them, and several starts in the better one", {
  data <- random_data(92, m = 7L, sizes = 2:6, q = 2L, Psi = diag(c(0.6, 0.4)))
  model <- dense_model(y ~ x1, ~z1, data)
  best <- fit_quietly(y ~ x1 + (z1 | g), data, control = lmm_control(starts = 5L))
  expect_kkt(best, model, 2L)
  found <- vapply(saddles(getME(best, "theta")), function(start) {
    fit <- fit_quietly(y ~ x1 + (z1 | g), data, start = list(theta = start))
    expect_kkt(fit, model, 2L)
    deviance(fit)
  }, 0)
  expect_true(all(found > deviance(best) - 1e-8))
  expect_gt(max(found), deviance(best) + 1)
})

test_that("an optimum at the boundary isn't taken when another is better", {
  # Sparse groups whose likelihoods have one optimum on the boundary and another elsewhere, for 933
  # that of a random intercept ("false zero").
  formulas <- c(y ~ x1 + (1 | g), y ~ x1 + (z1 | g), y ~ x1 + (z1 + z2 | g))
  for (seed in c(86, 574, 881, 933, 1139)) {
    q <- 1L + seed %% 3L
    data <- random_data(seed, m = 8L, sizes = c(1, 1, 2, 6), q = q, Psi = diag(c(0.5, 0.3, 0.2)[seq_len(q)], q))
    fit <- fit_quietly(formulas[[q]], data)
    thorough <- fit_quietly(formulas[[q]], data, control = lmm_control(starts = 7L))
    expect_lt(deviance(fit), deviance(thorough) + 1e-8)
  }
})

test_that("starts at zero reach the optimum of every structure", {
  data <- random_data(96, m = 14L, sizes = 2:7, q = 3L, Psi = diag(c(0.6, 0.4, 0.3)))
  formulas <- c(
    y ~ x1 + diag(z1 + z2 | g), y ~ x1 + homdiag(z1 + z2 | g), y ~ x1 + cs(z1 + z2 | g), y ~ x1 + homcs(z1 + z2 | g),
    y ~ x1 + ar1(z1 + z2 | g), y ~ x1 + toep(z1 + z2 | g), y ~ x1 + (z1 || g), y ~ x1 + (z1 | g) + (0 + z2 | g)
  )
  for (formula in formulas) {
    fit <- fit_quietly(formula, data)
    expect_true(convergence(fit)$converged)
    from_zero <- fit_quietly(formula, data, start = list(theta = 0 * getME(fit, "theta")))
    expect_close(deviance(from_zero), deviance(fit), 1e-8)
  }
})

test_that("an earlier fit as the start, and a start far away, reach the same optimum", {
  data <- random_data(97, m = 14L, sizes = 2:7, q = 2L)
  fit <- fit_quietly(y ~ x1 + (z1 | g), data)
  expect_close(deviance(fit_quietly(y ~ x1 + (z1 | g), data, start = fit)), deviance(fit), 1e-10)
  expect_close(
    deviance(fit_quietly(y ~ x1 + (z1 | g), data, start = list(theta = c(1e3, -1e3, 1e3)))), deviance(fit), 1e-9
  )
  expect_close(
    deviance(fit_quietly(y ~ x1 + (z1 | g), data, start = list(theta = c(1e-5, 0, 1e-5)))), deviance(fit), 1e-9
  )
  expect_close(
    deviance(fit_quietly(y ~ x1 + (z1 | g), data, start = list(D = covariance_of(fit)))), deviance(fit), 1e-9
  )
})

test_that("one variance of zero among independent terms is exactly zero", {
  data <- random_data(98, m = 10L, sizes = 4:6, q = 2L, Psi = diag(c(1, 1e-8)))
  data$z1 <- ave(data$z1, data$g, FUN = function(z) z - mean(z))
  data$y <- data$y - data$z1 * ave(seq_len(nrow(data)), data$g, FUN = function(i) coef(lm(y ~ z1, data[i, ]))[2L])
  fit <- fit_quietly(y ~ x1 + (z1 || g), data)
  expect_identical(unname(getME(fit, "theta"))[2L], 0)
  expect_gt(getME(fit, "theta")[[1L]], 0.1)
  expect_true(isSingular(fit))
  expect_match(convergence(fit)$message, "z1")
})

test_that("a response that the fixed effects reproduce has a condition of its own, and no t values", {
  data <- data.frame(x = rep(0:9, 6), g = gl(6, 10))
  data$y <- 251 + 10 * data$x
  expect_condition(lmm(y ~ x + (1 | g), data), class = "mixest_degenerate")
  fit <- tryCatch(suppressMessages(suppressWarnings(lmm(y ~ x + (1 | g), data))), mixest_error = function(e) NULL)
  if (!is.null(fit)) {
    expect_close(fixef(fit), c(251, 10), 1e-10)
    expect_identical(sigma(fit), 0)
    expect_false(convergence(fit)$converged)
    expect_false(any(is.finite(coef(summary(fit))[, "t value"])))
  }
})

test_that("what isn't identified is an error that names it", {
  data <- random_data(99, m = 6L, sizes = 3:5, q = 2L)
  one <- data[data$g == data$g[1L], ]
  expect_error(lmm(y ~ x1 + (1 | g), one), class = "mixest_error")
  singles <- data[!duplicated(data$g), ]
  expect_error(lmm(y ~ 1 + (1 | g), singles), class = "mixest_unidentified")
  data$u <- as.numeric(data$g)
  expect_error(lmm(y ~ x1 + (z1 + I(2 * z1) | g), data), class = "mixest_unidentified")
})

test_that("groups of one row among others, and fewer rows than random effects, are fitted", {
  data <- random_data(101, m = 30L, sizes = c(1, 1, 1, 4), q = 2L)
  fit <- fit_quietly(y ~ x1 + (z1 | g), data)
  expect_true(convergence(fit)$converged)
  ragged <- random_data(102, m = 40L, sizes = 1:2, q = 3L)
  fit <- fit_quietly(y ~ x1 + (z1 + z2 | g), ragged)
  expect_true(convergence(fit)$converged)
  expect_equal(dim(ranef(fit)$g), c(40L, 3L))
})
