# The estimate doesn't depend on how the same model is written down. What changes, changes by rule:
#
#   rows, labels of groups, order of terms                       nothing
#   us: columns of a term recombined, U -> U A                   D -> A^{-1} D A^{-T}
#   diagonal and heterogeneous structures: columns scaled        the same with a diagonal A
#   homogeneous structures: all columns scaled by one factor     the same with A = c I
#   y -> a y + m                                                 criterion + 2 nu log |a|
#                                                                (nu = n - p by REML, n by ML)
#   X -> X A                                                     REML criterion + 2 log |det A|
#
# The criterion agrees to 1e-8. Where adding a constant costs the data digits, the comparison is
# with the data that are left.

agreement <- 1e-8

shifts <- c(-4.5, 10, 100, 1e4, 1e6, 1e9)
scalings <- c(1e-8, 1e-4, 0.1, 1e4, 1e8)

# Whole numbers lose nothing when a constant is added.
panel <- function(seed = 1, m = 15L) {
  with_seed(seed, {
    n_i <- sample(1:9, m, replace = TRUE)
    g <- rep(seq_len(m), n_i)
    n <- length(g)
    x <- sample(0:9, n, replace = TRUE)
    z <- sample(-3:5, n, replace = TRUE)
    y <- 3 + 0.5 * x + rnorm(m, sd = 2)[g] + rnorm(m, sd = 0.4)[g] * x + rnorm(m, sd = 0.3)[g] * z + rnorm(n)
    data.frame(
      y, x, z, g = factor(g), f = factor(sample(letters[1:3], n, replace = TRUE)), w = sample(1:4, n, replace = TRUE)
    )
  })
}

nu_of <- function(fit) nobs(fit) - if (isREML(fit)) length(fixef(fit)) else 0L

expect_same_fit <- function(fit, base, moved = 0, tolerance = agreement) {
  expect_close(deviance(fit), deviance(base) + moved, tolerance)
  expect_close(sigma(fit), sigma(base), 1e-6, scale = sigma(base))
  expect_true(convergence(fit)$converged)
}

