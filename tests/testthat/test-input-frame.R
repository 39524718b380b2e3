build <- function(formula, data = NULL, ...) {
  user <- environment()
  arguments <- as.list(substitute(list(...)))[-1L]
  if ("na.action" %in% names(arguments)) arguments["na.action"] <- list(eval(arguments$na.action))
  build_model_frame(parse_formula(formula, user), data, arguments, user)
}

d <- data.frame(y = c(2, 4, 1, 3, 7, 5), x = c(1, 2, 3, 1, 2, 4), f = rep(c("a", "b"), 3), g = gl(3, 2), w = 1:6)

test_that("the frame has every variable once, the response first", {
  model <- build(log(y) ~ f * x + (x + I(x^2) | factor(g):f), d, weights = w, offset = x)
  expect_named(model$frame, c("log(y)", "f", "x", "I(x^2)", "factor(g)", "(weights)", "(offset)"))
  expect_equal(attr(model$fixed, "term.labels"), c("f", "x", "f:x"))
})

test_that("data may be a tibble, data.table, list, environment or nothing", {
  wanted <- build(y ~ x + (x | g), d)$frame
  same <- function(data) expect_equal(as.list(build(y ~ x + (x | g), data)$frame), as.list(wanted), ignore_attr = TRUE)
  same(as.list(d))
  same(list2env(d))
  attach_free <- with(d, build(y ~ x + (x | g))$frame)
  expect_equal(as.list(attach_free), as.list(wanted), ignore_attr = TRUE)
  skip_if_not_installed("tibble")
  same(tibble::as_tibble(d))
  skip_if_not_installed("dplyr")
  same(dplyr::group_by(d, g))
  skip_if_not_installed("data.table")
  same(data.table::as.data.table(d))
})

test_that("subset, weights and offset are evaluated in data, then where the formula was written", {
  local_weights <- 6:1
  formula <- y ~ x + offset(2 * x) + (1 | g)
  frame <- build(formula, d, weights = local_weights, offset = w, subset = x > 1)$frame
  expect_equal(frame[["(weights)"]], c(5, 4, 2, 1))
  expect_equal(stats::model.offset(frame), with(d[d$x > 1, ], 2 * x + w))
})

test_that("missing values are treated by na.action, NaN too", {
  missing <- d
  missing$x[2] <- NaN
  missing$g[4] <- NA
  missing$w[6] <- NA
  expect_equal(row.names(build(y ~ x + (1 | g), missing)$frame), c("1", "3", "5", "6"))
  expect_equal(row.names(build(y ~ x + (1 | g), missing, weights = w)$frame), c("1", "3", "5"))
  expect_s3_class(attr(build(y ~ x + (1 | g), missing, na.action = na.exclude)$frame, "na.action"), "exclude")
  expect_s3_class(attr(build(y ~ x + (1 | g), missing, na.action = "na.exclude")$frame, "na.action"), "exclude")
  expect_null(attr(build(y ~ x + (1 | g), d)$frame, "na.action"))
})

test_that("levels that occur only in rows left out are dropped", {
  missing <- transform(d, f = factor(c("a", "b", "a", "b", "c", "a")), x = replace(x, 5, NA))
  expect_equal(levels(build(y ~ x + f + (1 | g), missing)$frame$f), c("a", "b"))
})

test_that(". stands for the other variables of data", {
  model <- build(y ~ . - g - w + (x | g), d)
  expect_equal(attr(model$fixed, "term.labels"), c("x", "f"))
})

test_that("what poly(), ns() and scale() learn is kept with each part", {
  model <- build(y ~ poly(x, 2) + (scale(x) | g), d)
  expect_match(deparse1(attr(model$fixed, "predvars")), "coefs")
  expect_match(deparse1(attr(model$random[[1]]$terms, "predvars")), "center")
})

test_that("variables are found by non-syntactic names and names of internals", {
  odd <- data.frame(`my y` = d$y, data = d$x, formula = d$x^2, `g g` = d$g, check.names = FALSE)
  expect_named(build(`my y` ~ data + formula + (data | `g g`), odd)$frame, c("my y", "data", "formula", "g g"))
})

test_that("columns that are not there are named", {
  expect_snapshot(error = TRUE, {
    lmm(y ~ X + (1 | g), d)
    lmm(y ~ x + (1 | school), d)
    lmm(y ~ log(xx) + (1 | g), d)
    lmm(y ~ t + (1 | g), d)
    lmm(y ~ x + (1 | g), d, weights = ww)
    lmm(y ~ x + (1 | g), d, subset = nothing > 1)
    lmm(y ~ nofunction(x) + (1 | g), d)
    lmm(y ~ . + (1 | g), list2env(d))
  })
})

test_that("missing values that na.action leaves are named", {
  missing <- transform(d, x = replace(x, 2:3, NA), w = NA)
  expect_snapshot(error = TRUE, {
    lmm(y ~ x + (1 | g), missing, na.action = na.pass)
    lmm(y ~ x + (1 | g), missing, na.action = NULL)
    lmm(y ~ x + (1 | g), missing, na.action = na.fail)
    lmm(y ~ w + (1 | g), missing)
  })
})

test_that("levels that no row has are dropped, those of ordered factors and of missing values too", {
  d <- data.frame(
    y = 1:6 + 0.5, f = factor(c("b", "a", NA, "a", "b", "c"), levels = c("d", "c", "b", "a")), g = gl(3, 2)
  )
  d$o <- ordered(d$f, levels = levels(d$f))
  frame <- drop_unused_levels(d)
  expect_identical(frame$f, droplevels(d$f))
  expect_identical(frame$o, droplevels(d$o))
  expect_identical(frame$g, d$g)
})

test_that("a table in a database is refused, a local tibble is not", {
  remote <- structure(list(), class = c("tbl_SQLiteConnection", "tbl_dbi", "tbl_sql", "tbl_lazy", "tbl"))
  error <- expect_error(lmm(distance ~ age + (1 | Subject), remote), class = "mixest_input")
  expect_match(conditionMessage(error), "dplyr::collect", fixed = TRUE)
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_error(predict(fit, remote), class = "mixest_input")
  skip_if_not_installed("tibble")
  local <- lmm(distance ~ age + (1 | Subject), tibble::as_tibble(nlme::Orthodont))
  expect_equal(fixef(local), fixef(fit), tolerance = 1e-12)
})

test_that("a string as subset that is no row's name is refused by name", {
  error <- expect_error(
    lmm(distance ~ age + (1 | Subject), nlme::Orthodont, subset = "age > 9"), class = "mixest_input"
  )
  expect_match(conditionMessage(error), "`subset`", fixed = TRUE)
  expect_match(conditionMessage(error), "age > 9", fixed = TRUE)
  named <- as.data.frame(nlme::Orthodont)
  rownames(named) <- paste0("r", 1:108)
  expect_identical(nobs(lmm(distance ~ age + (1 | Subject), named, subset = paste0("r", 1:40))), 40L)
})

test_that("nlme's data of the name MathAchieve are told from ours", {
  error <- expect_error(lmm(mathach ~ cses + (1 | school), nlme::MathAchieve), class = "mixest_input")
  expect_match(conditionMessage(error), "mixest::MathAchieve", fixed = TRUE)
  other <- expect_error(lmm(MathAch ~ age + (1 | School), nlme::MathAchieve), class = "mixest_input")
  expect_false(grepl("mixest::MathAchieve", conditionMessage(other), fixed = TRUE))
})
