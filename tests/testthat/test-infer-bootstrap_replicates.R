data <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (1 | Subject), data, REML = FALSE)

# The fits that bootstrap() makes with a statistic that wants rows.
replicates_of <- function(fit, nsim, ...) {
  seen <- list()
  bootstrap(fit, FUN = function(m) {
    seen[[length(seen) + 1L]] <<- m
    sum(fitted(m))
  }, nsim = nsim, seed = 7, ...)
  seen[-(1:2)] # the fit itself, without rows and with them
}

test_that("a statistic that wants rows gets replicates with rows of their own", {
  fits <- replicates_of(fit, 6)
  expect_length(fits, 6)
  for (m in fits) {
    expect_false(any(m$frame$distance == data$distance))
    alone <- suppressMessages(lmm(distance ~ age + Sex + (1 | Subject), m$frame, REML = FALSE))
    expect_equal(deviance(m), deviance(alone), tolerance = 1e-10)
    expect_equal(fitted(m), fitted(alone), tolerance = 1e-7)
    expect_equal(eval(m$call)$deviance, deviance(m), tolerance = 1e-10)
  }
  again <- replicates_of(fit, 6)
  expect_identical(lapply(again, `[[`, "frame"), lapply(fits, `[[`, "frame"))
})

test_that("update() and the comparison of two models are those of the replicate", {
  gain <- function(m) {
    smaller <- update(m, . ~ . - Sex)
    by_call <- eval(update(m, . ~ . - Sex, evaluate = FALSE))
    c(deviance(smaller) - deviance(m), anova(m, smaller)$Chisq[2], deviance(by_call))
  }
  found <- bootstrap(fit, FUN = gain, nsim = 20, seed = 1)
  expect_false(anyNA(found$t))
  expect_equal(found$t[, 1], found$t[, 2], tolerance = 1e-8)
  expect_false(any(abs(found$t[, 3] - found$t0[3]) < 1e-3))
  expect_true(all(found$t[, 1] > -1e-8))
  logs <- lmm(log(distance) ~ log(age) + Sex + (1 | Subject), data)
  without <- bootstrap(logs, FUN = function(m) fixef(update(m, . ~ . - Sex)), nsim = 5, seed = 1)
  expect_false(anyNA(without$t))
  expect_gt(min(abs(sweep(without$t, 2, without$t0))), 1e-8)
})

test_that("no statistic compares a replicate with a fit of the original data", {
  smaller <- update(fit, . ~ . - Sex)
  expect_warning(
    found <- bootstrap(fit, FUN = function(m) anova(m, smaller)$Chisq[2], nsim = 5, seed = 1),
    class = "mixest_bootstrap_failed"
  )
  expect_true(all(is.na(found$t)))
})

test_that("groups are drawn with their rows", {
  uneven <- transform(data, w = rep(1:4, 27))[-c(2:4, 50, 107), ]
  first <- lmm(distance ~ age + (1 | Subject), uneven, weights = w)
  for (m in suppressMessages(replicates_of(first, 5, type = "cases"))) {
    sizes <- table(m$frame$Subject)
    expect_identical(names(sizes), rownames(ranef(first)$Subject))
    rows <- paste(m$frame$distance, m$frame$age, m$frame[["(weights)"]])
    expect_true(all(rows %in% paste(uneven$distance, uneven$age, uneven$w)))
    alone <- suppressMessages(lmm(distance ~ age + (1 | Subject), m$frame, weights = `(weights)`))
    expect_equal(deviance(m), deviance(alone), tolerance = 1e-10)
  }
  nested <- suppressWarnings(lmm(distance ~ age + (1 | Subject:Sex), data))
  expect_error(bootstrap(nested, FUN = fitted, type = "cases"), "one variable", class = "mixest_input")
})

test_that("confint() by bootstrap takes a statistic of the user's", {
  found <- confint(fit, method = "boot", FUN = fixef, nsim = 50, seed = 1)
  expect_equal(found, confint(bootstrap(fit, fixef, nsim = 50, seed = 1)))
  expect_identical(rownames(confint(fit, "age", method = "boot", FUN = fixef, nsim = 20, seed = 1)), "age")
  expect_identical(nrow(confint(fit, method = "boot", FUN = predict, nsim = 20, seed = 1)), 108L)
})
