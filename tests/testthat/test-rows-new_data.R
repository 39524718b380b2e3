d <- with_seed(21, data.frame(y = rnorm(40), x = rnorm(40), z = runif(40, 1, 2)))
d$f <- rep(c("a", "b", "c", "d", "a"), 8)
d$g <- rep(c(100000, 7, 8, 30), each = 10)
d$h <- rep(c("u", "v"), 20)
d$l <- d$x > 0

fit <- suppressMessages(lmm(
  y ~ poly(x, 2) + factor(f) * l + scale(z) + offset(log(z)) + (splines::ns(x, 2) + f || g:h), d, offset = z,
  contrasts = list("factor(f)" = "contr.sum")
))

test_that("new data give the rows of the fit again, in any number and order", {
  for (rows in list(1:40, 40:1, 3L)) {
    new <- d[rows, ]
    expect_equal(fixed_matrix(fit, new), fixed_matrix(fit)[rows, , drop = FALSE], ignore_attr = TRUE)
    expect_equal(random_matrix(fit, new), random_matrix(fit)[rows, , drop = FALSE], ignore_attr = TRUE)
    expect_equal(group_codes(fit, new), group_codes(fit)[rows, , drop = FALSE])
    expect_equal(model_offset(fit, new), model_offset(fit)[rows])
  }
})

test_that("the columns are those of the coefficients and of the random effects", {
  expect_equal(colnames(fixed_matrix(fit)), names(fit$coefficients))
  expect_equal(
    fixed_matrix(fit), stats::model.matrix(fit$terms, fit$frame, contrasts.arg = fit$contrasts), ignore_attr = TRUE
  )
  expect_equal(colnames(random_matrix(fit)), fit$random$terms[[1]]$names)
  expect_equal(model_offset(fit), log(d$z) + d$z)
})

test_that("contrasts and na.action options of the fit do not matter later", {
  wanted <- random_matrix(fit)
  old <- options(contrasts = c("contr.helmert", "contr.poly"))
  on.exit(options(old))
  expect_equal(random_matrix(fit), wanted)
  expect_equal(random_matrix(fit, d), wanted, ignore_attr = TRUE)
})

test_that("labels, factors and numbers are the same groups and levels", {
  new <- d[c(1, 15, 33), ]
  other <- transform(new, f = factor(f), g = as.integer(g), h = factor(h))
  expect_equal(fixed_matrix(fit, other), fixed_matrix(fit, new), ignore_attr = TRUE)
  expect_equal(group_codes(fit, other), group_codes(fit, new))
  expect_equal(group_codes(fit, transform(new, g = as.character(as.integer(g)))), group_codes(fit, new))
})

test_that("unknown and missing groups have no code", {
  codes <- group_codes(fit, data.frame(g = c(7, 9, NA), h = c("u", "u", "v")))
  expect_equal(codes, cbind(`g:h` = c(group_codes(fit, d[11, ]), NA, NA)))
  expect_equal(group_labels(fit, data.frame(g = c(7, 9, NA), h = c("u", "u", "v"))), c("7:u", "9:u", NA))
})

test_that("logical variables may come as text or numbers, numeric ones as NA", {
  new <- d[1:4, ]
  expect_equal(fixed_matrix(fit, transform(new, l = as.character(l))), fixed_matrix(fit, new))
  expect_equal(fixed_matrix(fit, transform(new, l = as.numeric(l))), fixed_matrix(fit, new))
  plain <- suppressMessages(lmm(y ~ x + (1 | h), d))
  expect_equal(unname(fixed_matrix(plain, transform(new, x = NA))[, 2]), rep(NA_real_, 4))
})

test_that("missing values stay missing", {
  new <- transform(d[1:3, ], x = c(NA, x[2:3]), f = c(NA, "b", "c"))
  X <- fixed_matrix(fit, new)
  expect_equal(nrow(X), 3L)
  expect_equal(which(rowSums(is.na(X)) > 0), 1, ignore_attr = TRUE)
  expect_equal(which(rowSums(is.na(random_matrix(fit, new))) > 0), 1, ignore_attr = TRUE)
})

test_that("the group is needed for group codes only, the response never", {
  new <- d[1:2, c("x", "f", "l", "z")]
  expect_equal(nrow(fixed_matrix(fit, new)), 2L)
  expect_equal(nrow(random_matrix(fit, as.list(new))), 2L)
  expect_error(group_codes(fit, new), "Can't find `g`", class = "mixest_input")
})

test_that("only the grouping factors that are asked for are needed", {
  two <- suppressMessages(lmm(y ~ x + (1 | g) + (1 | h), d))
  expect_equal(group_codes(two, d[c(1, 12), ]), cbind(g = c(4L, 1L), h = 1:2))
  expect_equal(group_codes(two, d[c(1, 12), "h", drop = FALSE], factors = 2L), cbind(g = c(NA, NA), h = 1:2))
  expect_error(group_codes(two, d["h"]), "Can't find `g`", class = "mixest_input")
})

test_that("aliased columns are left out", {
  double <- suppressMessages(lmm(y ~ x + I(2 * x) + z + (1 | h), d))
  expect_equal(colnames(fixed_matrix(double, d[1:2, ])), c("(Intercept)", "x", "z"))
  expect_equal(attr(fixed_matrix(double), "assign"), c(0, 1, 3))
})

test_that("new data that do not fit are refused", {
  predict_rows <- function(new) fixed_matrix(fit, new)
  plain <- suppressMessages(lmm(y ~ x + (1 | h), d))
  expect_snapshot(error = TRUE, {
    predict_rows(transform(d, f = replace(f, 1:2, c("new", "other"))))
    predict_rows(transform(d, l = "maybe"))
    fixed_matrix(plain, transform(d, x = "a"))
    predict_rows(d[setdiff(names(d), "z")])
    predict_rows(1:3)
    group_codes(suppressMessages(lmm(y ~ x + (1 | h), d, control = lmm_control(keep_data = FALSE))))
  })
})

test_that("an offset argument must have a value for each new row", {
  other <- suppressMessages(lmm(y ~ x + (1 | h), d, offset = d$z))
  expect_equal(model_offset(other, d), d$z)
  expect_error(model_offset(other, d[1:3, ]), class = "mixest_input")
})

test_that("what is missing is blamed, not a basis whose coefficients the fit knows", {
  fit <- lmm(distance ~ poly(age, 2) * Sex + (1 | Subject), nlme::Orthodont)
  error <- expect_error(predict(fit, data.frame(age = 8, Subject = "M01")), class = "mixest_input")
  expect_match(conditionMessage(error), "Can't find `Sex`", fixed = TRUE)
  expect_null(error$parent)
})

test_that("a missing grouping variable: the message says when none is needed", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  error <- expect_error(predict(fit, data.frame(age = 8), interval = "prediction"), class = "mixest_input")
  expect_match(conditionMessage(error), "Can't find `Subject`", fixed = TRUE)
  expect_match(conditionMessage(error), "re.form = NA", fixed = TRUE)
})

test_that("a matrix of another width in newdata is refused", {
  d <- as.data.frame(nlme::Orthodont)
  d$M <- cbind(a = d$age, b = (d$age - 11)^2)
  fit <- lmm(distance ~ M + (1 | Subject), d)
  expect_equal(predict(fit, d[3:4, ]), fitted(fit)[3:4], tolerance = 1e-12)
  for (M in list(3, "3", cbind(1, 2, 3))) {
    new <- data.frame(Subject = "M01")
    new$M <- M
    expect_error(predict(fit, new), "`M` had 2", class = "mixest_input")
  }
})
