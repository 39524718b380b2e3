design <- data.frame(
  school = rep(c("a", "b", "c"), c(2, 3, 2)), x = c(-1, 1, 0, 2, 1, -2, 3), w = c(1, 4, 1, 9, 1, 2, 3)
)
U <- cbind(1, design$x)
same <- outer(design$school, design$school, "==")

test_that("responses have the mean and the covariance of the parameters", {
  truth <- list(beta = c(5, -2), theta = c(0.5, 0.3, 0.4), sigma = 2)
  L <- matrix(c(0.5, 0.3, 0, 0.4), 2)
  V <- 4 * (U %*% tcrossprod(L) %*% t(U) * same + diag(1 / design$w))
  draws <- as.matrix(simulate_lmm(y ~ x + (x | school), design, truth, nsim = 4000, seed = 1, weights = ~w))
  expect_identical(dim(draws), c(7L, 4000L))
  expect_lt(max(abs(rowMeans(draws) - (5 - 2 * design$x)) / sqrt(diag(V) / 4000)), 4.5)
  expect_lt(max(abs(cov(t(draws)) - V) / sqrt((outer(diag(V), diag(V)) + V^2) / 4000)), 4.5)
})

test_that("structures, several factors and offsets are those of the formula", {
  design$item <- c(1, 2, 1, 2, 1, 2, 1)
  truth <- list(beta = c(1, 2), theta = c(1, 0.5, 2), sigma = 0.5)
  V <- 0.25 * ((outer(design$x, design$x) * 0.25 + 1) * same + 4 * outer(design$item, design$item, "==") + diag(7))
  formula <- ~ x + offset(10 * x) + (x || school) + (1 | item)
  draws <- as.matrix(simulate_lmm(formula, design, truth, nsim = 4000, seed = 1))
  expect_lt(max(abs(rowMeans(draws) - (1 + 12 * design$x)) / sqrt(diag(V) / 4000)), 4.5)
  expect_lt(max(abs(cov(t(draws)) - V) / sqrt((outer(diag(V), diag(V)) + V^2) / 4000)), 4.5)
})

test_that("the left-hand side, if any, need not be there, and a seed repeats", {
  truth <- list(beta = c("(Intercept)" = 5, x = -2), theta = 1, sigma = 0)
  first <- simulate_lmm(~ x + (1 | school), design, truth, seed = 3)
  expect_identical(first, simulate_lmm(log(y) ~ x + (1 | school), design, truth, seed = 3))
  expect_identical(first, simulate_lmm(y ~ . + (1 | school), cbind(design[c("school", "x")], y = 1), within(truth, {
    beta <- c(5, 0, 0, -2)
  }), seed = 3))
  expect_identical(first, simulate_lmm("y ~ x + (1 | school)", as.list(design), truth, seed = 3))
  expect_named(simulate_lmm(~ x + (1 | school), design, truth, nsim = 2), c("sim_1", "sim_2"))
  set.seed(1)
  before <- .Random.seed
  simulate_lmm(~ x + (1 | school), design, truth, seed = 3)
  expect_identical(.Random.seed, before)
  constant <- simulate_lmm(~ x + (1 | school), design, list(beta = c(5, -2), theta = 0, sigma = 0))
  expect_equal(constant$sim_1, 5 - 2 * design$x)
})

test_that("a simulated response is that of simulate() on a fit of the same design", {
  data <- transform(design, y = c(1, 3, 2, 5, 1, 0, 4))
  fit <- fit_quietly(y ~ x + (1 | school), data)
  truth <- list(beta = c(5, -2), theta = 1, sigma = 2)
  expect_equal(
    simulate_lmm(y ~ x + (1 | school), data, truth, 3, seed = 1), simulate(fit, 3, seed = 1, newparams = truth),
    tolerance = 1e-14
  )
})

test_that("rows with missing values are NA", {
  design$x[2] <- NA
  draws <- simulate_lmm(~ x + (1 | school), design, list(beta = 1:2, theta = 1, sigma = 1), weights = ~w)
  expect_identical(which(is.na(draws$sim_1)), 2L)
})

test_that("what is missing or unknown is an error that says so", {
  truth <- list(beta = c(5, -2), theta = 1, sigma = 2)
  formula <- ~ x + (1 | school)
  expect_error(simulate_lmm(formula, design), "beta", class = "mixest_input")
  expect_error(simulate_lmm(formula, design, truth[-2]), "theta", class = "mixest_input")
  expect_error(simulate_lmm(formula, newparams = truth), "newdata", class = "mixest_input")
  expect_error(simulate_lmm(formula, design, within(truth, beta <- 1)), "2 finite numbers", class = "mixest_input")
  expect_error(simulate_lmm(formula, design, within(truth, theta <- 1:2)), "1 finite number", class = "mixest_input")
  expect_error(simulate_lmm(formula, design, truth, wieghts = 2), "weights", class = "mixest_argument")
  expect_error(simulate_lmm(formula, design, truth, nsim = 0), class = "mixest_input")
  expect_error(simulate_lmm(formula, design, truth, seed = "a"), class = "mixest_input")
  expect_error(simulate_lmm(1, design, truth), class = "mixest_formula")
  expect_error(simulate_lmm(~ z + (1 | school), design, truth), "z", class = "mixest_input")
})
