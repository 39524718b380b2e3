# Conditions that hold at the optimum and nowhere else, checked with the dense oracle.

newton_decrement <- function(oracle, theta) {
  gradient <- numeric_gradient(oracle, theta)
  sum(gradient * solve(numeric_hessian(oracle, theta), gradient))
}

# Nothing of Psi's structure near the fit, or far from it, is better.
expect_no_improvement <- function(fit, oracle, draw_near, times = 40L) {
  best <- deviance(fit)
  with_seed(1, {
    for (step in rep(c(1e-4, 1e-2, 0.3), length.out = times)) {
      expect_gt(oracle(draw_near(getME(fit, "theta"), step)), best - 1e-9 * max(1, abs(best)))
    }
  })
}

test_that("at an interior optimum the gradient vanishes and the Hessian is positive definite", {
  for (REML in c(TRUE, FALSE)) {
    for (q in 1:3) {
      data <- random_data(20 + q, m = 18L, sizes = 3:9, q = q)
      formula <- c(y ~ x1 + (1 | g), y ~ x1 + (z1 | g), y ~ x1 + (z1 + z2 | g))[[q]]
      model <- dense_model(y ~ x1, list(~1, ~z1, ~ z1 + z2)[[q]], data)
      fit <- lmm(formula, data, REML = REML)
      oracle <- function(theta) dense_criterion(model, psi_of(theta, "us", q), REML)
      theta <- unname(getME(fit, "theta"))
      expect_false(isSingular(fit))
      expect_close(numeric_gradient(oracle, theta), rep(0, length(theta)), 1e-6)
      expect_lt(newton_decrement(oracle, theta), 1e-12)
      expect_gt(min(eigen(numeric_hessian(oracle, theta), symmetric = TRUE)$values), 0.1)
      expect_no_improvement(fit, oracle, function(at, step) at + step * rnorm(length(at)))
    }
  }
})

test_that("the certificate's numbers are those of the devfun at the estimate", {
  data <- random_data(24, m = 18L, sizes = 3:9, q = 2L)
  fit <- lmm(y ~ x1 + (z1 | g), data)
  certificate <- convergence(fit)
  at <- devfun(fit)(getME(fit, "theta"), deriv = 2)
  expect_true(certificate$converged)
  expect_close(at, deviance(fit), 1e-10)
  expect_lt(abs(certificate$gradient), 1e-5)
  expect_lt(certificate$newton_decrement, 1e-8)
  expect_gt(certificate$hessian_min_eigen, 0)
  expect_identical(as.integer(certificate$rank), 2L)
  expect_gt(min(eigen(attr(at, "hessian"), symmetric = TRUE)$values), 0)
})

test_that("small random data sets are fitted to the optimum of the oracle, in the interior and at the boundary", {
  ranks <- integer()
  for (seed in 1:12) {
    q <- 1L + seed %% 3L
    data <- random_data(30 + seed, m = 8L, sizes = 2:6, q = q, Psi = diag(c(0.3, 0.05, 0.1)[seq_len(q)], q))
    formula <- c(y ~ x1 + (1 | g), y ~ x1 + (z1 | g), y ~ x1 + (z1 + z2 | g))[[q]]
    model <- dense_model(y ~ x1, list(~1, ~z1, ~ z1 + z2)[[q]], data)
    fit <- fit_quietly(formula, data, REML = seed %% 2L == 0L)
    oracle <- function(theta) dense_criterion(model, psi_of(theta, "us", q), isREML(fit))
    expect_true(convergence(fit)$converged)
    expect_kkt(fit, model, q)
    expect_no_improvement(fit, oracle, function(at, step) at + step * rnorm(length(at)), times = 15L)
    ranks <- c(ranks, q - convergence(fit)$rank)
  }
  expect_true(any(ranks == 0L) && any(ranks > 0L))
})

