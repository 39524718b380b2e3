# The MathAchieve model: lme4 1.1-31 with nlme's data; REML criterion and theta also in the
# package's issue of the lecture.
test_that("the lecture's model has the published estimates", {
  fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
  expect_close(fit$deviance, 46543.3356699, 2e-6)
  expect_close(fit$theta, c(0.254897, 0.024821, 0.135906), 1e-5)
  expect_close(fit$coefficients, c(12.0634, 5.2463, 1.3722, 2.1950), 5e-5)
  expect_close(standard_errors(fit), c(0.1991, 0.3683, 0.3055, 0.1284), 5e-5)
  expect_close(fit$sigma, 6.0589, 5e-5)
})

data <- random_data(5, m = 15L, Psi = matrix(c(1, 0.3, 0.3, 0.5), 2))
fit <- lmm(y ~ x1 + (z1 | g), data)

expect_same_fit <- function(other, wanted = fit) {
  expect_close(other$deviance, wanted$deviance, 1e-8)
  expect_close(other$coefficients, wanted$coefficients, 1e-6)
  expect_close(tcrossprod(other$lambda), tcrossprod(wanted$lambda), 1e-5)
}

test_that("the call works from functions, lapply and do.call", {
  inside <- function(d, ...) lmm(y ~ x1 + (z1 | g), d, ...)
  expect_same_fit(inside(data))
  weighted <- lmm(y ~ x1 + (z1 | g), data, weights = w)
  with_weights <- function(d, prior) lmm(y ~ x1 + (z1 | g), d, weights = prior)
  expect_same_fit(with_weights(data, data$w), weighted)
  expect_same_fit(do.call(lmm, list(y ~ x1 + (z1 | g), data, weights = data$w)), weighted)
  expect_same_fit(do.call("lmm", list(formula = "y ~ x1 + (z1 | g)", data = data)))
  fits <- lapply(c("x1", "z1"), function(x) lmm(stats::reformulate(c(x, "(1 | g)"), "y"), data))
  expect_named(fits[[2]]$coefficients, c("(Intercept)", "z1"))
  expect_same_fit(with(data, lmm(y ~ x1 + (z1 | g))))
})

test_that("the type of the grouping variable does not matter", {
  number <- as.integer(data$g)
  for (g in list(as.character(data$g), number, number / 7, as.Date(
    number, origin = "2020-01-01"
  ), ordered(data$g), factor(data$g, c("none", levels(data$g))))) {
    other <- data
    other$g <- g
    expect_same_fit(lmm(y ~ x1 + (z1 | g), other))
  }
  two <- lmm(y ~ x1 + (1 | g), transform(data, g = number > 7))
  expect_equal(two$random$groups, list(g = c("FALSE", "TRUE")))
})

test_that("expressions as groups are the groups that they make", {
  data$a <- as.integer(data$g) %/% 4
  data$b <- as.integer(data$g) %% 4
  expect_same_fit(lmm(y ~ x1 + (z1 | a:b), data))
  expect_same_fit(lmm(y ~ x1 + (z1 | factor(4 * a + b)), data))
  expect_same_fit(lmm(y ~ x1 + (z1 | interaction(a, b)), data))
})

