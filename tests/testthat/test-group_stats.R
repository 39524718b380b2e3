test_that("a design is condensed to plain numbers of the size of the groups", {
  stats <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont)$stats
  expect_s3_class(stats, "group_stats")
  expect_equal(dim(stats$R), c(2, 2, 27))
  expect_equal(dim(stats$B), c(2, 4, 27))
  expect_equal(dim(stats$R0), c(4, 4))
  expect_equal(stats$n_obs, 108)
})

test_that("rows of weight zero are counted apart", {
  d <- transform(as.data.frame(nlme::Orthodont), w = rep(c(0, 2, 1, 1), 27))
  stats <- lmm(distance ~ age + (1 | Subject), d, weights = w)$stats
  expect_equal(c(stats$n_obs, stats$n_zero_weight), c(81, 27))
  expect_equal(stats$sum_log_weights, 27 * log(2))
})
