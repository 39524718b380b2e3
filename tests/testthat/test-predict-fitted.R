fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("response = fitted + residual at both levels", {
  for (level in 0:1) {
    expect_equal(
      unname(fitted(fit, level = level) + residuals(fit, level = level)), nlme::Orthodont$distance, tolerance = 1e-12
    )
  }
  expect_equal(fitted(fit, level = 0), predict(fit, re.form = NA))
  expect_error(fitted(fit, level = 2), class = "mixest_input")
  expect_error(residuals(fit, level = c(0, 2)), class = "mixest_input")
  expect_error(fitted(fit, level = 0.5), class = "mixest_input")
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
  expect_equal(residuals(weighted, type = "deviance"), raw * sqrt(data$w))
  expect_equal(residuals(weighted, type = "working"), raw)
  for (type in c("p", "pear", "n", "d", "w", "resp")) {
    full <- c(p = "pearson", n = "normalized", d = "deviance", w = "working", r = "response")[[substr(type, 1, 1)]]
    expect_identical(residuals(weighted, type = type), residuals(weighted, type = full))
  }
  for (type in list("deviant", "", NA, 1, c("p", "n"))) {
    expect_error(residuals(weighted, type = type), class = "mixest_input")
  }
  expect_error(residuals(weighted, scaled = "a"), class = "mixest_input")
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

test_that("several levels at once have nlme's shapes and names", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  peer <- nlme::lme(yield ~ nitro, random = ~ 1 | Block / Variety, data = nlme::Oats, control = nlme::lmeControl(
    msTol = 1e-12, tolerance = 1e-10
  ))
  expect_equal(fitted(oats, level = 0:2), fitted(peer, level = 0:2), tolerance = 1e-5)
  expect_equal(fitted(oats, level = c(2, 0)), fitted(peer, level = c(2, 0)), tolerance = 1e-5)
  expect_equal(residuals(oats, level = 0:2), residuals(peer, level = 0:2), tolerance = 1e-5, ignore_attr = "label")
  expect_identical(fitted(oats, level = 0:1)[, "fixed"], fitted(oats, level = 0))
  implicit <- lmm(yield ~ nitro + (1 | Block) + (1 | plot), transform(nlme::Oats, plot = paste(Block, Variety)))
  expect_identical(colnames(fitted(implicit, level = 0:2)), c("fixed", "Block", "plot"))
  data <- nlme::Oats
  data$yield[7] <- NA
  padded <- lmm(yield ~ nitro + (1 | Block), data, na.action = na.exclude)
  expect_identical(which(is.na(residuals(padded, level = 0:1)[, 1])), 7L, ignore_attr = TRUE)
})

# V^{-1/2} r, V the covariance of the effects `left` (columns of U) and the noise, by definition.
whiten_dense <- function(model, Psi, residual, left) {
  Psi[-left, ] <- 0
  Psi[, -left] <- 0
  V <- covariance_of_rows(model, Psi) + diag(1 / model$w)
  W <- diag(sqrt(model$w))
  parts <- eigen(W %*% V %*% W, symmetric = TRUE)
  drop(parts$vectors %*% (crossprod(parts$vectors, sqrt(model$w) * residual) / sqrt(parts$values)))
}

test_that("normalized residuals of outer levels are multiplied by the inverse root of V", {
  d <- random_data(3, m = 10, sizes = 1:6, p = 2, q = 2)
  one <- fit_quietly(y ~ x1 + (z1 | g), d, weights = w)
  model <- dense_model(y ~ x1, ~z1, d, weights = "w")
  wanted <- whiten_dense(model, getME(one, "Psi"), residuals(one, level = 0), 1:2) / sigma(one)
  expect_close(residuals(one, type = "normalized", level = 0), wanted, 1e-10)
  intercept <- fit_quietly(y ~ x1 + (1 | g), d, weights = w)
  model <- dense_model(y ~ x1, ~1, d, weights = "w")
  wanted <- whiten_dense(model, getME(intercept, "Psi"), residuals(intercept, level = 0), 1L) / sigma(intercept)
  expect_close(residuals(intercept, type = "normalized", level = 0), wanted, 1e-10)

  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  model <- dense_model(yield ~ nitro, list(~1, ~1), nlme::Oats, group = c("Variety:Block", "Block"))
  for (level in 0:1) {
    left <- if (level) 1L else 1:2
    wanted <- whiten_dense(model, getME(oats, "Psi"), residuals(oats, level = level), left) / sigma(oats)
    expect_close(residuals(oats, type = "normalized", level = level), wanted, 1e-10)
  }
  crossed <- fit_quietly(yield ~ nitro + (1 | Block) + (nitro | Variety), nlme::Oats)
  model <- dense_model(yield ~ nitro, list(~1, ~nitro), nlme::Oats, group = c("Block", "Variety"))
  wanted <- whiten_dense(model, getME(crossed, "Psi"), residuals(crossed, level = 0), 1:3) / sigma(crossed)
  expect_close(residuals(crossed, type = "normalized", level = 0), wanted, 1e-10)
})

test_that("normalized marginal residuals have unit covariance under the model", {
  d <- random_data(4, m = 5, sizes = 2:4, p = 1, q = 2)
  fit <- fit_quietly(y ~ 0 + x0 + (z1 | g), transform(d, x0 = 0.5))
  draws <- as.matrix(simulate(fit, 4000, seed = 1))
  root <- apply(draws - predict(fit, re.form = NA), 2, function(residual) {
    whiten(fit, prediction_rows(fit), residual, integer()) / sigma(fit)
  })
  expect_lt(max(abs(cov(t(root)) - diag(nrow(d)))), 0.1)
})

test_that("rows of levels of weight 0 have normalized residuals of 0", {
  d <- random_data(3, m = 10, sizes = 2:6, p = 2, q = 2)
  d$w[d$g == levels(d$g)[2]] <- 0
  fit <- fit_quietly(y ~ x1 + (1 | g), d, weights = w)
  expect_identical(unname(residuals(fit, type = "normalized", level = 0)[d$w == 0]), numeric(sum(d$w == 0)))
})

test_that("the full hat matrix maps the response to the fitted values, and has the leverages", {
  d <- random_data(3, m = 10, sizes = 1:6, p = 2, q = 2)
  d$w[3] <- 0
  d$h <- factor(rep_len(1:4, nrow(d)))
  for (fit in list(
    fit_quietly(y ~ x1 + (z1 | g), d, weights = w), fit_quietly(y ~ x1 + (1 | g) + (1 | h), d, weights = w)
  )) {
    H <- hatvalues(fit, fullHatMatrix = TRUE)
    expect_equal(drop(H %*% d$y), fitted(fit), tolerance = 1e-10)
    expect_equal(diag(H), hatvalues(fit), tolerance = 1e-10)
  }
  expect_error(hatvalues(fit, fullHatMatrix = NA), class = "mixest_input")
})
