orthodont <- as.data.frame(nlme::Orthodont)

conditions_of <- function(code) {
  classes <- character()
  withCallingHandlers(code, condition = function(condition) {
    own <- grep("^mixest_", class(condition), value = TRUE)
    classes <<- c(classes, own)
    if (inherits(condition, "message")) invokeRestart("muffleMessage")
    if (inherits(condition, "warning")) invokeRestart("muffleWarning")
  })
  classes
}

test_that("a fit with nothing to say is silent", {
  expect_silent(lmm(distance ~ age + (age | Subject), orthodont))
})

test_that("a boundary estimate is a message, once", {
  expect_equal(conditions_of(lmm(Yield ~ 1 + (1 | Batch), lme4::Dyestuff2)), "mixest_singular")
  expect_snapshot(fit <- lmm(Yield ~ 1 + (1 | Batch), lme4::Dyestuff2))
  expect_true(fit$certificate$converged)
})

test_that("dropped columns are a message, once, and are dropped in the order of lm()", {
  expect_equal(conditions_of(lmm(distance ~ age + I(2 * age) + Sex + (1 | Subject), orthodont)), "mixest_aliased")
  expect_snapshot(fit <- lmm(distance ~ age + I(2 * age) + Sex + (1 | Subject), orthodont))
  expect_equal(names(which(is.na(coef(lm(distance ~ age + I(2 * age) + Sex, orthodont))))), fit$aliased)
  expect_equal(fit$coefficients, lmm(distance ~ age + Sex + (1 | Subject), orthodont)$coefficients)
})

test_that("what is not certified is a warning", {
  expect_warning(lmm(
    distance ~ age + (age | Subject), orthodont, control = lmm_control(max_iterations = 1)
  ), class = "mixest_not_converged")
  alone <- transform(orthodont, row = seq_along(age))
  expect_warning(fit <- lmm(distance ~ age + (1 | row), alone), class = "mixest_unidentified")
  expect_false(fit$certificate$converged)
})

test_that("a perfect fit is a warning and has the exact coefficients", {
  exact <- transform(orthodont, y = 251 + 10 * age)
  expect_snapshot(fit <- lmm(y ~ age + (1 | Subject), exact))
  expect_equal(unname(fit$coefficients), c(251, 10))
  expect_equal(fit$sigma, 0)
  expect_warning(lmm(y ~ age + (1 | Subject), exact), class = "mixest_degenerate")
})

test_that("what can't be estimated is an error", {
  few <- data.frame(y = c(1, 3, 2, 5), x = c(0.3, 1, -1, 2), f = gl(2, 2), g = gl(2, 1, 4))
  groups <- data.frame(y = rep(c(1, 3, 2, 5), each = 5), g = gl(4, 5))
  expect_snapshot(error = TRUE, {
    lmm(y ~ x * f + (1 | g), few)
    lmm(y ~ 1 + (1 | g), groups)
    lmm(distance ~ age + (age + I(2 * age) | Subject), orthodont)
  })
  expect_error(lmm(y ~ x * f + (1 | g), few), class = "mixest_unidentified")
  expect_error(lmm(y ~ 1 + (1 | g), groups), class = "mixest_degenerate")
})

test_that("the start does not change the optimum", {
  fit <- lmm(distance ~ age + (age | Subject), orthodont)
  same <- function(start, formula = distance ~ age + (age | Subject), wanted = fit) {
    expect_equal(lmm(formula, orthodont, start = start)$deviance, wanted$deviance, tolerance = 1e-10)
  }
  same(list(theta = fit$theta))
  same(list(theta = c(1, 0, 1)))
  same(list(D = matrix(c(4, 0.1, 0.1, 0.05), 2)))
  same(fit)
  diagonal <- lmm(distance ~ age + (age || Subject), orthodont)
  same(list(D = diag(c(4, 0.05))), distance ~ age + (age || Subject), diagonal)
  several <- distance ~ age + (1 | Subject) + (0 + age | Subject)
  same(list(D = list(4, 0.05)), several, diagonal)
})

test_that("the factor of a start is lower triangular, also of a singular matrix", {
  for (D in list(matrix(c(4, 1, 1, 2), 2), matrix(c(4, 2, 2, 1), 2), matrix(c(0, 0, 0, 1), 2))) {
    L <- matrix(0, 2, 2)
    L[lower.tri(L, diag = TRUE)] <- lower_triangle_of_factor(D)
    expect_equal(tcrossprod(L), D)
    expect_true(all(diag(L) >= 0))
  }
})

test_that("theta has the length that the structure says", {
  expect_equal(n_theta("us", 3L), 6)
  for (structure in names(covariance_structures)) expect_equal(n_theta(structure, 1L), 1)
  sizes <- c(us = 10, diag = 4, homdiag = 1, cs = 5, homcs = 2, ar1 = 2, toep = 7)
  for (structure in names(covariance_structures)) expect_equal(n_theta(structure, 4L), sizes[[structure]])
})

test_that("a start that can't be used is refused", {
  one <- lmm(distance ~ age + (1 | Subject), orthodont)
  model <- distance ~ age + (age | Subject)
  expect_snapshot(error = TRUE, {
    lmm(model, orthodont, start = 3)
    lmm(model, orthodont, start = list(theta = 1:2))
    lmm(model, orthodont, start = list(theta = c(1, NA, 1)))
    lmm(model, orthodont, start = list(theta = "a"))
    lmm(model, orthodont, start = list(D = diag(3)))
    lmm(model, orthodont, start = list(D = matrix(c(1, 2, 2, 1), 2)))
    lmm(model, orthodont, start = list(D = list(1, 1)))
    lmm(model, orthodont, start = one)
    lmm(distance ~ age + cs(age | Subject), orthodont, start = list(D = diag(2)))
  })
})

test_that("a start outside the parameter space is refused; other errors of the core are not blamed on the start", {
  expect_error(lmm(
    distance ~ age + (age || Subject), orthodont, start = list(theta = c(1, -1))
  ), "parameter space", class = "mixest_input")
  expect_error(lmm(
    distance ~ age + cs(age | Subject), orthodont, start = list(theta = c(1, 1, 2))
  ), "parameter space", class = "mixest_input")
  damaged <- lmm(distance ~ age + (age | Subject), orthodont)
  damaged$stats$B <- NULL
  error <- expect_error(update(damaged, REML = FALSE, start = list(theta = c(1, 0, 1))))
  expect_false(inherits(error, "mixest_input"))
})
