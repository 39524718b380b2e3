# Generalised least squares without one row, by definition.
dense_without <- function(model, row, Psi,
                          REML) dense_fit(rows_of_model(model, setdiff(which(model$w > 0), row)), Psi, REML)

test_that("leaving out a row with the covariance parameters held is exact", {
  for (seed in 1:4) {
    d <- random_data(seed, m = 8, sizes = 1:5, p = 2, q = 2)
    weighted <- seed > 2
    if (weighted) d$w[4] <- 0
    fit <- fit_quietly(y ~ x1 + (z1 | g), d, REML = seed %% 2 == 0, weights = if (weighted) d$w)
    model <- dense_model(y ~ x1, ~z1, d, weights = if (weighted) "w")
    Psi <- getME(fit, "Psi")
    all <- dense_fit(model, Psi, isREML(fit))
    error <- sqrt(diag(all$vcov))
    distances <- cooks.distance(fit)
    ratios <- as.data.frame(influence(fit, obs = TRUE))$cov.r
    for (row in seq_len(nrow(d))) {
      other <- if (model$w[row] > 0) dense_without(model, row, Psi, isREML(fit)) else all
      shift <- all$beta - other$beta
      expect_close(dfbeta(fit)[row, ], shift, 1e-8, error)
      expect_close(dfbetas(fit)[row, ], shift / (error / all$sigma * other$sigma), 1e-8)
      expect_close(distances[row], sum(shift * solve(all$vcov, shift)) / 2, 1e-8)
      expect_close(ratios[row], det(other$vcov) / det(all$vcov), 1e-8)
      expect_close(rstudent(fit)[row], rstandard(fit)[row] * all$sigma / other$sigma, 1e-8)
    }
    expect_named(distances, row.names(d))
  }
})

test_that("without variance between groups the measures are those of lm()", {
  d <- random_data(1, m = 8, sizes = 2:5, p = 3, q = 2)
  d$y <- stats::resid(stats::lm(y ~ g, d)) + d$x1
  fit <- fit_quietly(y ~ x1 + x2 + (1 | g), d)
  expect_true(isSingular(fit))
  linear <- stats::lm(y ~ x1 + x2, d)
  expect_equal(dfbeta(fit), stats::dfbeta(linear))
  expect_equal(dfbetas(fit), stats::dfbetas(linear))
  expect_equal(cooks.distance(fit), stats::cooks.distance(linear))
  expect_equal(rstudent(fit), stats::rstudent(linear))
})

test_that("missing rows are padded as na.exclude wants", {
  d <- random_data(2, m = 8, sizes = 2:5, p = 2, q = 2)
  d$y[3] <- NA
  fit <- fit_quietly(y ~ x1 + (1 | g), d, na.action = na.exclude)
  expect_equal(unname(which(is.na(cooks.distance(fit)))), 3L)
  expect_equal(dim(dfbeta(fit)), c(nrow(d), 2L))
})

test_that("leaving out a row is exact with several grouping factors too", {
  d <- random_data(5, m = 12, sizes = 1:4, p = 2, q = 2)
  d$h <- factor(rep_len(1:4, nrow(d)))
  fit <- fit_quietly(y ~ x1 + (1 | g) + (1 | h), d)
  model <- dense_model(y ~ x1, list(~1, ~1), d, group = c("g", "h"))
  Psi <- diag(vapply(VarCorr(fit)[c("g", "h")], function(D) D[1, 1], 0) / sigma(fit)^2)
  all <- dense_fit(model, Psi)
  for (row in seq_len(nrow(d))) {
    expect_close(dfbeta(fit)[row, ], all$beta - dense_without(model, row, Psi, TRUE)$beta, 1e-8, sqrt(diag(all$vcov)))
  }
})

test_that("a row that alone determines a fixed effect has leverage 1 and no measures", {
  for (shift in c(0, 2^26)) for (factor in c(1, 1.1, pi)) {
    d <- with_seed(1, {
      d <- data.frame(g = gl(6, 4), f = factor(c("a", rep(c("b", "c"), length.out = 23))), x = rnorm(24) + shift)
      transform(d, y = factor * (rnorm(6)[g] + rnorm(24)), h = factor(rep_len(1:3, 24)))
    })
    for (formula in list(y ~ f + x + (1 | g), y ~ f + x + (1 | g) + (1 | h))) {
      fit <- fit_quietly(formula, d)
      expect_silent({
        measures <- cbind(
          cooks.distance(fit), dfbeta(fit), dfbetas(fit), rstudent(fit), rstandard(fit)
        )
        h <- hatvalues(fit)
      })
      expect_true(all(is.nan(measures[1, ])))
      expect_true(all(is.finite(measures[-1, ])))
      expect_identical(h[[1]], 1)
      table <- as.data.frame(influence(fit, obs = TRUE))
      expect_true(all(is.na(table[1, c("dffit", "cov.r", "cook.d")])))
      expect_true(all(is.finite(as.matrix(table[-1, ]))))
      expect_lt(max(h[-1]), 1 - 1e-3)
    }
  }
})

test_that("a row far from the others is not alone", {
  d <- random_data(1, m = 8, sizes = 2:5, p = 2, q = 2)
  d$x1[1] <- 1e4
  fit <- fit_quietly(y ~ x1 + (1 | g), d)
  expect_true(all(is.finite(cooks.distance(fit))))
})
