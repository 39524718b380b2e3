test_that("a time limit is an error, in every long computation", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  limited <- function(expr) {
    setTimeLimit(elapsed = 0.5, transient = TRUE)
    on.exit(setTimeLimit())
    expr
  }
  # with an interrupt instead tryCatch(error = ) would not return
  error <- tryCatch(limited(bootstrap(fit, nsim = 1e7, progress = FALSE)), error = identity, interrupt = identity)
  expect_s3_class(error, "error")
  expect_false(inherits(error, "interrupt"))
})

test_that("Ctrl-C is an interrupt", {
  skip_on_os("windows")
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  system(sprintf("sleep 1 && kill -INT %d", Sys.getpid()), wait = FALSE)
  stopped <- tryCatch(bootstrap(fit, nsim = 1e7, progress = FALSE), error = identity, interrupt = identity)
  expect_s3_class(stopped, "interrupt")
})
