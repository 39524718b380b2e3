test_that("the defaults are one thread and one start", {
  old <- options(mixest.threads = NULL)
  on.exit(options(old))
  control <- lmm_control()
  expect_s3_class(control, "lmm_control")
  expect_equal(control$threads, 1L)
  expect_equal(control$starts, 1L)
  expect_true(control$keep_data)
})

test_that("the option mixest.threads is the default of threads", {
  old <- options(mixest.threads = 2)
  on.exit(options(old))
  expect_equal(lmm_control()$threads, 2L)
})

test_that("values that can't be used are refused", {
  expect_snapshot(error = TRUE, {
    lmm_control(tolerance = 0)
    lmm_control(tolerance = "a")
    lmm_control(max_iterations = 1.5)
    lmm_control(starts = 8)
    lmm_control(threads = NA)
    lmm_control(threads = 1:2)
    lmm_control(keep_data = NULL)
  })
  expect_error(lmm_control(threads = 0), class = "mixest_input")
})

test_that("lmm() takes a list of options, and nothing else", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = list(starts = 2))
  expect_equal(fit$control$starts, 2L)
  expect_snapshot(error = TRUE, {
    lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = list(tol = 1))
    lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = list(tolerance = -1))
    lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = "fast")
  })
})

test_that("options of other packages are a note, a misspelt one is an error", {
  formula <- distance ~ age + (1 | Subject)
  usual <- lmm(formula, nlme::Orthodont)
  expect_message(fit <- lmm(formula, nlme::Orthodont, control = nlme::lmeControl()), class = "mixest_argument")
  expect_identical(fixef(fit), fixef(usual))
  skip_if_not_installed("lme4")
  expect_message(
    fit <- lmm(formula, nlme::Orthodont, control = lme4::lmerControl(optimizer = "bobyqa")), "lmm_control",
    class = "mixest_argument"
  )
  expect_identical(fixef(fit), fixef(usual))
  expect_error(
    lmm(formula, nlme::Orthodont, control = list(tolerence = 1e-8)), "tolerance", class = "mixest_argument"
  )
})