test_that("a group whose rows all weigh zero is no group of the fit, but its rows have fitted values", {
  orthodont <- as.data.frame(nlme::Orthodont)
  gone <- orthodont$Subject %in% c("M01", "F05") | seq_len(108) %in% c(50, 70)
  weights <- replace(rep(1:4, 27), gone, 0)
  formula <- distance ~ age + Sex + (age | Subject)
  fit <- lmm(formula, orthodont, weights = weights)
  kept <- orthodont[!gone, ]
  wanted <- lmm(formula, kept, weights = weights[!gone])
  expect_same_fit(fit, wanted)
  expect_identical(c(ngrps(fit), nobs(fit)), c(ngrps(wanted), nobs(wanted)))
  expect_equal(ranef(fit), ranef(wanted), tolerance = 1e-9)
  expect_equal(vcov(fit, type = "CR1"), vcov(wanted, type = "CR1"), tolerance = 1e-9)
  expect_equal(fitted(fit)[!gone], fitted(wanted), tolerance = 1e-9)
  other <- rownames(orthodont)[gone & !orthodont$Subject %in% c("M01", "F05")]
  expect_equal(fitted(fit)[other], predict(wanted, orthodont[other, ]), tolerance = 1e-9)
  whole <- orthodont$Subject %in% c("M01", "F05")
  expect_equal(fitted(fit)[whole], predict(wanted, orthodont[whole, ], re.form = NA), tolerance = 1e-9)
  with_error <- predict(fit, se.fit = TRUE)
  expect_equal(with_error$se.fit[whole], predict(
    wanted, orthodont[whole, ], se.fit = TRUE, allow.new.levels = TRUE
  )$se.fit, tolerance = 1e-9)
  expect_equal(unname(residuals(fit)[whole]), orthodont$distance[whole] - unname(fitted(fit)[whole]))
  expect_error(predict(fit, orthodont[whole, ]), "M01", class = "mixest_input")
  Z <- as.matrix(getME(fit, "Z"))
  expect_equal(unname(Z[!gone, ]), unname(as.matrix(getME(wanted, "Z"))))
  expect_true(all(Z[whole, ] == 0))
  expect_same_fit(refit(fit, fitted(fit) + sin(1:108)), refit(wanted, (fitted(fit) + sin(1:108))[!gone]))
  expect_same_fit(update(fit, . ~ . - Sex), update(wanted, . ~ . - Sex))
  expect_error(lmm(formula, orthodont, weights = as.numeric(Subject == "M01")), "M01", class = "mixest_unidentified")
})

test_that("missing rows, subset rows and rows of zero weight are rows left out", {
  rows <- seq(2, nrow(data), 3)
  wanted <- lmm(y ~ x1 + (z1 | g), data[-rows, ])
  missing <- data
  missing$x1[rows] <- NA
  expect_same_fit(lmm(y ~ x1 + (z1 | g), missing), wanted)
  expect_same_fit(lmm(y ~ x1 + (z1 | g), data, subset = -rows), wanted)
  zero <- replace(rep(1, nrow(data)), rows, 0)
  expect_same_fit(lmm(y ~ x1 + (z1 | g), data, weights = zero), wanted)
  excluded <- lmm(y ~ x1 + (z1 | g), missing, na.action = na.exclude)
  expect_s3_class(excluded$na.action, "exclude")
})

test_that("an offset is taken from the response, from formula and argument alike", {
  wanted <- lmm(I(y - o - x1) ~ x1 + (z1 | g), data)
  expect_same_fit(lmm(y ~ x1 + offset(o) + (z1 | g), data, offset = x1), wanted)
  expect_same_fit(lmm(y ~ x1 + offset(o + x1) + (z1 | g), data), wanted)
})

test_that("|| is diag, and two terms of one effect each", {
  wanted <- lmm(y ~ x1 + diag(z1 | g), data)
  expect_same_fit(lmm(y ~ x1 + (z1 || g), data), wanted)
  expect_same_fit(lmm(y ~ x1 + (1 | g) + (0 + z1 | g), data), wanted)
})

test_that("a factor before || has independent effects for its columns", {
  data$f <- factor(rep_len(c("a", "b", "c"), nrow(data)))
  double <- suppressMessages(lmm(y ~ x1 + (f || g), data))
  expect_equal(double$random$terms[[1]]$names, c("(Intercept)", "fb", "fc"))
  expect_length(double$theta, 3)
  expect_equal(double$lambda, diag(double$theta))
})

