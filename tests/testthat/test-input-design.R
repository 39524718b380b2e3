# X and U as matrices
design <- function(formula, data, contrasts = NULL) {
  user <- environment()
  out <- build_design(build_model_frame(parse_formula(formula, user), data, list(), user), contrasts, user)
  out$X <- side_by_side(list(out$X), out$y)
  out$U <- side_by_side(out$U, out$y)
  out
}

side_by_side <- function(blocks, y) {
  matrices <- lapply(
    blocks, function(block) if (is.list(block)) do.call(cbind, c(list(matrix(0, NROW(y), 0L)), block)) else block
  )
  if (length(matrices) == 1L) matrices[[1L]] else do.call(cbind, matrices)
}

d <- with_seed(20, data.frame(y = rnorm(24), x = rnorm(24)))
d <- cbind(d, f = gl(3, 1, 24, labels = c("a", "b", "c")), g = gl(4, 6), h = rep(1:2, 12))

test_that("X is that of lm()", {
  for (formula in c(y ~ f * x, y ~ 0 + f, y ~ poly(x, 2) + log(h), y ~ f %in% g, y ~ 0)) {
    mixed <- stats::update(formula, . ~ . + (1 | g))
    expect_equal(
      design(mixed, d)$X, stats::model.matrix(formula, d), ignore_attr = c("assign", "contrasts", "dimnames")
    )
  }
  sums <- list(f = "contr.sum")
  expect_equal(design(y ~ f + (1 | g), d, sums)$X, stats::model.matrix(y ~ f, d, contrasts.arg = sums))
})

test_that("U has the model-matrix columns of each term, whether copied or built", {
  out <- design(y ~ x + (x + h | g) + (0 + f | g), d)
  expect_equal(out$U, cbind(stats::model.matrix(~ x + h, d), stats::model.matrix(~ 0 + f, d)), ignore_attr = TRUE)
  expect_equal(colnames(out$U), c("(Intercept)", "x", "h", "fa", "fb", "fc"))
  expect_equal(out$u_term, c(1, 1, 1, 2, 2, 2))
  expect_equal(lapply(out$random$terms, `[[`, "columns"), list(1:3, 4:6))
  expect_equal(vapply(out$random$terms, `[[`, "", "label"), c("g", "g.1"))
  products <- design(y ~ 1 + (x:h + I(x^2) | g), d)
  expect_equal(products$U, stats::model.matrix(~ x:h + I(x^2), d), ignore_attr = TRUE)
})

test_that("numeric variables are the same memory in the frame, X and U, and the intercept is one number", {
  user <- environment()
  model <- build_model_frame(parse_formula(y ~ x + (x | g), user), d, list(), user)
  out <- build_design(model, NULL, user)
  expect_equal(names(out$X), c("(Intercept)", "x"))
  expect_identical(rlang::obj_address(out$X$x), rlang::obj_address(model$frame$x))
  expect_identical(rlang::obj_address(out$U[[1]]$x), rlang::obj_address(model$frame$x))
  expect_identical(list(out$X[[1]], out$U[[1]][[1]]), list(1, 1))
})

test_that("a combination of columns that gives 1 is found", {
  constant <- function(formula) design(formula, d)[c("X", "constant_x", "U", "constant_u")]
  for (formula in c(y ~ x + (x | g), y ~ 0 + x + f + (0 + f + x | g), y ~ 0 + f:factor(h) + (f | g))) {
    out <- constant(formula)
    expect_equal(as.vector(out$X %*% out$constant_x), rep(1, 24))
    expect_equal(as.vector(out$U %*% out$constant_u), rep(1, 24))
  }
  none <- constant(y ~ 0 + x + (0 + x | g))
  expect_equal(none$constant_x, 0)
  expect_equal(none$constant_u, 0)
  expect_equal(constant(y ~ 0 + f:x + (0 + f:x | g))$constant_x, numeric(3))
  expect_equal(constant(y ~ 0 + (1 | g))$constant_x, numeric(0))
  expect_equal(constant(y ~ 1 + (1 | g) + (0 + x | g))$constant_u, c(1, 0))
})

test_that("response, weights and offset are plain doubles", {
  out <- design(scale(y) ~ offset(h) + offset(2 * x) + (1 | g), d)
  expect_equal(out$y, as.vector(scale(d$y)))
  expect_equal(out$offset, d$h + 2 * d$x)
  expect_null(out$weights)
  expect_equal(design(h ~ 1 + (1 | g), d)$y, as.double(d$h))
  expect_equal(design(I(x > 0) ~ 1 + (1 | g), d)$y, as.double(d$x > 0))
})

test_that("a design that can't be built says why", {
  d$one <- factor("a")
  d$huge <- 1e200 * d$h
  expect_snapshot(error = TRUE, {
    lmm(y ~ one + (1 | g), d)
    lmm(y ~ (one | g), d)
    lmm(y ~ huge:I(huge + 0) + (1 | g), d)
    lmm(y ~ f + (1 | g), d, contrasts = "contr.sum")
    lmm(y ~ f + (1 | g), d, contrasts = list(f = "contr.none"))
  })
})
