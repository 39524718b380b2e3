cells <- expand.grid(a = gl(3, 1), b = gl(2, 1, labels = c("u", "v")), g = gl(8, 1))
cells$x <- with_seed(2, rnorm(48))
cells$y <- with_seed(3, rnorm(48) + rnorm(8)[cells$g] + cells$x)
cells <- cells[-c(1, 5, 9, 30), ]

hypotheses <- function(formula, type, data = cells,
                       ...) type_contrasts(suppressMessages(lmm(formula, data = data, ...)), type)
test_of <- function(fit, L) unlist(contest(fit, L, ddf = "kenward-roger")[c("NumDF", "DenDF", "F value")])

test_that("type III compares means over the cells with equal weights", {
  L <- hypotheses(y ~ a * b * x + (1 | g), "III")
  expect_named(L, c("a", "b", "x", "a:b", "a:x", "b:x", "a:b:x"))
  expect_close(L$a, rbind(c(0, 1, 0, 0, 0, 1 / 2, 0, 0, 0, 0, 0, 0), c(0, 0, 1, 0, 0, 0, 1 / 2, 0, 0, 0, 0, 0)), 1e-12)
  expect_close(L$x, c(0, 0, 0, 0, 1, 0, 0, 1 / 3, 1 / 3, 1 / 2, 1 / 6, 1 / 6), 1e-12)
  expect_close(L[["a:b"]], diag(12)[6:7, ], 1e-12)
})

test_that("type III hypotheses don't depend on the coding", {
  by_coding <- lapply(c("contr.treatment", "contr.sum", "contr.helmert", "contr.poly"), function(coding) {
    fit <- fit_quietly(y ~ a * b + b * x + (1 | g), data = cells, contrasts = list(a = coding, b = coding))
    vapply(type_contrasts(fit, "III"), test_of, numeric(3), fit = fit)
  })
  for (other in by_coding[-1L]) expect_equal(other, by_coding[[1L]], tolerance = 1e-7)
})

test_that("in sum coding type III tests the coefficients", {
  L <- hypotheses(y ~ a * b + (1 | g), "III", contrasts = list(a = "contr.sum", b = "contr.sum"))
  expect_true(all(L$a[, -(2:3)] == 0) && all(L$b[, -4] == 0) && all(L[["a:b"]][, -(5:6)] == 0))
})

test_that("type I is adjusted for the terms before, type II for those that don't contain the term", {
  fit <- fit_quietly(y ~ a * b + x + (1 | g), data = cells)
  X <- model.matrix(fit)
  assign <- c(0, 1, 1, 2, 3, 4, 4)
  # what X'X says of t after `before`: the part of the columns of t across those before, as a
  # function of beta
  across <- function(t, before) crossprod(qr.resid(qr(X[, assign %in% before]), X[, assign %in% t, drop = FALSE]), X)
  rank_of <- function(A) sum(svd(A)$d > 1e-10)
  same_rows <- function(L, other) expect_identical(rank_of(rbind(L, other)), nrow(L))
  first <- type_contrasts(fit, "I")
  same_rows(first$b, across(2, 0:1))
  second <- type_contrasts(fit, "II")
  same_rows(second$a, across(1, c(0, 2, 3)))
  same_rows(second[["a:b"]], across(4, 0:3))
})

test_that("types of balanced data agree", {
  balanced <- expand.grid(a = gl(3, 1), b = gl(2, 1), g = gl(6, 1))
  balanced$y <- with_seed(5, rnorm(36) + rnorm(6)[balanced$g])
  tables <- lapply(c("I", "II", "III"), function(type) {
    fit <- fit_quietly(y ~ a * b + (1 | g), data = balanced)
    vapply(type_contrasts(fit, type), test_of, numeric(3), fit = fit)
  })
  expect_equal(tables[[2L]], tables[[1L]], tolerance = 1e-7)
  expect_equal(tables[[3L]], tables[[1L]], tolerance = 1e-7)
})

test_that("weights count as repeated rows", {
  twice <- rep(1:2, length.out = nrow(cells))
  weighted <- fit_quietly(y ~ a * b + (1 | g), data = transform(cells, w = twice), weights = w)
  repeated <- fit_quietly(y ~ a * b + (1 | g), data = cells[rep(seq_len(nrow(cells)), twice), ])
  for (type in c("I", "II")) expect_equal(
    type_contrasts(weighted, type), type_contrasts(repeated, type), tolerance = 1e-8
  )
})

test_that("missing cells, matrices, ordered factors, logicals and no intercept are fine", {
  present <- subset(cells, !(a == 3 & b == "v"))
  L <- hypotheses(y ~ a * b + (1 | g), "III", data = present)
  expect_close(L$a, rbind(c(0, 1, 0, 0, 1 / 2), c(0, 0, 1, 0, 1 / 4)), 1e-12)
  L <- hypotheses(y ~ poly(x, 2) * b + (1 | g), "III")
  expect_close(L[["poly(x, 2)"]], cbind(0, diag(2), 0, diag(2) / 2), 1e-12)
  cells$o <- factor(cells$a, ordered = TRUE)
  cells$l <- cells$x > 0
  L <- hypotheses(y ~ o * l + (1 | g), "III", data = cells)
  expect_identical(vapply(L, nrow, 0L), c(o = 2L, l = 1L, `o:l` = 2L))
  expect_close(hypotheses(y ~ 0 + a + (1 | g), "III")$a, diag(3), 1e-12)
  expect_length(hypotheses(y ~ 1 + (1 | g), "III"), 0)
})

test_that("lmerTest has the same hypotheses", {
  skip_if_not_installed("lmerTest")
  for (formula in list(y ~ a * b * x + (1 | g), y ~ a + b + x + (1 | g), y ~ b:x + a + (1 | g))) {
    theirs <- suppressMessages(lmerTest::lmer(formula, data = cells))
    for (type in c("I", "III")) {
      expected <- attr(anova(theirs, type = type), "hypotheses")
      expect_equal(lapply(hypotheses(formula, type), unname), lapply(expected, unname), tolerance = 1e-5)
    }
  }
})

test_that("rows are needed only where combinations are missing", {
  small <- lmm_control(keep_data = FALSE)
  expect_length(hypotheses(y ~ a * b + (1 | g), "III", control = small), 3)
  expect_error(hypotheses(
    y ~ a * b + (1 | g), "III", data = subset(cells, !(a == 3 & b == "v")), control = small
  ), class = "mixest_input")
})