for (REML in c(TRUE, FALSE)) {
  criterion <- if (REML) "REML" else "ML"

  test_that(paste("row order and group labels don't matter:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + (x | g), data, REML = REML)
    shuffled <- data[with_seed(2, sample(nrow(data))), ]
    relabelled <- transform(data, g = factor(paste("no.", (7 * as.integer(g)) %% 16)))
    reversed <- transform(data, g = factor(g, levels = rev(levels(g))))
    numbers <- transform(data, g = 1e6 - as.integer(g))
    for (changed in list(shuffled, relabelled, reversed, numbers)) {
      fit <- fit_quietly(y ~ x + (x | g), changed, REML = REML)
      expect_same_fit(fit, base, tolerance = 1e-10)
      expect_close(fixef(fit), fixef(base), 1e-8, scale = standard_errors(base))
      expect_close(getME(fit, "theta"), getME(base, "theta"), 1e-7)
    }
    fit <- fit_quietly(y ~ x + (x | g), reversed, REML = REML)
    expect_close(as.matrix(ranef(fit)$g)[levels(data$g), ], as.matrix(ranef(base)$g), 1e-7)
  })

  test_that(paste("the order of terms doesn't matter:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + z + f + (1 | g) + (0 + x | g), data, REML = REML)
    fit <- fit_quietly(y ~ f + z + x + (0 + x | g) + (1 | g), data, REML = REML)
    expect_same_fit(fit, base, tolerance = 1e-10)
    expect_close(fixef(fit)[names(fixef(base))], fixef(base), 1e-8, scale = standard_errors(base))
    expect_close(getME(fit, "theta")[2:1], getME(base, "theta"), 1e-7)
    base <- fit_quietly(y ~ x + (x + z | g), data, REML = REML)
    expect_same_fit(fit_quietly(y ~ x + (z + x | g), data, REML = REML), base, tolerance = 1e-10)
  })

  test_that(paste("a constant added to a covariate with random slopes doesn't matter:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + (x | g), data, REML = REML)
    for (k in shifts) {
      fit <- fit_quietly(y ~ s + (s | g), transform(data, s = x + k), REML = REML)
      expect_same_fit(fit, base)
      expect_close(fixef(fit)[["s"]], fixef(base)[["x"]], 1e-7, scale = standard_errors(base)[["x"]])
      expect_close(covariance_of(fit)[2L, 2L], covariance_of(base)[2L, 2L], 1e-6, scale = covariance_of(base)[2L, 2L])
      # D = T D_base T': the level at s = 0 is that at x = -k.
      there <- rbind(c(1, -k), c(0, 1))
      expect_close_relative(covariance_of(fit), there %*% covariance_of(base) %*% t(there), 1e-6)
      # Only in the random part.
      expect_same_fit(fit_quietly(y ~ x + (s | g), transform(data, s = x + k), REML = REML), base)
    }
  })

  test_that(paste("a covariate that loses digits to a large constant is fitted by the digits it keeps:", criterion), {
    data <- panel()
    data$x <- data$x + with_seed(3, runif(nrow(data)))
    for (k in c(1e3, 1e6, 1e9)) {
      data$s <- data$x + k
      data$kept <- data$s - k
      fit <- fit_quietly(y ~ s + (s | g), data, REML = REML)
      expect_same_fit(fit, fit_quietly(y ~ kept + (kept | g), data, REML = REML))
      if (k <= 1e6) expect_same_fit(fit, fit_quietly(y ~ x + (x | g), data, REML = REML), tolerance = 1e-6)
    }
  })

  test_that(paste("the unit of a covariate with random slopes doesn't matter:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + (x | g), data, REML = REML)
    for (c in scalings) {
      scaled <- transform(data, s = c * x)
      fit <- fit_quietly(y ~ s + (s | g), scaled, REML = REML)
      expect_same_fit(fit, base, moved = if (REML) 2 * log(c) else 0)
      expect_close(c * fixef(fit)[["s"]], fixef(base)[["x"]], 1e-7, scale = standard_errors(base)[["x"]])
      expect_close(
        c(1, c) * covariance_of(fit) * rep(c(1, c), each = 2L), covariance_of(base), 1e-6,
        scale = covariance_of(base)[1L, 1L]
      )
      expect_same_fit(fit_quietly(y ~ x + (s | g), scaled, REML = REML), base)
      moved <- transform(data, s = c * x + 1000 * c)
      expect_same_fit(
        fit_quietly(y ~ s + (s | g), moved, REML = REML), base, moved = if (REML) 2 * log(c) else 0, tolerance = 1e-7
      )
    }
  })

  test_that(paste("any recombination of a term's columns gives the same unstructured fit:", criterion), {
    data <- panel(4, m = 25L)
    base <- fit_quietly(y ~ x + (0 + x + z + I(x * z) | g), data, REML = REML)
    U <- cbind(data$x, data$z, data$x * data$z)
    for (seed in 1:3) {
      A <- with_seed(seed, matrix(rnorm(9), 3L))
      data[c("a", "b", "c")] <- U %*% A
      fit <- fit_quietly(y ~ x + (0 + a + b + c | g), data, REML = REML)
      expect_same_fit(fit, base)
      expect_close_relative(A %*% covariance_of(fit) %*% t(A), covariance_of(base), 1e-6)
    }
    base <- fit_quietly(y ~ f + (f | g), data, REML = REML)
    expect_same_fit(fit_quietly(y ~ f + (0 + f | g), data, REML = REML), base)
    expect_same_fit(
      fit_quietly(y ~ f + (f | g), transform(data, f = factor(f, levels = c("c", "a", "b"))), REML = REML), base
    )
  })

  test_that(paste("an affine change of the response moves the criterion by 2 nu log |a|:", criterion), {
    data <- panel()
    data$y <- round(1024 * data$y) / 1024
    base <- fit_quietly(y ~ x + (x | g), data, REML = REML)
    for (a in c(-1, scalings)) {
      fit <- fit_quietly(v ~ x + (x | g), transform(data, v = a * y), REML = REML)
      expect_close(deviance(fit), deviance(base) + 2 * nu_of(base) * log(abs(a)), agreement)
      expect_close(fixef(fit), a * fixef(base), 1e-7, scale = abs(a) * standard_errors(base))
      expect_close_relative(sigma(fit), abs(a) * sigma(base), 1e-6)
      expect_close_relative(covariance_of(fit), a^2 * covariance_of(base), 1e-6)
    }
    for (m in shifts) {
      fit <- fit_quietly(v ~ x + (x | g), transform(data, v = y + m), REML = REML)
      expect_same_fit(fit, base)
      expect_close(fixef(fit)[["x"]], fixef(base)[["x"]], 1e-7, scale = standard_errors(base)[["x"]])
    }
    fit <- fit_quietly(v ~ x + (x | g), transform(data, v = 1e-4 * y + 1e3, kept = (1e-4 * y + 1e3) - 1e3), REML = REML)
    kept <- fit_quietly(kept ~ x + (x | g), transform(data, kept = (1e-4 * y + 1e3) - 1e3), REML = REML)
    expect_same_fit(fit, kept)
  })

  test_that(paste("recombined fixed effects move the REML criterion by 2 log |det|:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + z + (x | g), data, REML = REML)
    for (seed in 1:3) {
      A <- with_seed(seed, matrix(rnorm(9), 3L))
      data[c("a", "b", "c")] <- cbind(1, data$x, data$z) %*% A
      fit <- fit_quietly(y ~ 0 + a + b + c + (x | g), data, REML = REML)
      expect_same_fit(fit, base, moved = if (REML) 2 * log(abs(det(A))) else 0)
      expect_close(A %*% fixef(fit), fixef(base), 1e-7, scale = standard_errors(base))
    }
  })

  test_that(paste("constants and units of fixed covariates don't matter:", criterion), {
    data <- panel()
    base <- fit_quietly(y ~ x + z + f + (1 | g), data, REML = REML)
    for (k in shifts) expect_same_fit(fit_quietly(y ~ I(x + k) + z + f + (1 | g), data, REML = REML), base)
    for (c in scalings) {
      expect_same_fit(fit_quietly(y ~ I(c * x) + I(z / c) + f + (1 | g), data, REML = REML), base)
    }
    expect_same_fit(fit_quietly(
      y ~ x + z + f + (1 | g), data, REML = REML, contrasts = list(f = "contr.helmert")
    ), base,
      moved = if (REML) 2 * log(abs(det(cbind(1, contr.helmert(3))) / det(cbind(1, contr.treatment(3))))) else 0
    )
  })

  test_that(paste("heterogeneous structures don't depend on the unit of each column:", criterion), {
    data <- panel(5, m = 25L)
    for (c in scalings) {
      scaled <- transform(data, s = c * x, t = z / c)
      diagonal <- fit_quietly(y ~ x + diag(1 + x + z | g), data, REML = REML)
      expect_same_fit(fit_quietly(y ~ x + diag(1 + s + t | g), scaled, REML = REML), diagonal)
      bars <- fit_quietly(y ~ x + (x + z || g), data, REML = REML)
      expect_same_fit(fit_quietly(y ~ x + (s + t || g), scaled, REML = REML), bars)
      compound <- fit_quietly(y ~ x + cs(1 + x + z | g), data, REML = REML)
      expect_same_fit(fit_quietly(y ~ x + cs(1 + s + t | g), scaled, REML = REML), compound)
      toeplitz <- fit_quietly(y ~ x + toep(1 + x + z | g), data, REML = REML)
      expect_same_fit(fit_quietly(y ~ x + toep(1 + s + t | g), scaled, REML = REML), toeplitz)
    }
  })

  test_that(paste("homogeneous structures don't depend on the common unit of their columns:", criterion), {
    data <- panel(6, m = 25L)
    for (c in scalings) {
      scaled <- transform(data, s = c * x, t = c * z, u = c * (x - z)^2)
      expect_same_fit(
        fit_quietly(y ~ x + homdiag(0 + s + t | g), scaled, REML = REML),
        fit_quietly(y ~ x + homdiag(0 + x + z | g), data, REML = REML)
      )
      expect_same_fit(
        fit_quietly(y ~ x + homcs(0 + s + t + u | g), scaled, REML = REML),
        fit_quietly(y ~ x + homcs(0 + x + z + I((x - z)^2) | g), data, REML = REML)
      )
      expect_same_fit(
        fit_quietly(y ~ x + ar1(0 + s + t + u | g), scaled, REML = REML),
        fit_quietly(y ~ x + ar1(0 + x + z + I((x - z)^2) | g), data, REML = REML)
      )
    }
  })
}

