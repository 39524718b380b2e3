fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("a converged fit has a certificate with all elements", {
  certificate <- convergence(fit)
  expect_s3_class(certificate, "mixest_convergence")
  elements <- c(
    "converged", "gradient", "newton_decrement", "hessian_min_eigen", "kkt_min_eigen", "rank", "iterations",
    "evaluations", "message"
  )
  expect_true(all(elements %in% names(certificate)))
  expect_true(certificate$converged)
  expect_lt(certificate$newton_decrement, 1e-10)
  expect_gt(certificate$hessian_min_eigen, 0)
  expect_identical(as.integer(certificate$rank), 2L)
  expect_match(certificate$message, "^Converged: ")
  expect_output(print(certificate), "^Converged: ")
  expect_false(isSingular(fit))
})

# A fit as the core would return it for this factor.
with_factor <- function(lambda, names, rank, status = "converged") {
  structure(list(
    format = fit$format, lambda = lambda,
    random = list(
      terms = list(list(label = "g", structure = "us", names = names, columns = seq_along(names), size = length(names)))
    ),
    certificate = list(
      status = status, converged = status == "converged", gradient = 1e-15, newton_decrement = 0.01, rank = rank,
      flat = 2L, iterations = 200L, evaluations = 7L
    )
  ), class = "mixest")
}

test_that("a singular fit says what is at its limit", {
  expect_match(
    convergence(with_factor(cbind(c(2, 1), 0), c("(Intercept)", "x"), 1L))$message,
    paste(
      "singular: the correlation of (Intercept) and x is at 1; D has rank 1 of 2;",
      "standard errors of the fixed effects hold,",
      "degrees of freedom by Satterthwaite or Kenward-Roger can change a lot."
    ), fixed = TRUE
  )
  expect_match(convergence(
    with_factor(cbind(c(2, -1), 0), c("a", "b"), 1L)
  )$message, "the correlation of a and b is at -1;", fixed = TRUE)
  expect_match(convergence(
    with_factor(diag(c(2, 0)), c("a", "b"), 1L)
  )$message, "the standard deviation of b is 0; D has rank 1 of 2;", fixed = TRUE)
  expect_match(convergence(
    with_factor(matrix(0, 2, 2), c("a", "b"), 0L)
  )$message, "the standard deviation of a and b is 0;", fixed = TRUE)
  expect_match(convergence(
    with_factor(cbind(c(1, 1, 2), c(0, 1, 1), 0), c("a", "b", "c"), 2L)
  )$message, "singular: D has rank 2 of 3;", fixed = TRUE)
  expect_true(isSingular(with_factor(diag(c(2, 0)), c("a", "b"), 1L)))
})

test_that("a fit that isn't certified says why", {
  message_of <- function(status) convergence(with_factor(diag(2), c("a", "b"), 2L, status))$message
  expect_match(
    message_of("max_iterations"), "Not converged: the limit of iterations (200) was reached; about 0.01 is left",
    fixed = TRUE
  )
  expect_match(message_of("no_progress"), "Not converged: no step improves")
  expect_match(message_of("flat"), "Not certified: .* covariance parameter g.b.a\\.$")
  expect_match(message_of("perfect_fit"), "Perfect fit: .* sigma is 0")
})

test_that("a zero variance is found exactly", {
  skip_if_not_installed("lme4")
  flat <- suppressMessages(lmm(Yield ~ 1 + (1 | Batch), data = lme4::Dyestuff2))
  expect_true(isSingular(flat))
  expect_true(convergence(flat)$converged)
  expect_identical(unname(getME(flat, "theta")), 0)
  expect_equal(sigma(flat), sd(lme4::Dyestuff2$Yield), tolerance = 1e-10)
  expect_match(convergence(flat)$message, "the standard deviation of (Intercept) is 0; D has rank 0 of 1", fixed = TRUE)
})

test_that("a perfect fit has sigma 0, no t values and says so", {
  line <- data.frame(x = rep(0:9, 6), g = gl(6, 10))
  line$y <- 251 + 10 * line$x
  fit <- suppressWarnings(lmm(y ~ x + (1 | g), data = line))
  expect_equal(fixef(fit), c("(Intercept)" = 251, x = 10))
  expect_identical(sigma(fit), 0)
  expect_false(convergence(fit)$converged)
  expect_match(convergence(fit)$message, "^Perfect fit: [^;]*; sigma is 0 and there are no t values\\.$")
  expect_true(all(is.na(coef(summary(fit))[, "t value"])))
  expect_output(print(fit), "Perfect fit")
  expect_output(print(summary(fit)), "NA")
  expect_true(all(ranef(fit)$g == 0))
})

test_that("the sentence names the grouping factor whose variance is zero", {
  data <- transform(as.data.frame(nlme::Oats), half = rep(1:2, 36))
  fit <- fit_quietly(yield ~ nitro * half + (1 | Block) + (1 | Block:half), data)
  expect_true(isSingular(fit))
  expect_match(convergence(fit)$message, "of (Intercept) of Block:half is 0", fixed = TRUE)
})
