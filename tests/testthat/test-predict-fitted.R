fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("response = fitted + residual at both levels", {
  for (level in 0:1) {
    expect_equal(
      unname(fitted(fit, level = level) + residuals(fit, level = level)), nlme::Orthodont$distance, tolerance = 1e-12
    )
  }
  expect_equal(fitted(fit, level = 0), predict(fit, re.form = NA))
  expect_error(fitted(fit, level = 2), class = "mixest_input")
  expect_error(residuals(fit, level = 0:1), class = "mixest_input")
})

test_that("fitted values have the names of the rows", {
  expect_named(fitted(fit), rownames(nlme::Orthodont))
  expect_named(residuals(fit), rownames(nlme::Orthodont))
})

test_that("Pearson residuals carry the weights, normalized ones sigma too", {
  data <- nlme::Orthodont
  data$w <- rep(1:4, 27)
  weighted <- lmm(distance ~ age + (1 | Subject), data = data, weights = w)
  raw <- residuals(weighted)
  expect_equal(residuals(weighted, type = "pearson"), raw * sqrt(data$w))
  expect_equal(residuals(weighted, type = "normalized"), raw * sqrt(data$w) / sigma(weighted))
  expect_equal(residuals(weighted, scaled = TRUE), raw / sigma(weighted))
  expect_error(residuals(weighted, type = "deviant"), class = "mixest_input")
})

test_that("na.exclude pads, na.omit doesn't", {
  data <- nlme::Orthodont
  data$distance[c(3, 15)] <- NA
  padded <- lmm(distance ~ age + (1 | Subject), data = data, na.action = na.exclude)
  short <- lmm(distance ~ age + (1 | Subject), data = data)
  for (f in list(fitted, residuals, predict, weights, hatvalues, rstandard)) {
    expect_length(f(padded), 108)
    expect_identical(which(is.na(f(padded))), which(is.na(data$distance)), ignore_attr = TRUE)
    expect_equal(f(padded)[-c(3, 15)], f(short))
  }
  expect_identical(nrow(simulate(padded, seed = 1)), 108L)
  expect_identical(nrow(simulate(short, seed = 1)), 106L)
})

test_that("hatvalues() is the diagonal of the map from response to fitted values", {
  small <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
  V <- as.matrix(getME(small, "V"))
  X <- model.matrix(small)
  P <- solve(V) - solve(V, X) %*% solve(crossprod(X, solve(V, X)), t(solve(V, X)))
  expect_equal(unname(hatvalues(small)), 1 - sigma(small)^2 * diag(P), tolerance = 1e-9, ignore_attr = TRUE)
  variance <- sigma(small)^4 * diag(P)
  expect_equal(unname(rstandard(small)), unname(residuals(small) / sqrt(variance)), tolerance = 1e-9)
})

test_that("a linear model's leverages are those of lm() when D is zero", {
  skip_if_not_installed("lme4")
  flat <- suppressMessages(lmm(Yield ~ 1 + (1 | Batch), data = lme4::Dyestuff2))
  expect_equal(unname(hatvalues(flat)), rep(1 / 30, 30), tolerance = 1e-12)
  expect_true(all(ranef(flat)$Batch == 0))
})

test_that("simulate() repeats with a seed and leaves the generator as it was", {
  set.seed(7)
  before <- .Random.seed
  first <- simulate(fit, nsim = 2, seed = 42)
  expect_identical(.Random.seed, before)
  expect_identical(first, simulate(fit, nsim = 2, seed = 42))
  expect_named(first, c("sim_1", "sim_2"))
  expect_false(identical(simulate(fit), simulate(fit)))
  expect_identical(attr(first, "seed")[1], 42)
})

test_that("simulated responses have the covariance V, or R around the predicted effects", {
  small <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
  draws <- as.matrix(simulate(small, nsim = 4000, seed = 1))
  V <- as.matrix(getME(small, "V"))
  expect_lt(max(abs(cov(t(draws)) - V)) / max(V), 0.1)
  expect_lt(max(abs(rowMeans(draws) - fixef(small))), 4 * sqrt(max(V) / 4000))
  around <- as.matrix(simulate(small, nsim = 4000, seed = 1, re.form = NULL))
  expect_lt(max(abs(rowMeans(around) - fitted(small))), 4 * sigma(small) / sqrt(4000))
  expect_lt(max(abs(cov(t(around)) - diag(sigma(small)^2, 18))) / sigma(small)^2, 0.1)
})

test_that("a fit without rows says so", {
  small <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  for (f in list(fitted, residuals, hatvalues, rstandard, simulate, model.frame, model.matrix, weights)) {
    expect_error(f(small), "keep_data", class = "mixest_input")
  }
  expect_error(getME(small, "X"), "keep_data", class = "mixest_input")
  expect_error(getME(small, "V"), "keep_data", class = "mixest_input")
  expect_length(getME(small, "theta"), 1)
})

test_that("levels go from the population through the nested factors to all effects, as in nlme", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  peer <- nlme::lme(yield ~ nitro, random = ~ 1 | Block / Variety, data = nlme::Oats, control = nlme::lmeControl(
    msTol = 1e-12, tolerance = 1e-10
  ))
  for (level in 0:2) {
    expect_equal(unname(fitted(oats, level = level)), as.vector(fitted(peer, level = level)), tolerance = 1e-5)
    expect_equal(unname(residuals(oats, level = level)), as.vector(residuals(peer, level = level)), tolerance = 1e-5)
    expect_identical(predict(oats, level = level), fitted(oats, level = level))
  }
  expect_identical(fitted(oats), fitted(oats, level = 2))
  reversed <- lmm(yield ~ nitro + (1 | Block) + (1 | Block:Variety), nlme::Oats)
  expect_equal(fitted(reversed, level = 1), fitted(oats, level = 1), tolerance = 1e-8)
  expect_error(fitted(oats, level = 3), class = "mixest_input")
})

test_that("crossed factors have no levels but the first and the last", {
  crossed <- fit_quietly(yield ~ nitro + (1 | Block) + (1 | Variety), nlme::Oats)
  expect_identical(fitted(crossed, level = 2), fitted(crossed))
  expect_identical(fitted(crossed, level = 0), predict(crossed, re.form = NA))
  expect_error(fitted(crossed, level = 1), "re.form", class = "mixest_input")
})

test_that("with several factors the leverages are the diagonal of the map from response to fitted values", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  V <- as.matrix(getME(oats, "V"))
  X <- model.matrix(oats)
  P <- solve(V) - solve(V, X) %*% solve(crossprod(X, solve(V, X)), t(solve(V, X)))
  expect_equal(unname(hatvalues(oats)), 1 - sigma(oats)^2 * unname(diag(P)), tolerance = 1e-8)
})

test_that("simulations keep the effects that re.form names and draw the others", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  draws <- as.matrix(simulate(oats, nsim = 4000, seed = 1, re.form = ~ (1 | Block)))
  part <- getME(oats, c("D", "V"))
  V <- part$D[1L, 1L] * with(
    nlme::Oats, outer(paste(Variety, Block), paste(Variety, Block), "==")
  ) + diag(sigma(oats)^2, 72)
  expect_lt(max(abs(cov(t(draws)) - V)) / max(V), 0.12)
  expect_lt(max(abs(rowMeans(draws) - fitted(oats, level = 1))), 4.5 * sqrt(max(V) / 4000))
  draws <- as.matrix(simulate(oats, nsim = 4000, seed = 1))
  expect_lt(max(abs(cov(t(draws)) - as.matrix(part$V))) / max(part$V), 0.12)
})