test_that("independent effects are another model after a constant is added to the covariate", {
  data <- panel()
  base <- fit_quietly(y ~ x + (x || g), data)
  moved <- fit_quietly(y ~ I(x + 5) + (I(x + 5) || g), data)
  expect_gt(abs(deviance(moved) - deviance(base)), 0.01)
})

test_that("a fit repeated gives the same bits, with any number of threads", {
  data <- panel(7, m = 60L)
  results <- function(fit) list(
    deviance(fit), fixef(fit), vcov(fit), getME(fit, "theta"), sigma(fit), ranef(fit), convergence(fit)$newton_decrement
  )
  first <- results(fit_quietly(y ~ x + f + (x + z | g), data))
  expect_identical(results(fit_quietly(y ~ x + f + (x + z | g), data)), first)
  expect_identical(results(fit_quietly(y ~ x + f + (x + z | g), data, control = lmm_control(threads = 2L))), first)
})

test_that("a common weight changes sigma and nothing else", {
  data <- panel()
  base <- fit_quietly(y ~ x + (x | g), data)
  for (c in c(1e-6, 0.3, 100)) {
    fit <- fit_quietly(y ~ x + (x | g), data, weights = rep(c, nrow(data)))
    expect_close(deviance(fit), deviance(base), agreement)
    expect_close(fixef(fit), fixef(base), 1e-7, scale = standard_errors(base))
    expect_close_relative(vcov(fit), vcov(base), 1e-6)
    expect_close_relative(covariance_of(fit), covariance_of(base), 1e-6)
    expect_close_relative(sigma(fit), sqrt(c) * sigma(base), 1e-7)
  }
})

