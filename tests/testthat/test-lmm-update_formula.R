data <- as.data.frame(nlme::Orthodont)

expect_formula <- function(fit, wanted) expect_equal(formula(fit), wanted, ignore_formula_env = TRUE)

test_that("an effect is taken away from independent ones", {
  fit <- suppressMessages(lmm(distance ~ age + (age || Subject), data))
  expect_formula(update(fit, . ~ . - (0 + age | Subject)), distance ~ age + (1 | Subject))
  expect_formula(update(fit, . ~ . - (1 | Subject)), distance ~ age + (0 + age | Subject))
  by_name <- suppressMessages(lmm(distance ~ age + diag(age | Subject), data))
  expect_formula(update(by_name, . ~ . - (age + 0 | Subject)), distance ~ age + (1 | Subject))
  factor <- suppressWarnings(suppressMessages(lmm(distance ~ age + (Sex || age), data)))
  expect_error(update(factor, . ~ . - (0 + Sex | age)), "Sex || age", fixed = TRUE, class = "mixest_formula")
})

test_that("a factor is taken away from nested ones", {
  fit <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_formula(update(fit, . ~ . - (1 | Block)), yield ~ nitro + (1 | Variety:Block))
  expect_formula(update(fit, . ~ . - (1 | Block:Variety)), yield ~ nitro + (1 | Block))
  expect_formula(update(fit, . ~ . - (1 | Block / Variety) + (nitro | Block)), yield ~ nitro + (nitro | Block))
})

test_that("a term is known by its meaning, and one that is absent is refused", {
  fit <- lmm(distance ~ age + (age | Subject), data)
  expect_formula(update(fit, . ~ . - (1 + age | Subject) + (1 | Subject)), distance ~ age + (1 | Subject))
  expect_error(update(fit, . ~ . - (1 | Subject)), "(age | Subject)", fixed = TRUE, class = "mixest_formula")
})

test_that("a dot of the fit stands for its variables", {
  fit <- lmm(distance ~ . - Subject + (1 | Subject), data)
  expect_equal(fixef(update(fit, . ~ . - Sex)), fixef(lmm(distance ~ age + (1 | Subject), data)), tolerance = 1e-10)
})