test_that("no other start of a general optimiser finds a lower criterion", {
  for (seed in 1:3) {
    data <- random_data(50 + seed, m = 6L, sizes = 2:5, q = 2L, Psi = diag(c(0.2, 0.2)))
    model <- dense_model(y ~ x1, ~z1, data)
    fit <- fit_quietly(y ~ x1 + (z1 | g), data)
    oracle <- function(theta) dense_criterion(model, psi_of(theta, "us", 2L))
    starts <- list(c(1, 0, 1), c(0.2, 0, 0.2), c(2, -1, 0.5), c(0.5, 1, 0.1))
    best <- min(vapply(starts, function(start) nlminb(start, oracle)$objective, 0))
    expect_lt(deviance(fit), best + 1e-8)
  }
})

test_that("within each structure no parameters are better than the estimates", {
  data <- random_data(60, m = 14L, sizes = 2:7, q = 3L, Psi = diag(c(0.5, 0.1, 0.02)))
  model <- dense_model(y ~ x1, ~ z1 + z2, data)
  fits <- list(
    diag = fit_quietly(y ~ x1 + diag(z1 + z2 | g), data), homdiag = fit_quietly(y ~ x1 + homdiag(z1 + z2 | g), data),
    cs = fit_quietly(y ~ x1 + cs(z1 + z2 | g), data), homcs = fit_quietly(y ~ x1 + homcs(z1 + z2 | g), data),
    ar1 = fit_quietly(y ~ x1 + ar1(z1 + z2 | g), data), toep = fit_quietly(y ~ x1 + toep(z1 + z2 | g), data)
  )
  n_sd <- c(diag = 3L, homdiag = 1L, cs = 3L, homcs = 1L, ar1 = 1L, toep = 3L)
  for (structure in names(fits)) {
    fit <- fits[[structure]]
    expect_true(convergence(fit)$converged)
    is_psd <- function(theta) {
      min(eigen(
        psi_of(c(rep(1, n_sd[[structure]]), theta[-seq_len(n_sd[[structure]])]), structure, 3L), symmetric = TRUE
      )$values) >= 0
    }
    draw <- function(at, step) {
      repeat {
        theta <- at + step * rnorm(length(at))
        theta[seq_len(n_sd[[structure]])] <- abs(theta[seq_len(n_sd[[structure]])])
        if (is_psd(theta)) return(theta)
      }
    }
    expect_no_improvement(fit, function(theta) dense_criterion(model, psi_of(theta, structure, 3L)), draw)
  }
})

test_that("toep with a standard deviation at zero is certified as the optimum: correlations at the limit, or free", {
  Psi <- tcrossprod(c(1, 0, -0.7))   # c_2 = -1 leaves only c_1 = 0
  ends <- character()
  for (seed in c(2, 6, 15, 36, 45, 60)) {
    data <- random_data(seed, m = 10L, sizes = 2:4, q = 3L, Psi = Psi)
    model <- dense_model(y ~ x1, ~ z1 + z2, data)
    fit <- fit_quietly(y ~ x1 + toep(z1 + z2 | g), data)
    expect_true(convergence(fit)$converged)
    theta <- unname(getME(fit, "theta"))
    if (theta[2L] == 0 && theta[5L] == -1) expect_identical(theta[4L], 0)
    # c_2 within [2 c_1^2 - 1, 1], where C is positive semi-definite
    draw <- function(at, step) {
      near <- at + step * rnorm(5L)
      c1 <- max(-1, min(1, near[4L]))
      c(abs(near[1:3]), c1, max(2 * c1^2 - 1, min(1, near[5L])))
    }
    oracle <- function(theta) dense_criterion(model, psi_of(theta, "toep", 3L))
    expect_no_improvement(fit, oracle, draw, times = 60L)
    ends <- c(ends, if (theta[2L] == 0) "zero" else "positive")
  }
  expect_true("zero" %in% ends)
})

