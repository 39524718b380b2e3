test_that("condensed data of chosen columns give the fit of those columns", {
  data <- transform(random_data(12L, m = 25L, sizes = 1:9, q = 3L, Psi = 0.5 * diag(3) + 0.2), z1 = z1 + 50)
  fit <- fit_quietly(y ~ x1 + (z1 + z2 | g), data)
  for (columns in list(1:2, c(1L, 3L), 2:3, 2L)) {
    terms <- fit$random$terms
    stats <- choose_random_columns(fit$stats, terms, list(list(term = 1L, columns = columns)))
    terms[[1L]]$size <- length(columns)
    direct <- fit_quietly(reformulate(
      c("x1", sprintf("(%d + %s | g)", 1L %in% columns, paste(c("1", "z1", "z2")[columns], collapse = " + "))), "y"
    ), data)
    direct <- if (1L %in% columns) {
      direct
    } else {
      fit_quietly(
        reformulate(c("x1", sprintf("(0 + %s | g)", paste(c("1", "z1", "z2")[columns], collapse = " + "))), "y"), data
      )
    }
    expect_equal(cpp_evaluate(stats, terms, TRUE, direct$theta, 0L)$value, deviance(direct), tolerance = 1e-9)
  }
})

test_that("the indicators of a factor hold the constant", {
  data <- transform(as.data.frame(nlme::Orthodont), late = factor(age > 10))
  fit <- fit_quietly(distance ~ age + (0 + late | Subject), data)
  direct <- lmm(distance ~ age + (1 | Subject), data)
  stats <- choose_random_columns(fit$stats, fit$random$terms, list(list(term = 1L, columns = NULL)))
  expect_equal(cpp_evaluate(
    stats, list(list(structure = "us", size = 1L)), TRUE, direct$theta, 0L
  )$value, deviance(direct), tolerance = 1e-10)
})
