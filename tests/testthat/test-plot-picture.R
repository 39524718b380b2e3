test_that("of many points the extreme ones and every k-th are drawn, of few all", {
  expect_identical(drawn_points(5:1, 1:5), 1:5)
  y <- with_seed(1, rnorm(50000))
  drawn <- drawn_points(seq_along(y), y)
  expect_true(all(order(y)[c(1:100, 49901:50000)] %in% drawn))
  expect_true(all(seq(1, 50000, by = 10) %in% drawn))
  expect_lte(length(drawn), 5200)
  expect_match(describe_drawn(length(drawn), 50000), "of 50,000 rows")
  expect_null(describe_drawn(7, 7))
})

test_that("a smooth curve of points on a line is the line, also of slices of many", {
  for (n in c(50, 20000)) {
    x <- with_seed(2, runif(n))
    curve <- smooth_curve(x, 1 + 2 * x)
    expect_equal(curve$y, 1 + 2 * curve$x, tolerance = 1e-8)
    expect_false(is.unsorted(curve$x))
  }
  expect_null(smooth_curve(c(1, 1, 2), 1:3))
})

test_that("quantiles have the band of normal order statistics", {
  y <- with_seed(3, rnorm(25))
  rows <- normal_quantiles(c(y, NA), 0.9)
  expect_identical(rows$sample, sort(y))
  expect_identical(rows$row, order(y))
  expect_equal(rows$theoretical, qnorm(ppoints(25)))
  # P(U_(i) <= u) is the probability that at least i of 25 uniform values are below u.
  expect_equal(pbinom(seq_len(25) - 1, 25, pnorm(rows$lower), lower.tail = FALSE), rep(0.05, 25), tolerance = 1e-8)
  expect_equal(pbinom(seq_len(25) - 1, 25, pnorm(rows$upper), lower.tail = FALSE), rep(0.95, 25), tolerance = 1e-8)
})

test_that("labels of an axis are plain numbers", {
  expect_identical(axis_labels(c(0, 5e4, 1e5)), c("0", "50,000", "100,000"))
  expect_identical(axis_labels(c(0, 0.5)), c("0.0", "0.5"))
})

test_that("panels fill a page wider than high", {
  expect_identical(panel_shape(20), c(4, 5))
  expect_identical(panel_shape(2), c(1, 2))
  for (n in 1:60) expect_gte(prod(panel_shape(n)), n)
})