test_that("origins far from zero leave cs and toep identified", {
  for (origin in c(100, 1000)) {
    data <- with_seed(1, {
      x1 <- rnorm(600L) + origin
      x2 <- rnorm(600L) + origin
      gamma <- matrix(rnorm(300L), 100L) %*% chol(0.5 + 0.5 * diag(3L))
      g <- rep(1:100, 6L)
      data.frame(x1 = x1, x2 = x2, g = g, y = rowSums(cbind(1, x1, x2) * gamma[g, ]) + rnorm(600L))
    })
    expect_true(convergence(fit_quietly(y ~ x1 + x2 + cs(x1 + x2 | g), data))$converged)
    expect_true(convergence(fit_quietly(y ~ x1 + x2 + toep(x1 + x2 | g), data))$converged)
  }
})

test_that("the criterion is never above that of lme4 or nlme", {
  skip_if_not_installed("lme4")
  growth <- as.data.frame(nlme::Orthodont)
  growth$Subject <- factor(as.character(growth$Subject))
  boys <- as.data.frame(nlme::Oxboys)
  boys$Subject <- factor(as.character(boys$Subject))
  small <- random_data(61, m = 10L, sizes = 1:6, q = 2L, Psi = diag(c(0.5, 0.1)))
  cases <- list(
    list(distance ~ age + Sex + (age | Subject), distance ~ age + Sex, ~ age | Subject, growth),
    list(height ~ age + I(age^2) + (age | Subject), height ~ age + I(age^2), ~ age | Subject, boys),
    list(y ~ x1 + (z1 | g), y ~ x1, ~ z1 | g, small)
  )
  for (case in cases) {
    for (REML in c(TRUE, FALSE)) {
      fit <- fit_quietly(case[[1L]], case[[4L]], REML = REML)
      merMod <- suppressWarnings(suppressMessages(lme4::lmer(case[[1L]], case[[4L]], REML = REML)))
      lme4_criterion <- if (REML) lme4::REMLcrit(merMod) else deviance(merMod)
      expect_lt(deviance(fit), lme4_criterion + 1e-8)
      expect_close(devfun(fit)(lme4::getME(merMod, "theta")), lme4_criterion, 1e-11, scale = abs(lme4_criterion))
      lme <- try(nlme::lme(case[[2L]], case[[4L]], case[[3L]], method = if (REML) "REML" else "ML"), silent = TRUE)
      if (!inherits(lme, "try-error")) expect_lt(deviance(fit), -2 * as.numeric(logLik(lme)) + 1e-7)
    }
  }
})

test_that("the only variance of sparse data is the best of all, where the deviance has several valleys", {
  grid <- c(0, 10^seq(-1.5, 3, length.out = 40))
  best_on_grid <- function(formula, data) {
    fit <- fit_quietly(formula, data)
    expect_true(convergence(fit)$converged)
    expect_lt(deviance(fit) - min(vapply(grid, devfun(fit), 0)), 1e-8)
  }
  for (seed in c(750, 853, 1378)) best_on_grid(
    y ~ 1 + (1 | g), random_data(seed, m = 20L, sizes = c(1, 1, 1, 2), p = 1L, q = 1L)
  )
  for (seed in c(206, 244, 321, 514, 522, 660, 987)) {
    best_on_grid(y ~ x1 + x2 + x3 + (1 | g), random_data(seed, m = 15L, sizes = c(1, 1, 1, 2), p = 4L, q = 1L))
  }
})

