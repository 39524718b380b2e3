test_that("a design is condensed to plain numbers of the size of the groups", {
  stats <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont)$stats
  expect_s3_class(stats, "group_stats")
  expect_equal(dim(stats$R), c(2, 2, 27))
  expect_equal(dim(stats$B), c(2, 4, 27))
  expect_equal(dim(stats$R0), c(4, 4))
  expect_equal(stats$n_obs, 108)
})

test_that("rows of weight zero don't count", {
  d <- transform(as.data.frame(nlme::Orthodont), w = rep(c(0, 2, 1, 1), 27))
  stats <- lmm(distance ~ age + (1 | Subject), d, weights = w)$stats
  expect_equal(stats$n_obs, 81)
  expect_equal(stats$sum_log_weights, 27 * log(2))
})

# The triangle of one group.
unpack <- function(packed, k) {
  C <- matrix(0, k, k)
  C[upper.tri(C, diag = TRUE)] <- packed
  C
}

test_that("what is left of each group adds up to the pooled rows", {
  for (seed in 1:6) {
    d <- random_data(seed, p = 3, q = 2, sizes = 1:7)
    model <- if (seed %% 2) y ~ x1 + z1 + (z1 | g) else y ~ x1 + x2 + (1 | g)
    fit <- fit_quietly(model, d, weights = if (seed > 3) d$w)
    stats <- stats_with_leftovers(fit)
    k <- ncol(stats$R0)
    expect_equal(dim(stats$leftovers$C), c(k * (k + 1) / 2, nlevels(d$g)))
    pooled <- Reduce(
      `+`, lapply(seq_len(ncol(stats$leftovers$C)), function(i) crossprod(unpack(stats$leftovers$C[, i], k)))
    )
    expect_close_relative(pooled, crossprod(stats$R0), 1e-13)
    expect_close_relative(crossprod(stats$R0), crossprod(fit$stats$R0), 1e-13)
    expect_close_relative(stats$B^2, fit$stats$B^2, 1e-13)
    expect_equal(stats$leftovers$n_obs, as.vector(table(d$g)))
    expect_equal(sum(stats$leftovers$log_weights), stats$sum_log_weights)
  }
})

test_that("what is left of a group is its rows without what the random effects explain", {
  d <- random_data(11, p = 2, q = 2, sizes = 2:9)
  fit <- fit_quietly(y ~ x1 + (z1 | g), d)
  stats <- stats_with_leftovers(fit)
  basis <- stats$basis
  for (i in seq_len(nlevels(d$g))) {
    rows <- d[as.integer(d$g) == i, ]
    Z <- cbind((rows$x1 - basis$x$shift[2]) / basis$x$scale[2], (rows$y - basis$y$shift) / basis$y$scale)
    left <- qr.resid(qr(cbind(1, rows$z1)), Z)
    C <- unpack(stats$leftovers$C[, i], 3)
    expect_close(C[, 1], rep(0, 3), 1e-13)
    expect_close(crossprod(C[, -1]), crossprod(left), 1e-12)
  }
})

test_that("a fit without rows keeps what is left of each group, a fit with rows does not", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  small <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_null(fit$stats$leftovers)
  expect_equal(stats_with_leftovers(small)$leftovers, stats_with_leftovers(fit)$leftovers)
  small$stats$leftovers <- NULL
  expect_snapshot(error = TRUE, stats_with_leftovers(small, quote(influence())))
})

test_that("leftovers of several responses and threads are those of each alone", {
  d <- as.data.frame(nlme::Orthodont)
  d$second <- d$distance^2
  both <- lmm(cbind(distance, second) ~ age + (1 | Subject), d, control = lmm_control(keep_data = FALSE, threads = 2))
  alone <- lmm(second ~ age + (1 | Subject), d, control = lmm_control(keep_data = FALSE))
  expect_equal(both[[2]]$stats$leftovers$C, alone$stats$leftovers$C, tolerance = 1e-13)
})

test_that("many scattered rows are condensed like the same rows sorted by group", {
  n <- 2^19 + 1
  d <- with_seed(13, data.frame(y = rnorm(n), x = sample(
    -9:9, n, replace = TRUE
  ), z = rnorm(n), w = sample(0:3, n, replace = TRUE), g = sample.int(2000L, n, replace = TRUE)))
  sorted <- d[order(d$g), ]
  condensed <- function(data, threads) {
    fit <- lmm(
      y ~ x + offset(z) + (x | g), data, weights = w, control = lmm_control(threads = threads, keep_data = FALSE)
    )
    fit$stats[c("R", "B", "R0", "n_obs", "leftovers")]
  }
  expect_equal(condensed(d, 1), condensed(sorted, 1), tolerance = 1e-12)
  expect_identical(condensed(d, 3), condensed(d, 1))
})
