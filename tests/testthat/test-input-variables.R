d <- data.frame(y = c(2, 4, 1, 3, 7, 5), x = c(1, 2, 3, 1, 2, 4), f = rep(c("a", "b"), 3), g = gl(3, 2), w = 1:6)

test_that("data that can't be used are refused", {
  bad <- within(d, {
    z <- complex(6)
    l <- as.list(1:6)
    big <- structure(w + 0.5, class = "integer64")
    one <- "a"
    huge <- 1e200 * x
  })
  expect_snapshot(error = TRUE, {
    lmm(y ~ x + (1 | g), as.matrix(d[c("y", "x")]))
    lmm(y ~ x + (1 | g), "d")
    lmm(y ~ x + (1 | g), d[0, ])
    lmm(y ~ x + (1 | g), d, subset = x > 9)
    lmm(y ~ z + (1 | g), bad)
    lmm(y ~ l + (1 | g), bad)
    lmm(y ~ big + (1 | g), bad)
    lmm(y ~ 1 + (1 | poly(x, 2)), bad)
    lmm(y ~ x + (1 | g), c(as.list(d[-1]), list(y = 1:3)))
  })
  skip_if(getRversion() < "3.5.0")
  expect_error(lmm(y ~ 1 + (1 | g), list(y = 1:3e9, g = 1)), "2147483647", class = "mixest_input")
})

test_that("the response must be one numeric variable", {
  expect_snapshot(error = TRUE, {
    lmm(f ~ x + (1 | g), d)
    lmm(factor(f) ~ x + (1 | g), d)
    lmm(as.Date(y, origin = "1970-01-01") ~ x + (1 | g), d)
  })
})

test_that("weights and offsets are checked", {
  expect_snapshot(error = TRUE, {
    lmm(y ~ x + (1 | g), d, weights = x - 2)
    lmm(y ~ x + (1 | g), d, weights = 0 * x)
    lmm(y ~ x + (1 | g), d, weights = f)
    lmm(y ~ x + (1 | g), d, weights = 1:3)
    lmm(y ~ x + (1 | g), d, weights = x / 0)
    lmm(y ~ x + (1 | g), d, offset = 1)
    lmm(y ~ x + offset(f) + (1 | g), d)
  })
})

test_that("infinite values are found in every variable, with their rows", {
  infinite <- transform(d, y = replace(y, 3, Inf), x = x - 1)
  expect_snapshot(error = TRUE, {
    lmm(y ~ 1 + (1 | g), infinite)
    lmm(w ~ log(x) + (1 | g), infinite)
    lmm(w ~ 1 + (log(x) | g), infinite)
    lmm(w ~ offset(1 / x) + (1 | g), infinite)
  })
  expect_equal(ngrps(suppressMessages(lmm(w ~ x + (1 | cut(y, c(0, 2.5, Inf))), infinite)))[[1]], 2)
})

test_that("names that can't mean what they say are refused", {
  odd <- cbind(d, `(weights)` = 1:6, `(offset)` = 6:1, z = I(matrix(0, 6, 0)))
  expect_snapshot(error = TRUE, {
    lmm(y ~ `(weights)` + (1 | g), odd)
    lmm(y ~ x + (`(offset)` | g), odd)
    lmm(y ~ y + x + (1 | g), odd)
    lmm(y ~ z + (1 | g), odd)
    lmm(y ~ x + (z | g), odd)
  })
})

test_that("one value that is not finite is found wherever it stands", {
  for (n in 1:9) {
    finite <- c(.Machine$double.xmax, -.Machine$double.xmax, 5e-324, 0, 1:5)[seq_len(n)]
    expect_true(cpp_all_finite(finite))
    for (i in seq_len(n)) for (bad in c(Inf, -Inf, NaN, NA)) expect_false(cpp_all_finite(replace(finite, i, bad)))
  }
  expect_true(cpp_all_finite(double()))
})