# nlminb() from many places, not all of which lead anywhere.
test_that("with hardly more groups than parameters the best of several optima is found", {
  for (seed in c(254, 998, 1134, 1169, 1451, 1487)) {
    data <- with_seed(seed, {
      sizes <- sample(2:5, sample(3:6, 1L), replace = TRUE)
      g <- rep(seq_along(sizes), sizes)
      x <- rnorm(length(g))
      z <- rnorm(length(g))
      data.frame(g = g, x = x, z = z, y = rnorm(length(g)) + c(0, 1, 0.3)[seed %% 3 + 1] * rnorm(length(sizes))[g])
    })
    fit <- fit_quietly(y ~ x + (x + z | g), data, REML = seed %% 2 == 0)
    expect_true(convergence(fit)$converged)
    criterion <- devfun(fit)
    ends <- vapply(1:20, function(i) {
      from <- with_seed(i, abs(rnorm(6L)) * 10^runif(1L, -1, 1.5))
      stats::nlminb(from, criterion, lower = c(0, -Inf, -Inf, 0, -Inf, 0), control = list(iter.max = 500L))$objective
    }, 0)
    expect_lt(deviance(fit), min(ends) + 1e-6)
  }
})

# Cholesky factors whose rows and columns are of very different size.
wild_starts <- function(count, q) {
  with_seed(3, lapply(seq_len(count), function(i) {
    L <- diag(exp(rnorm(q, sd = 3)), q) %*% matrix(rnorm(q * q), q)
    L <- t(chol(tcrossprod(L)))
    L[lower.tri(L, diag = TRUE)]
  }))
}

expect_optimum_from <- function(starts, formula, data, model) {
  oracle <- function(theta) dense_criterion(model, psi_of(theta, "us", 3L))
  for (start in starts) {
    fit <- fit_quietly(formula, data, start = start)
    expect_true(convergence(fit)$converged)
    expect_no_improvement(fit, oracle, function(at, step) at * (1 + step * rnorm(6L)) + step * rnorm(6L), times = 15L)
  }
}

test_that("a curved valley is no obstacle: nearly collinear columns of U, whatever the start", {
  data <- with_seed(39, {
    g <- rep(1:60, each = 8L)
    x <- rnorm(480L)
    z <- x + rnorm(480L) / 16
    gamma <- matrix(rnorm(180L), 60L)
    data.frame(
      g = g, x = x, z = z,
      y = 1 + x + 0.05 * gamma[g, 1L] + gamma[g, 2L] * x + 15 * gamma[g, 3L] * (z - x) + rnorm(480L)
    )
  })
  model <- dense_model(y ~ x, ~ x + z, data)
  expect_optimum_from(
    lapply(wild_starts(5L, 3L), function(theta) list(theta = theta)), y ~ x + (x + z | g), data, model
  )
})

test_that("a long search of two columns ends at the same optimum in all their structures", {
  data <- random_data(3, m = 12L, sizes = 5L, q = 2L, Psi = diag(c(1, 0.05)))
  us <- fit_quietly(y ~ x1 + (z1 | g), data)
  for (theta in list(c(1e-3, 1e3, -0.99), c(1e3, 1e-3, 0.9), c(100, 100, -1), c(1e-2, 1e-4, 1))) {
    cs <- fit_quietly(y ~ x1 + cs(z1 | g), data, start = list(theta = theta))
    expect_true(convergence(cs)$converged)
    expect_close(deviance(cs), deviance(us), 1e-8)
  }
})

test_that("effects hundreds of times the errors: an optimum on the boundary is put there exactly", {
  for (seed in c(1, 9, 14, 29)) {
    data <- with_seed(seed, {
      g <- rep(1:5, c(2L, 2L, 4L, 4L, 4L))
      x <- rnorm(16L)
      z <- rnorm(16L)
      gamma <- matrix(rnorm(10L), 5L) %*% matrix(300 * rnorm(6L), 2L)
      data.frame(g = g, x = x, z = z, y = 1 + x + rowSums(cbind(1, x, z) * gamma[g, ]) + rnorm(16L))
    })
    model <- dense_model(y ~ x + z, ~ x + z, data)
    starts <- c(list(NULL), lapply(wild_starts(5L, 3L), function(theta) list(theta = theta)))
    expect_optimum_from(starts, y ~ x + z + (x + z | g), data, model)
  }
})
