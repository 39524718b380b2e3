fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

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

# Means and covariances of many simulations against theirs, in Monte Carlo standard errors.
expect_moments <- function(draws, mean, V) {
  draws <- as.matrix(draws)
  n <- ncol(draws)
  expect_lt(max(abs(rowMeans(draws) - mean) / sqrt(diag(V) / n)), 4.5)
  error <- sqrt((outer(diag(V), diag(V)) + V^2) / n)
  expect_lt(max(abs(cov(t(draws)) - V) / error), 4.5)
}

test_that("responses of new rows have the model's mean and covariance", {
  new <- data.frame(age = c(8, 10, 12, 9, 11, 13), Subject = c("a", "a", "M01", "b", "b", NA), w = 1:6)
  U <- cbind(1, new$age)
  same <- outer(new$Subject, new$Subject, "==") %in% TRUE | diag(6) == 1
  mean <- drop(U %*% fixef(fit))
  D <- getME(fit, "D")
  V <- (U %*% D %*% t(U)) * same + diag(sigma(fit)^2, 6)
  expect_moments(simulate(fit, 4000, seed = 1, newdata = new), mean, V)
  noise <- diag(sigma(fit)^2 / new$w, 6)
  expect_moments(simulate(fit, 4000, seed = 2, newdata = new, weights = ~w), mean, (U %*% D %*% t(U)) * same + noise)

  # a known child keeps its effects, new ones are drawn
  expect_error(simulate(fit, newdata = new, use.u = TRUE), "Missing in row 6", class = "mixest_input")
  known <- new$Subject %in% "M01"
  mean[known] <- predict(fit, new[known, ])
  V[known, known] <- sigma(fit)^2
  expect_moments(simulate(fit, 4000, seed = 3, newdata = new, re.form = NULL, allow.new.levels = TRUE), mean, V)
  some <- simulate(fit, 2, seed = 4, newdata = new[known, ], use.u = TRUE)
  expect_identical(some, simulate(fit, 2, seed = 4, newdata = new[known, ], re.form = NULL))
  expect_identical(some, simulate(fit, 2, seed = 4, newdata = new[known, ], re.form = ~ (age | Subject)))
})

test_that("given parameters take the place of estimates", {
  new <- data.frame(age = c(8, 10, 12), Subject = c("a", "a", "b"))
  theta <- c(1, -0.2, 0.1)
  L <- matrix(c(1, -0.2, 0, 0.1), 2)
  U <- cbind(1, new$age)
  V <- 4 * (U %*% tcrossprod(L) %*% t(U) * outer(new$Subject, new$Subject, "==") + diag(3))
  truth <- list(beta = c(10, -1), theta = theta, sigma = 2)
  expect_moments(simulate(fit, 4000, seed = 1, newdata = new, newparams = truth), 10 - new$age, V)
  named <- list(beta = c(age = -1, "(Intercept)" = 10), theta = theta, sigma = 2)
  expect_identical(
    simulate(fit, seed = 1, newdata = new, newparams = named), simulate(fit, seed = 1, newdata = new, newparams = truth)
  )
  expect_identical(
    simulate(fit, seed = 1, newparams = list(theta = getME(fit, "theta"), sigma = sigma(fit))), simulate(fit, seed = 1)
  )
  for (wrong in list(1:3, list(1), list(gamma = 1), list(beta = 1), list(beta = c(a = 1, b = 2)), list(theta = 1:2),
                     list(sigma = -1), list(sigma = "a"), list(theta = "a"))) {
    expect_error(simulate(fit, newparams = wrong), class = "mixest_input")
  }
  structured <- fit_quietly(distance ~ age + cs(age | Subject), nlme::Orthodont)
  expect_error(simulate(structured, newparams = list(theta = c(1, 1, 2))), "inside", class = "mixest_input")
})

test_that("missing values in new data are treated as na.action wants", {
  new <- data.frame(age = c(8, NA, 12), Subject = c("a", "a", "b"))
  expect_identical(is.na(simulate(fit, newdata = new, seed = 1)$sim_1), c(FALSE, TRUE, FALSE))
  expect_identical(nrow(simulate(fit, newdata = new, seed = 1, na.action = na.omit)), 2L)
  expect_error(simulate(fit, newdata = new, seed = 1, na.action = na.fail), "row 2", class = "mixest_input")
})

test_that("wrong arguments are refused", {
  for (nsim in list(0, -1, "a", NA, 1:2)) expect_error(simulate(fit, nsim), class = "mixest_input")
  for (seed in list("a", 1.5, 1e10, NA, 1:2)) expect_error(simulate(fit, seed = seed), class = "mixest_input")
  expect_error(simulate(fit, use.u = TRUE, re.form = NA), class = "mixest_input")
  expect_error(simulate(fit, use.u = "a"), class = "mixest_input")
  expect_error(simulate(fit, type = "terms"), class = "mixest_input")
  for (weights in list("a", 0, -1, 1:2, Inf, y ~ w)) {
    expect_error(simulate(fit, newdata = nlme::Orthodont, weights = weights), "weights", class = "mixest_input")
  }
  expect_error(simulate(fit, newdata = nlme::Orthodont, weights = ~nobody), "nobody", class = "mixest_input")
  expect_identical(simulate(fit, seed = 1, type = "link"), simulate(fit, seed = 1))
})

test_that("a fit without rows simulates new ones", {
  lean <- lmm(distance ~ age + (age | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_equal(
    simulate(lean, seed = 1, newdata = nlme::Orthodont), simulate(fit, seed = 1, newdata = nlme::Orthodont),
    tolerance = 1e-12
  )
})
