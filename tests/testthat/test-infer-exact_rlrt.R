# The simulated exact distribution of the likelihood-ratio statistic for one variance.

# The share of TRUE is p, up to four standard errors of the simulation.
expect_binomial <- function(x, p) expect_close(mean(x), p, 4, scale = sqrt(p * (1 - p) / length(x)))

# Balanced one-way layout of k groups of r rows, F its statistic: the likelihood ratio is a growing
# function of F, see one_way(), with within-group mean square 1.
ratio_of_F <- function(F, k, r, REML) {
  n <- k * r
  nu <- n - REML
  df <- k - REML
  between <- pmax((k - 1) * F / df, 1)
  total <- ifelse(between > 1, df * between + k * (r - 1), nu)
  nu * log(total / nu) - df * log(between)
}

test_that("in a balanced one-way layout the statistic is distributed as a function of F", {
  nsim <- 40000L
  for (size in list(c(4L, 3L), c(10L, 2L), c(8L, 6L))) {
    k <- size[1L]
    r <- size[2L]
    data <- with_seed(1, data.frame(g = gl(k, r), y = rnorm(k * r)))
    for (REML in c(TRUE, FALSE)) {
      simulated <- with_seed(2, simulate_statistic(fit_quietly(y ~ 1 + (1 | g), data, REML = REML), nsim))
      expect_length(simulated, nsim)
      below <- function(q) stats::pf(q, k - 1, k * (r - 1))
      expect_binomial(simulated < 1e-8, below(if (REML) 1 else k / (k - 1)))
      for (p in c(0.9, 0.95, 0.99)) {
        limit <- ratio_of_F(stats::qf(p, k - 1, k * (r - 1)), k, r, REML)
        if (limit > 0) expect_binomial(simulated <= limit, p)
      }
    }
  }
})

test_that("the exact p-value of a balanced one-way layout is that of its F test", {
  data <- with_seed(6, data.frame(g = gl(8, 4), y = 0.9 * rnorm(8)[gl(8, 4)] + rnorm(32)))
  f_test <- anova(lm(y ~ g, data))[["Pr(>F)"]][1L]
  for (REML in c(TRUE, FALSE)) {
    p <- ranova(lmm(y ~ 1 + (1 | g), data, REML = REML), exact = TRUE, nsim = 40000, seed = 1)[["Pr(>Chisq)"]][2L]
    expect_lt(abs(p - f_test), 4 * sqrt(f_test * (1 - f_test) / 40000))
  }
})

test_that("a balanced one-way layout has one eigenvalue, k - 1 times", {
  data <- with_seed(3, data.frame(g = gl(6, 4), y = rnorm(24)))
  spectrum <- component_spectrum(fit_quietly(y ~ 1 + (1 | g), data))
  unit <- spectrum$xi[1L] / 4
  expect_close(spectrum$xi / unit, rep(4, 6), 1e-12)
  expect_close(rep(spectrum$mu, spectrum$count) / unit, rep(4, 5), 1e-12)
})

test_that("without fixed effects the eigenvalues are the sizes of the groups", {
  data <- with_seed(4, data.frame(g = rep(gl(4, 1), c(2, 5, 5, 3)), y = rnorm(15)))
  spectrum <- component_spectrum(fit_quietly(y ~ 0 + (1 | g), data))
  mu <- sort(rep(spectrum$mu, spectrum$count))
  expect_close(mu / mu[1L], c(2, 3, 5, 5) / 2, 1e-12)
  expect_close(sort(spectrum$xi) / mu[1L], c(2, 3, 5, 5) / 2, 1e-12)

  # and ML is REML
  tests <- lapply(c(TRUE, FALSE), function(REML) {
    ranova(fit_quietly(y ~ 0 + (1 | g), data, REML = REML), exact = TRUE, nsim = 500, seed = 1)
  })
  expect_equal(tests[[1L]][["Pr(>Chisq)"]], tests[[2L]][["Pr(>Chisq)"]], tolerance = 1e-12)
})

test_that("unequal groups have the spectrum of the dense matrices", {
  data <- random_data(4L, m = 10L, sizes = 2:5, q = 1L, p = 3L)
  own <- fit_quietly(y ~ x1 + x2 + (1 | g), data)
  Z <- model.matrix(~ 0 + g, data)
  X <- model.matrix(~ x1 + x2, data)
  mu <- eigen(crossprod(Z, qr.resid(qr(X), Z)), symmetric = TRUE)$values
  spectrum <- component_spectrum(own)
  found <- sort(rep(spectrum$mu, spectrum$count), decreasing = TRUE)
  scale <- sum(crossprod(Z)[1, 1]) / own$stats$R[1, 1, match(levels(factor(data$g))[1], own$random$groups[[1]])]^2
  expect_close(found * scale, mu[mu > 1e-8], 1e-8)
  expect_close(sort(spectrum$xi) * scale, sort(colSums(Z)), 1e-8)
})

test_that("exact p-values are RLRsim's, up to the simulation", {
  skip_if_not_installed("RLRsim")
  nsim <- 20000
  for (seed in 1:4) {
    data <- random_data(
      seed, m = c(6L, 8L, 12L, 9L)[seed], sizes = 2:8, p = 1L + seed %% 3L, q = 1L, Psi = diag(0.3, 1L)
    )
    fixed <- reformulate(c("1", grep("^x", names(data), value = TRUE)), "y")
    X <- model.matrix(fixed, data)
    Z <- model.matrix(~ 0 + g, data)
    for (REML in c(TRUE, FALSE)) {
      table <- suppressMessages(
        ranova(fit_quietly(update(fixed, . ~ . + (1 | g)), data, REML = REML), exact = TRUE, nsim = nsim, seed = 1)
      )
      simulated <- if (REML) {
        RLRsim::RLRTSim(X, Z, qr(X), diag(ncol(Z)), seed = 1, nsim = nsim)
      } else {
        RLRsim::LRTSim(X, Z, 0, diag(ncol(Z)), seed = 1, nsim = nsim)
      }
      p <- c(table[["Pr(>Chisq)"]][2L], mean(simulated >= table$LRT[2L]))
      expect_lt(abs(diff(p)), 4 * sqrt(2 * (mean(p) * (1 - mean(p)) + 1 / nsim) / nsim))
    }
  }
})

test_that("exact tests can be repeated, leave the random numbers alone, and need one random effect", {
  own <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  set.seed(5)
  before <- .Random.seed
  expect_identical(ranova(own, exact = TRUE, nsim = 500, seed = 2), ranova(own, exact = TRUE, nsim = 500, seed = 2))
  expect_identical(.Random.seed, before)
  slopes <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  expect_error(ranova(slopes, exact = TRUE), class = "mixest_input")
  expect_error(ranova(own, exact = TRUE, nsim = 0), class = "mixest_input")
})

test_that("the p-value counts the observed statistic, and many values are simulated in blocks", {
  data <- with_seed(5, data.frame(g = gl(6, 4), y = rnorm(24)))
  own <- fit_quietly(y ~ 1 + (1 | g), data)
  expect_identical(simulated_p_value(own, Inf, 99L, 1), 1 / 100)
  expect_identical(simulated_p_value(own, 0, 99L, 1), 1)
  expect_identical(blocks_of(2500L), c(1000L, 1000L, 500L))
  expect_identical(blocks_of(2000L), c(1000L, 1000L))
  expect_identical(blocks_of(3L), 3L)
})
