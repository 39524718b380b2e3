# Balanced layouts have estimates in closed form.

expect_one_way <- function(fit, exact, tolerance = 1e-9) {
  expect_close(deviance(fit), exact$criterion, 1e-9)
  expect_close(fixef(fit), exact$beta, tolerance, scale = exact$se)
  expect_close_relative(standard_errors(fit), exact$se, tolerance)
  expect_close_relative(sigma(fit), exact$sigma, tolerance)
  expect_close(attr(VarCorr(fit)[[1L]], "stddev"), exact$sd_group, tolerance, scale = exact$sigma)
  expect_close(ranef(fit)[[1L]][[1L]], exact$gamma, tolerance, scale = exact$sigma)
  expect_close(
    sqrt(attr(ranef(fit)[[1L]], "postVar")), rep(exact$cond_sd, length(exact$gamma)), tolerance, scale = exact$sigma
  )
}

test_that("the balanced one-way layout has the ANOVA estimates", {
  rail <- data.frame(y = nlme::Rail$travel, g = factor(as.character(nlme::Rail$Rail)))
  for (REML in c(TRUE, FALSE)) {
    expect_one_way(fit_quietly(y ~ 1 + (1 | g), rail, REML = REML), one_way(rail$y, rail$g, REML))
  }
})

test_that("random balanced one-way layouts have the ANOVA estimates, at the boundary too", {
  at_boundary <- 0
  for (seed in 1:20) {
    data <- with_seed(seed, {
      k <- sample(3:9, 1L)
      r <- sample(2:6, 1L)
      data.frame(g = gl(k, r), y = 10 + rep(rnorm(k, sd = 0.3), each = r) + rnorm(k * r))
    })
    for (REML in c(TRUE, FALSE)) {
      exact <- one_way(data$y, data$g, REML)
      fit <- fit_quietly(y ~ 1 + (1 | g), data, REML = REML)
      expect_one_way(fit, exact, tolerance = 1e-7)
      expect_identical(isSingular(fit), exact$theta == 0)
      at_boundary <- at_boundary + (exact$theta == 0)
    }
  }
  expect_gt(at_boundary, 5)
})

test_that("a known mean of zero leaves all k degrees of freedom between groups", {
  data <- with_seed(7, data.frame(g = gl(6, 4), y = rep(rnorm(6, sd = 2), each = 4) + rnorm(24)))
  means <- vapply(split(data$y, data$g), mean, 0)
  within <- sum((data$y - means[data$g])^2) / 18
  between <- 4 * sum(means^2) / 6
  for (REML in c(TRUE, FALSE)) {
    fit <- lmm(y ~ 0 + (1 | g), data, REML = REML)
    expect_length(fixef(fit), 0L)
    expect_close_relative(sigma(fit)^2, within, 1e-9)
    expect_close_relative(covariance_of(fit), (between - within) / 4, 1e-8)
    expect_close(deviance(fit), 24 * log(2 * pi) + 18 * log(within) + 6 * log(between) + 24, 1e-9)
  }
})

test_that("two conditions on the same subjects are the paired t test", {
  fit <- lmm(extra ~ group + (1 | ID), datasets::sleep)
  wide <- split(datasets::sleep$extra, datasets::sleep$group)
  t_test <- t.test(wide[[2L]], wide[[1L]], paired = TRUE)
  expect_close_relative(fixef(fit)[["group2"]], unname(t_test$estimate), 1e-12)
  expect_close_relative(standard_errors(fit)[["group2"]], t_test$stderr, 1e-9)
  expect_close_relative(fixef(fit)[["group2"]] / standard_errors(fit)[["group2"]], unname(t_test$statistic), 1e-9)
})

test_that("random coefficients on one design for all groups are least squares by group", {
  growth <- as.data.frame(nlme::Orthodont)
  growth <- growth[order(growth$Subject, growth$age), ]
  y <- matrix(growth$distance, 4L)
  Z <- cbind(1, c(8, 10, 12, 14))
  W <- cbind(1, growth$Sex[seq(1, nrow(growth), by = 4)] == "Female")
  for (REML in c(TRUE, FALSE)) {
    exact <- common_design(y, Z, REML = REML)
    fit <- lmm(distance ~ age + (age | Subject), growth, REML = REML)
    expect_close(fixef(fit), exact$beta, 1e-9, scale = sqrt(diag(exact$vcov)))
    expect_close_relative(vcov(fit), exact$vcov, 1e-7)
    expect_close_relative(sigma(fit), exact$sigma, 1e-8)
    expect_close_relative(covariance_of(fit), exact$D, 1e-7)

    by_sex <- common_design(y, Z, W, REML = REML)
    fit <- lmm(distance ~ age * Sex + (age | Subject), growth, REML = REML)
    order <- c("(Intercept)", "age", "SexFemale", "age:SexFemale")
    expect_close(fixef(fit)[order], by_sex$beta, 1e-9, scale = sqrt(diag(by_sex$vcov)))
    expect_close_relative(vcov(fit)[order, order], by_sex$vcov, 1e-7)
    expect_close_relative(covariance_of(fit), by_sex$D, 1e-7)
  }
})

