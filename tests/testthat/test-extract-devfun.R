fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
criterion_at <- devfun(fit)
theta <- getME(fit, "theta")

test_that("devfun() at the estimate is the criterion, with no gradient", {
  at <- criterion_at(theta, deriv = 2)
  expect_equal(as.numeric(at), deviance(fit), tolerance = 1e-12)
  expect_lt(max(abs(attr(at, "gradient"))), 1e-6)
  expect_true(all(eigen(attr(at, "hessian"), only.values = TRUE)$values > 0))
})

test_that("attributes come with the order of the derivative", {
  expect_null(attributes(criterion_at(theta)))
  expect_named(attributes(criterion_at(theta, 1)), "gradient")
  expect_named(attributes(criterion_at(theta, deriv = 2)), c("gradient", "hessian"))
})

test_that("derivatives are those of the function", {
  set.seed(1)
  at <- theta + c(0.3, -0.1, 0.2) * runif(3)
  step <- 1e-5
  shifted <- function(j, by) replace(at, j, at[j] + by)
  gradient <- vapply(
    1:3, function(j) (criterion_at(shifted(j, step)) - criterion_at(shifted(j, -step))) / (2 * step), 0
  )
  hessian <- vapply(1:3, function(j) {
    (
      attr(criterion_at(shifted(j, step), 1), "gradient") - attr(criterion_at(shifted(j, -step), 1), "gradient")
    ) / (2 * step)
  }, numeric(3))
  exact <- criterion_at(at, 2)
  expect_equal(as.vector(attr(exact, "gradient")), gradient, tolerance = 1e-6)
  expect_equal(unname(attr(exact, "hessian")), hessian, tolerance = 1e-6)
})

test_that("the function carries no rows", {
  expect_lt(length(serialize(environment(criterion_at), NULL)), length(serialize(fit, NULL)))
  expect_null(environment(criterion_at)$fit)
})

test_that("a theta or an order that can't be evaluated is refused", {
  expect_error(criterion_at(theta[1:2]), class = "mixest_input")
  expect_error(criterion_at(c(1, NA, 1)), class = "mixest_input")
  expect_error(criterion_at("a"), class = "mixest_input")
  expect_error(criterion_at(theta, deriv = 3), class = "mixest_input")
  expect_error(criterion_at(theta, deriv = "2"), class = "mixest_input")
})
