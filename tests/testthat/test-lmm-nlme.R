data <- as.data.frame(nlme::Orthodont)

test_that("a line of nlme's is refused with the line to write", {
  fit <- lmm(distance ~ age + (1 | Subject), data)
  expect_error(update(fit, random = ~ age | Subject), "update(fit, . ~ . - (1 | Subject) + (age | Subject))",
    fixed = TRUE, class = "mixest_argument"
  )
  expect_error(lmm(distance ~ age, data = data, random = ~ age | Subject),
    "lmm(distance ~ age + (age | Subject), data = data)", fixed = TRUE, class = "mixest_argument"
  )
  expect_error(lmm(fixed = distance ~ age, random = list(Subject = nlme::pdDiag(~ age))),
    "lmm(distance ~ age + diag(age | Subject))", fixed = TRUE, class = "mixest_argument"
  )
  expect_error(lmm(distance ~ age, data, random = 3), "(x | g)", fixed = TRUE, class = "mixest_argument")
})