test_that("one-column matrices and logicals are responses, as in lm()", {
  expect_close(lmm(as.matrix(y) ~ x1 + (z1 | g), data)$deviance, fit$deviance, 1e-8)
  expect_close(
    fit_quietly((y > 1) ~ x1 + (1 | g), data)$deviance,
    fit_quietly(as.numeric(y > 1) ~ x1 + (1 | g), data)$deviance, 1e-8
  )
})

test_that("arguments that lmm() does not have are named", {
  expect_snapshot(error = TRUE, {
    lmm(y ~ x1 + (1 | g), data, wieghts = w)
    lmm(y ~ x1 + (1 | g), data, method = "ML")
    lmm(y ~ x1 + (1 | g), data, family = binomial)
    lmm(y ~ x1 + (1 | g), data, something = 1)
    lmm(y ~ x1 + (1 | g), data, "ML")
    lmm(y ~ x1 + (1 | g), data, REML = NA)
    lmm(y ~ x1 + (1 | g), data, REML = c(TRUE, FALSE))
  })
})

test_that("weights, offset and subset reach lmm() through the dots of a wrapper", {
  quietly <- function(...) suppressMessages(lmm(...))
  w <- rep(1:2, length.out = nrow(nlme::Orthodont))
  data <- cbind(as.data.frame(nlme::Orthodont), w = rev(w))
  expected <- lmm(distance ~ age + (1 | Subject), data, weights = w, subset = age > 8)
  expect_equal(fixef(quietly(distance ~ age + (1 | Subject), data, weights = w, subset = age > 8)), fixef(expected))
  outside <- quietly(distance ~ age + (1 | Subject), nlme::Orthodont, weights = w)
  expect_equal(fixef(outside), fixef(lmm(distance ~ age + (1 | Subject), nlme::Orthodont, weights = w)))
})

test_that("a fit made through dots can be updated and predicts with its offset", {
  wrapper <- function(...) suppressMessages(lmm(...))
  data <- transform(as.data.frame(nlme::Orthodont), o = age / 2)
  fit <- wrapper(distance ~ Sex + (1 | Subject), data, offset = o)
  expect_identical(fit$call$offset, quote(o))
  expect_equal(predict(fit, data[1:3, ], re.form = NA), predict(fit, re.form = NA)[1:3], ignore_attr = TRUE)
})

test_that("numbers that overflow are an error, never a fit", {
  data <- transform(as.data.frame(nlme::Orthodont), huge = 1.7e308 * rep(c(-1, 1), 54), o = 1e308)
  expect_error(lmm(distance ~ age + offset(o) + (1 | Subject), data, offset = o), class = "mixest_error")
  tiny <- transform(data, age = age * 1e-290)
  fit <- lmm(distance ~ age + (1 | Subject), tiny)
  expect_true(all(is.finite(fitted(fit))))
})

test_that("numbers as start are theta, as in lme4", {
  formula <- distance ~ age + (age | Subject)
  theta <- c(1, 0, 0.2)
  expect_identical(
    fixef(lmm(formula, nlme::Orthodont, start = theta)),
    fixef(lmm(formula, nlme::Orthodont, start = list(theta = theta)))
  )
  expect_error(lmm(formula, nlme::Orthodont, start = 1), "3 finite numbers", class = "mixest_input")
})

test_that("a variance function of nlme is named, with what to write", {
  formula <- distance ~ age + (1 | Subject)
  expect_error(
    lmm(formula, nlme::Orthodont, weights = nlme::varPower(form = ~ age)), "varPower.*abs\\(age\\)",
    class = "mixest_input"
  )
  expect_error(lmm(formula, nlme::Orthodont, weights = nlme::varFixed(~ age)), "1 / age", class = "mixest_input")
  expect_error(lmm(formula, nlme::Orthodont, weights = ~ age), "1 / age", class = "mixest_input")
  expect_error(
    lmm(formula, nlme::Orthodont, weights = nlme::varIdent(form = ~ 1 | Sex)), "varIdent", class = "mixest_input"
  )
})
