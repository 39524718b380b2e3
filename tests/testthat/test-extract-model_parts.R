fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)

test_that("the formula comes whole or in parts", {
  expect_equal(formula(fit), distance ~ age + Sex + (age | Subject), ignore_formula_env = TRUE)
  expect_equal(formula(fit, fixed.only = TRUE), distance ~ age + Sex, ignore_formula_env = TRUE)
  expect_equal(formula(fit, random.only = TRUE), ~ (age | Subject), ignore_formula_env = TRUE)
  expect_error(formula(fit, fixed.only = TRUE, random.only = TRUE), class = "mixest_input")
})

test_that("terms are those of the fixed part unless the frame's are asked for", {
  expect_identical(attr(terms(fit), "term.labels"), c("age", "Sex"))
  expect_true("Subject" %in% attr(terms(fit, fixed.only = FALSE), "term.labels"))
  expect_identical(all.vars(terms(fit, random.only = TRUE)), c("age", "Subject"))
})

test_that("design matrices conform to the estimates", {
  expect_identical(colnames(model.matrix(fit)), names(fixef(fit)))
  expect_identical(unname(model.matrix(fit)[, "age"]), nlme::Orthodont$age)
  expect_identical(dim(model.matrix(fit, type = "random")), c(108L, 54L))
  expect_error(model.matrix(fit, type = "mixed"), class = "mixest_input")
})

test_that("two terms on one factor have their columns one after the other", {
  two <- suppressMessages(lmm(distance ~ age + (1 | Subject) + (0 + age | Subject), data = nlme::Orthodont))
  U <- as.matrix(model.matrix(two, type = "random"))
  expect_equal(unname(rowSums(U[, 1:27])), rep(1, 108))
  expect_equal(unname(rowSums(U[, 28:54])), nlme::Orthodont$age)
  expect_named(VarCorr(two), c("Subject", "Subject.1"))
  expect_identical(as.data.frame(VarCorr(two))$grp, c("Subject", "Subject.1", "Residual"))
  gamma <- as.matrix(getME(two, "G")) %*% t(U) %*% solve(as.matrix(getME(two, "V")), residuals(two, level = 0))
  expect_equal(unname(getME(two, "b")), as.vector(gamma), tolerance = 1e-7)
})

test_that("frame, weights, family and data are those of the fit", {
  expect_named(model.frame(fit), c("distance", "age", "Sex", "Subject"), ignore.order = TRUE)
  expect_identical(getData(fit), model.frame(fit))
  expect_identical(weights(fit), rep(1, 108))
  expect_identical(family(fit)$family, "gaussian")
})

test_that("model.frame(fixed.only = TRUE) has the variables of the fixed effects", {
  data <- setNames(as.data.frame(nlme::Orthodont), c("the distance", "age", "Subject", "Sex"))
  fit <- lmm(`the distance` ~ log(age) + offset(age) + (age | Subject), data, weights = age)
  fixed <- model.frame(fit, fixed.only = TRUE)
  expect_named(fixed, c("the distance", "log(age)", "offset(age)"))
  expect_identical(fixed$`log(age)`, log(data$age))
  expect_equal(model.matrix(terms(fixed), fixed)[, 2L], model.matrix(fit)[, 2L])
  expect_error(model.frame(fit, fixed.only = "a"), "fixed.only", class = "mixest_input")
  expect_error(formula(fit, fixed.only = "a"), "fixed.only", class = "mixest_input")
  expect_error(terms(fit, random.only = NA), "random.only", class = "mixest_input")
})
