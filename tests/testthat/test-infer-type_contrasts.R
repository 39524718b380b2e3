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

test_that("no rows are needed", {
  small <- lmm_control(keep_data = FALSE)
  present <- subset(cells, !(a == 3 & b == "v"))
  for (type in c("I", "II", "III")) {
    expect_equal(
      hypotheses(y ~ a * b + (1 | g), type, data = present, control = small),
      hypotheses(y ~ a * b + (1 | g), type, data = present)
    )
  }
})

# Terms, with or without intercept, in random codings; some cells empty, some columns dropped.
random_factorial <- function(seed) {
  with_seed(seed, {
    n <- 120
    d <- data.frame(
      g = gl(12, 10), a = factor(sample(letters[1:3], n, TRUE)), b = factor(sample(LETTERS[1:4], n, TRUE)),
      c = factor(sample(1:2, n, TRUE)), x = rnorm(n), z = runif(n), w = runif(n, 0.5, 2), y = rnorm(n)
    )
    d$u <- d$x + d$z
    d$k <- ifelse(d$a == "b", 2, d$x)
    empty <- (seed %% 3 == 0 & d$a == "c" & d$b == "B") | (seed %% 5 == 0 & d$a == "a" & d$b == "A") |
      (seed %% 7 == 0 & d$a == "b" & d$c == "1")
    codings <- sample(c("contr.treatment", "contr.sum", "contr.helmert", "contr.poly"), 3, TRUE)
    list(data = droplevels(d[!empty, ]), contrasts = stats::setNames(as.list(codings), c("a", "b", "c")))
  })
}

test_that("types II and III are SAS's, by the general form of estimable functions", {
  fixed <- c(
    "a * b", "a * b * c", "a + b + x", "a * x + b", "a * b * x", "x + z + u", "a + a:k", "a / b", "a:b + x",
    "a * b + c:x", "a * b + x + z + u", "a * b * c * x", "x:a + b", "a:b + b:c", "a * b + a:c", "a + a:b:c + x:b"
  )
  for (seed in 1:64) {
    design <- random_factorial(seed)
    data <- design$data
    intercept <- seed %% 4 != 1
    formula <- reformulate(c(if (!intercept) "0", fixed[seed %% 16 + 1], "(1 | g)"), "y")
    contrasts <- design$contrasts[intersect(names(design$contrasts), all.vars(formula))]
    weights <- if (seed %% 2) data$w
    fit <- suppressMessages(lmm(formula, data, contrasts = if (length(contrasts)) contrasts, weights = weights))
    X <- model.matrix(fit)[, names(fixef(fit)), drop = FALSE]
    w <- if (is.null(weights)) rep(1, nrow(X)) else weights
    for (type in c("II", "III")) {
      found <- type_contrasts(fit, type)
      expected <- sas_hypotheses(names(found), intercept, data, X, type, w)
      for (term in names(found)) expect_same_space(found[[term]], expected[[term]], 1 / sqrt(colSums(X^2)))
    }
  }
})

test_that("neither origin nor unit of covariates matters, also with empty cells", {
  d <- random_factorial(3)$data
  d$t <- with_seed(3, sample(-10:10, nrow(d), TRUE))
  tests <- function(formula, data, type) {
    fit <- suppressMessages(lmm(formula, data))
    unlist(lapply(type_contrasts(fit, type), function(L) test_of(fit, L)[c("NumDF", "F value")]))
  }
  cubic <- y ~ a * b + t + I(t^2) + I(t^3) + (1 | g)
  moved <- transform(d, t = t + 2010)
  for (type in c("I", "II", "III")) {
    own <- tests(cubic, d, type)
    expect_close(tests(cubic, transform(d, t = 1e4 * t), type), own, 1e-6, own)
    # the coefficients of lower powers do depend on the origin
    same <- setdiff(names(own), c("t.NumDF", "t.F value", "I(t^2).NumDF", "I(t^2).F value"))
    if (type == "I") same <- names(own)
    expect_close(tests(cubic, moved, type)[same], own[same], 1e-5, own[same])
    whole <- tests(y ~ a * b + poly(t, 3, raw = TRUE) + (1 | g), moved, type)
    expect_close(whole, tests(y ~ a * b + poly(t, 3) + (1 | g), d, type), 1e-5, whole)
    for (unit in c(1e-13, 1e13)) {
      expect_close(
        tests(y ~ a + x + (1 | g), transform(d, x = unit * x), type), tests(y ~ a + x + (1 | g), d, type), 1e-6, 10
      )
    }
  }
})

test_that("factors of many levels need no table of their combinations", {
  d <- with_seed(6, {
    d <- data.frame(g = gl(40, 15), p = factor(sample(60, 600, TRUE)), q = factor(sample(60, 600, TRUE)))
    transform(d, year = 2000 + sample(0:20, 600, TRUE), y = rnorm(600))
  })
  fit <- fit_quietly(y ~ p + q + year + I(year^2) + I(year^3) + (1 | g), d)
  found <- type_contrasts(fit, "III")
  expect_identical(vapply(found, nrow, 0L), c(p = 59L, q = 59L, year = 1L, `I(year^2)` = 1L, `I(year^3)` = 1L))
  expect_close(found$p, cbind(0, diag(59), matrix(0, 59, 62)), 1e-12)
})

test_that("names that need backticks, and a grouping factor taken out of the dot, are no trouble", {
  plain <- transform(cells, h = factor(a == 1))[c("y", "x", "h", "g")]
  odd <- stats::setNames(plain, c("the y", "x - 1", "h (yes=1)", "the g"))
  own <- fit_quietly(y ~ x * h + (1 | g), plain)
  other <- fit_quietly(`the y` ~ `x - 1` * `h (yes=1)` + (1 | `the g`), odd)
  dot <- fit_quietly(y ~ . - g + (1 | g), plain)
  for (type in c("I", "II", "III")) {
    expect_equal(lapply(unname(type_contrasts(other, type)), unname), lapply(unname(type_contrasts(own, type)), unname))
    expect_identical(names(type_contrasts(dot, type)), c("x", "h"))
  }
})

test_that("without an intercept the hypotheses about crossed factors are the same", {
  for (type in c("II", "III")) {
    own <- fit_quietly(y ~ a * b + (1 | g), cells)
    other <- fit_quietly(y ~ 0 + a * b + (1 | g), cells)
    found <- lapply(list(own, other), function(fit) vapply(type_contrasts(fit, type), test_of, numeric(3), fit = fit))
    expect_close(found[[2L]], found[[1L]], 1e-7, found[[1L]])
  }
})