test_that("a weight of zero is a row deleted", {
  data <- panel()
  data$w[c(1, 5, 20)] <- 0
  data$w[data$g == 3] <- 0
  for (REML in c(TRUE, FALSE)) {
    fit <- fit_quietly(y ~ x + (x | g), data, weights = w, REML = REML)
    deleted <- fit_quietly(y ~ x + (x | g), data[data$w > 0, ], weights = w, REML = REML)
    expect_same_fit(fit, deleted, tolerance = 1e-10)
    expect_identical(nobs(fit), nobs(deleted))
    expect_close(fixef(fit), fixef(deleted), 1e-9, scale = standard_errors(deleted))
    expect_close_relative(vcov(fit), vcov(deleted), 1e-9)
  }
})

test_that("whole-number weights and as many copies of each row agree on everything but the count of rows", {
  # The same H_i and T for the same Psi: ML criteria differ by n (1 + log(2 pi r2 / n)) - sum(log
  # w), r2 = n sigma^2 on either side.
  data <- panel()
  copies <- data[rep(seq_len(nrow(data)), data$w), ]
  weighted <- dense_fit(dense_model(y ~ x, ~x, data, weights = "w"), psi_of(c(1, 0.2, 0.5), "us", 2L), REML = FALSE)
  fit <- fit_quietly(y ~ x + (x | g), data, weights = w, REML = FALSE)
  replicated <- fit_quietly(y ~ x + (x | g), copies, REML = FALSE)
  n <- nrow(data)
  N <- nrow(copies)
  r2 <- n * weighted$sigma^2
  difference <- N * (1 + log(2 * pi * r2 / N)) - n * (1 + log(2 * pi * r2 / n)) + sum(log(data$w))
  expect_close(devfun(replicated)(c(1, 0.2, 0.5)) - devfun(fit)(c(1, 0.2, 0.5)), difference, 1e-9)
})

