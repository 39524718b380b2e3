d <- with_seed(4, {
  d <- data.frame(
    g = gl(15, 10), a = factor(sample(letters[1:3], 150, TRUE)), b = factor(sample(LETTERS[1:4], 150, TRUE)),
    l = runif(150) > 0.4, x = rnorm(150), y = rnorm(150)
  )
  d$M <- cbind(d$x^2, runif(150))
  d$x_in_a <- ifelse(d$a == "b", 3, d$x)
  d
})

# W in the user's units, against the columns themselves.
expect_columns_make_cells <- function(rhs, data = d, intercept = TRUE, ...) {
  formula <- reformulate(c(if (!intercept) "0", rhs, "(1 | g)"), "y")
  fit <- suppressMessages(lmm(formula, data, ...))
  found <- fixed_cells(fit, cpp_fixed_columns(fit$stats))
  X <- model.matrix(fit)[, names(fixef(fit)), drop = FALSE]
  parts <- lapply(strsplit(attr(fit$terms, "term.labels"), ":", fixed = TRUE), function(names) data[names])
  cells <- do.call(cbind, lapply(parts, cell_columns))
  W <- found$W / found$row_unit * rep(found$cell_unit, each = nrow(found$W))
  # without the intercept, whose coefficient is free
  made <- X[, found$row, drop = FALSE] %*% W[!is.na(found$row), , drop = FALSE]
  gap <- cells - made
  if (intercept) gap <- sweep(gap, 2L, colMeans(gap))
  expect_close(gap, 0 * gap, 1e-9, max(abs(cells)))
  found
}

test_that("the cells are combinations of the columns, in every coding, with columns dropped or not", {
  right_sides <- c(
    "a * b", "a * b * x", "a / b", "a:b + x", "x:a + b", "a * M", "l * a", "a + a:x_in_a", "a:b + b:l"
  )
  for (rhs in right_sides) {
    for (coding in c("contr.treatment", "contr.sum", "contr.helmert", "contr.poly", "contr.SAS")) {
      contrasts <- if (grepl("a", rhs)) list(a = coding)
      expect_columns_make_cells(rhs, contrasts = contrasts)
      expect_columns_make_cells(rhs, contrasts = contrasts, intercept = FALSE)
      expect_columns_make_cells(rhs, subset(d, !(a == "c" & b == "B")), contrasts = contrasts)
    }
  }
})

test_that("terms of different numeric variables are blocks, unless a dropped column joins them", {
  found <- expect_columns_make_cells("a * x")
  expect_identical(length(unique(found$row_block)), 2L)
  found <- expect_columns_make_cells("a + a:x_in_a")
  expect_identical(length(unique(found$row_block)), 1L)
})

test_that("contrasts that don't span the levels are completed", {
  linear <- d
  contrasts(linear$b, 1) <- contr.poly(4)
  fit <- suppressMessages(lmm(y ~ a * b + (1 | g), linear))
  found <- fixed_cells(fit, cpp_fixed_columns(fit$stats))
  expect_identical(sum(is.na(found$row)), 2L + 2L * 2L)
  for (type in c("II", "III")) {
    L <- type_contrasts(fit, type)
    expect_identical(vapply(L, nrow, 0L), c(a = 2L, b = 1L, `a:b` = 2L))
  }
  # the linear contrast alone, at the mean over a
  expect_close(type_contrasts(fit, "III")$b / type_contrasts(fit, "III")$b[, "b.L"], c(0, 0, 0, 1, 1 / 3, 1 / 3), 1e-12)
})
