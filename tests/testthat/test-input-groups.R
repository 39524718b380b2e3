design <- function(formula, data, contrasts = NULL) {
  user <- environment()
  build_design(build_model_frame(parse_formula(formula, user), data, list(), user), contrasts, user)
}

d <- with_seed(20, data.frame(y = rnorm(24), x = rnorm(24)))
d <- cbind(d, g = gl(4, 6), h = rep(1:2, 12))

test_that("group codes are those of factor()", {
  check <- function(x) {
    wanted <- factor(x)
    got <- value_codes(x)
    expect_equal(got$levels, levels(wanted))
    expect_equal(got$codes, as.integer(wanted))
  }
  check(c("b", "a", "b"))
  check(c(10L, 2L, 10L))
  check(c(10, 2.5, 10))
  check(c(TRUE, FALSE, TRUE))
  check(factor(c("z", "a"), levels = c("z", "unused", "a")))
  check(ordered(c("lo", "hi"), levels = c("lo", "hi")))
  check(as.Date(c("2020-01-02", "2020-01-01")))
  check(c(0.1 + 0.2, 0.3, 1))
})

test_that("a number has the same label as integer and as double", {
  expect_equal(value_codes(c(1e5, 2e5))$levels, c("100000", "200000"))
  expect_equal(value_codes(c(100000L, 200000L))$levels, c("100000", "200000"))
})

test_that("a:b has a level for each combination that occurs", {
  out <- design(y ~ 1 + (1 | g:h), d[-c(1, 3, 5), ])
  levels <- out$random$groups[["g:h"]]
  expect_equal(levels, levels(with(d[-c(1, 3, 5), ], droplevels(g:factor(h)))))
  expect_equal(levels[out$codes[[1L]]], with(d[-c(1, 3, 5), ], paste(g, h, sep = ":")))
})

test_that("combinations are numbered alike by counting and by sorting", {
  x <- with_seed(22, sample(c(3, 5, 8, 13), 20, replace = TRUE))
  for (size in c(13, 1e6, 1e12)) expect_equal(
    numbered_values(x, size), list(codes = match(x, c(3, 5, 8, 13)), values = c(3, 5, 8, 13))
  )
  expect_identical(
    group_factor(list(c(2, 1, 2), c("b", "b", "a"))), list(codes = c(3L, 1L, 2L), levels = c("1:b", "2:a", "2:b"))
  )
})

test_that("each name is a factor, in the order of the formula; terms know theirs and factors their columns", {
  random <- design(y ~ x + (1 | g / h) + (0 + x | g), d)$random
  expect_named(random$groups, c("h:g", "g"))
  expect_equal(vapply(random$terms, `[[`, 0L, "factor"), c(1L, 2L, 2L))
  expect_equal(factor_columns(random), list(`h:g` = 1L, g = 2:3))
  expect_equal(vapply(random$terms, `[[`, "", "label"), c("h:g", "g", "g.1"))
})

test_that("nesting is found from the data, whatever the formula says", {
  order_of <- function(...) nesting_order(list(...), vapply(list(...), max, 0L))
  a <- rep(1:2, each = 6)
  b <- rep(1:4, each = 3)
  c <- 1:12
  expect_identical(order_of(a), 1L)
  expect_identical(order_of(a, b, c), 1:3)
  expect_identical(order_of(c, a, b), c(2L, 3L, 1L))
  expect_null(order_of(a, rep(1:3, 4)))
  expect_null(order_of(c, b, rep(1:2, 6)))
  d$own <- paste(d$g, d$h)
  expect_identical(design(y ~ 1 + (1 | own) + (1 | g), d)$random$nested, 2:1)
  expect_null(design(y ~ 1 + (1 | h) + (1 | g), d)$random$nested)
})

test_that("the outer factor is the coarsest of nested ones, else the one with the fewest levels", {
  d$own <- paste(d$g, d$h)
  expect_named(outer_factor(design(y ~ 1 + (1 | own) + (1 | g), d)$random), "g")
  expect_named(outer_factor(design(y ~ 1 + (1 | g) + (1 | h), d)$random), "h")
})

test_that("a factor of one level, or the same groups under two names, are refused and named", {
  d$label <- letters[d$g]
  d$twin <- 5 - as.integer(d$g)
  expect_snapshot(error = TRUE, {
    lmm(y ~ x + (1 | g), d[d$g == "2", ])
    lmm(y ~ x + (1 | h) + (1 | g), d[d$g == "2", ])
    lmm(y ~ x + (1 | g:h) + (1 | h:g), d)
    lmm(y ~ x + (1 | label / twin), d)
    lmm(y ~ x + (x | g) + (1 | h) + (0 + x | label), d)
  })
  # different effects may be given under two names
  expect_length(design(y ~ x + (1 | g) + (0 + x | label), d)$random$groups, 2L)
})

test_that("levels that occur, and the first that stands twice, are those of tabulate() and anyDuplicated()", {
  for (seed in 1:20) {
    with_seed(seed, {
      codes <- sample(c(NA, 1:30), 40, replace = TRUE)
      strings <- sample(c(letters, "é", "", "NA"), sample(1:12, 1L), replace = TRUE)
    })
    expect_identical(cpp_used_levels(codes, 30L), tabulate(codes, 30L) > 0L)
    expect_identical(cpp_first_repeated(strings), anyDuplicated(strings))
    expect_identical(cpp_first_repeated(as.character(1:500)), 0L)
  }
})

test_that("factors whose codes or levels are numbers of another kind are factors", {
  d <- with_seed(1, data.frame(x = rnorm(60), y = rnorm(60), plain = gl(6, 1, 60)))
  d$codes <- structure(as.double(d$plain), levels = levels(d$plain), class = "factor")
  d$labels <- structure(as.integer(d$plain), levels = 1:6, class = "factor")
  wanted <- deviance(fit_quietly(y ~ x + (1 | plain), d))
  expect_identical(deviance(fit_quietly(y ~ x + (1 | codes), d)), wanted)
  expect_identical(deviance(fit_quietly(y ~ x + (1 | labels), d)), wanted)
})

test_that("effects with one variance are identified from a single group", {
  d <- transform(as.data.frame(nlme::Orthodont), one = "a", Subject = factor(as.character(Subject)))
  fit <- lmm(distance ~ age + homdiag(0 + Subject | one), d)
  same <- lmm(distance ~ age + (1 | Subject), d)
  expect_close_relative(deviance(fit), deviance(same), 1e-12)
  expect_close(vcov(fit), vcov(same), 1e-10, sqrt(outer(diag(vcov(same)), diag(vcov(same)))))
  expect_equal(predict(fit, se.fit = TRUE), predict(same, se.fit = TRUE), tolerance = 1e-7)
  expect_error(vcov(fit, type = "CR2"), "two independent groups", class = "mixest_input")
  expect_error(bootstrap(fit, nsim = 2, type = "cases"), "two independent groups", class = "mixest_input")
  for (formula in list(distance ~ homdiag(1 | one), distance ~ (0 + Subject | one), distance ~ (age | one))) {
    expect_error(lmm(formula, d), class = "mixest_unidentified")
  }
})