test_that("an offset is a part of the response", {
  data <- panel()
  data$o <- 3 * data$z - 1
  base <- fit_quietly(I(y - o) ~ x + (x | g), data)
  for (fit in list(fit_quietly(y ~ x + offset(o) + (x | g), data), fit_quietly(y ~ x + (x | g), data, offset = o))) {
    expect_same_fit(fit, base, tolerance = 1e-10)
    expect_close(fixef(fit), fixef(base), 1e-9, scale = standard_errors(base))
  }
})

test_that("a structure inside a larger one has the larger one's criterion", {
  data <- panel(8, m = 25L)
  at <- function(formula, theta) as.numeric(devfun(fit_quietly(formula, data))(theta))
  s <- c(0.8, 0.5, 0.3)
  expect_close(at(y ~ x + diag(x + z | g), s), at(y ~ x + us(x + z | g), c(s[1L], 0, 0, s[2L], 0, s[3L])), 1e-9)
  expect_close(at(y ~ x + homdiag(x + z | g), 0.6), at(y ~ x + diag(x + z | g), rep(0.6, 3L)), 1e-9)
  expect_close(at(y ~ x + cs(x + z | g), c(s, 0)), at(y ~ x + diag(x + z | g), s), 1e-9)
  expect_close(at(y ~ x + homcs(x + z | g), c(0.6, 0.3)), at(y ~ x + cs(x + z | g), c(rep(0.6, 3L), 0.3)), 1e-9)
  expect_close(at(y ~ x + cs(x + z | g), c(s, 0.3)), at(y ~ x + toep(x + z | g), c(s, 0.3, 0.3)), 1e-9)
  expect_close(at(y ~ x + ar1(x + z | g), c(0.6, 0.3)), at(y ~ x + toep(x + z | g), c(rep(0.6, 3L), 0.3, 0.09)), 1e-9)
  expect_close(at(
    y ~ x + (x | g) + (0 + z | g), c(0.8, 0.1, 0.5, 0.3)
  ), at(y ~ x + us(x + z | g), c(0.8, 0.1, 0, 0.5, 0, 0.3)), 1e-9)
  expect_close(at(y ~ x + (x + z || g), s), at(y ~ x + (1 | g) + (0 + x | g) + (0 + z | g), s), 1e-9)
})

test_that("optima of structures that contain each other are in order, and equal where the structures are", {
  data <- panel(9, m = 25L)
  best <- function(formula) deviance(fit_quietly(formula, data))
  us <- best(y ~ x + us(x + z | g))
  toep <- best(y ~ x + toep(x + z | g))
  cs <- best(y ~ x + cs(x + z | g))
  diagonal <- best(y ~ x + diag(x + z | g))
  expect_lt(us, toep + agreement)
  expect_lt(toep, cs + agreement)
  expect_lt(cs, diagonal + agreement)
  expect_lt(diagonal, best(y ~ x + homdiag(x + z | g)) + agreement)
  expect_lt(toep, best(y ~ x + ar1(x + z | g)) + agreement)
  expect_lt(cs, best(y ~ x + homcs(x + z | g)) + agreement)
  pair <- best(y ~ x + us(x | g))
  expect_close(best(y ~ x + cs(x | g)), pair, agreement)
  expect_close(best(y ~ x + toep(x | g)), pair, agreement)
  expect_close(best(y ~ x + ar1(x | g)), best(y ~ x + homcs(x | g)), agreement)
  expect_close(best(y ~ x + (x || g)), best(y ~ x + (1 | g) + (0 + x | g)), agreement)
})