test_that("three random coefficients on one design for all groups are least squares by group", {
  Z <- cbind(1, 0:6, (0:6)^2)
  data <- with_seed(3, {
    b <- matrix(c(10, 2, -1), 3L, 15L) + c(3, 2, 1) * matrix(rnorm(45), 3L)
    data.frame(g = gl(15, 7), x = rep(0:6, 15), y = as.vector(Z %*% b) + rnorm(105))
  })
  for (REML in c(TRUE, FALSE)) {
    exact <- common_design(matrix(data$y, 7L), Z, REML = REML)
    fit <- lmm(y ~ x + I(x^2) + (x + I(x^2) | g), data, REML = REML)
    expect_close(fixef(fit), exact$beta, 1e-9, scale = sqrt(diag(exact$vcov)))
    expect_close_relative(vcov(fit), exact$vcov, 1e-7)
    expect_close_relative(covariance_of(fit), exact$D, 1e-7)
  }
})

test_that("a random slope through the origin is least squares by group", {
  x <- c(1, 2, 4, 8)
  data <- with_seed(4, data.frame(g = gl(8, 4), x = rep(x, 8), y = rep(rnorm(8, 3), each = 4) * rep(x, 8) + rnorm(32)))
  exact <- common_design(matrix(data$y, 4L), matrix(x))
  fit <- lmm(y ~ 0 + x + (0 + x | g), data)
  expect_close_relative(fixef(fit), exact$beta, 1e-10)
  expect_close_relative(standard_errors(fit), sqrt(exact$vcov), 1e-8)
  expect_close_relative(covariance_of(fit), exact$D, 1e-8)
})

test_that("with orthogonal columns on one design uncorrelated effects are estimated one by one", {
  x <- c(-2, -1, 0, 1, 2)
  Z <- cbind(1, x)
  data <- with_seed(5, data.frame(
    g = gl(9, 5), x = rep(x, 9), y = rep(rnorm(9, 2, 2), each = 5) + rep(rnorm(9), each = 5) * rep(x, 9) + rnorm(45)
  ))
  for (REML in c(TRUE, FALSE)) {
    exact <- common_design(matrix(data$y, 5L), Z, REML = REML)
    fit <- lmm(y ~ x + diag(x | g), data, REML = REML)
    expect_close_relative(covariance_of(fit), diag(diag(exact$D)), 1e-8)
    split <- lmm(y ~ x + (x || g), data, REML = REML)
    expect_close(deviance(split), deviance(fit), 1e-10)
    # Orthonormal columns and one common variance: the mean squares of all coefficients are pooled.
    scaled <- transform(data, one = 1 / sqrt(5), u = x / sqrt(10))
    common <- lmm(y ~ x + homdiag(0 + one + u | g), scaled, REML = REML)
    pooled <- common_design(matrix(data$y, 5L), cbind(1 / sqrt(5), x / sqrt(10)), REML = REML)
    expect_close_relative(covariance_of(common), diag(mean(diag(pooled$D)), 2L), 1e-8)
  }
})

test_that("compound symmetry of a factor in the balanced two-way layout has the ANOVA estimates", {
  # Workers, and machines within workers, are random with variances t_w and t_wm: D = t_w 1 1' +
  # t_wm I.
  machines <- as.data.frame(nlme::Machines)
  table <- anova(lm(score ~ Machine * factor(as.character(Worker)), machines))
  mean_square <- table[["Mean Sq"]]
  within <- mean_square[4L]
  t_wm <- (mean_square[3L] - within) / 3
  t_w <- (mean_square[2L] - mean_square[3L]) / 9
  fit <- lmm(score ~ Machine + homcs(0 + Machine | Worker), machines)
  expect_close_relative(sigma(fit)^2, within, 1e-9)
  expect_close_relative(covariance_of(fit), t_w + diag(t_wm, 3L), 1e-8)
  expect_close(getME(fit, "theta"), c(sqrt((t_w + t_wm) / within), t_w / (t_w + t_wm)), 1e-8)
  means <- vapply(split(machines$score, machines$Machine), mean, 0)
  expect_close_relative(fixef(fit), c(means[1L], means[-1L] - means[1L]), 1e-12)
  expect_close_relative(standard_errors(fit)[-1L], rep(sqrt(2 * mean_square[3L] / 18), 2L), 1e-9)
})

test_that("without group effects everything is ordinary least squares", {
  data <- data.frame(y = rep(c(1, -1, 2, -2), 10) + rep(c(0.1, -0.1, 0.2, -0.2), 10), x = rep(1:4, 10), g = gl(10, 4))
  ols <- lm(y ~ x, data)
  fit <- fit_quietly(y ~ x + (1 | g), data)
  expect_identical(unname(getME(fit, "theta")), 0)
  expect_close(fixef(fit), coef(ols), 1e-12)
  expect_close_relative(vcov(fit), vcov(ols), 1e-10)
  expect_close_relative(sigma(fit), sigma(ols), 1e-12)
  expect_close(deviance(fit), -2 * as.numeric(logLik(ols, REML = TRUE)), 1e-10)
})
