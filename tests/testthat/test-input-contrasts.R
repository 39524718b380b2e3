d <- transform(as.data.frame(nlme::Orthodont), f = factor(age), y = distance)

test_that("contrasts of R's kinds stay those of their kind without unused levels", {
  kinds <- list(
    stats::contr.sum, stats::contr.helmert, stats::contr.SAS, stats::contr.poly,
    function(n) stats::contr.treatment(n, base = 3)
  )
  for (kind in kinds) {
    set <- d
    contrasts(set$f) <- kind(4)
    part <- set$f != "8"
    expected <- droplevels(d[part, ])
    contrasts(expected$f) <- if (identical(kind, kinds[[5L]])) stats::contr.treatment(3, base = 2) else kind(3)
    expect_silent(fit <- lmm(y ~ f + (1 | Subject), set[part, ]))
    right <- lmm(y ~ f + (1 | Subject), expected)
    expect_equal(unname(fixef(fit)), unname(fixef(right)), tolerance = 1e-12)
    expect_identical(fixef(lmm(y ~ f + (1 | Subject), set, subset = f != "8")), fixef(fit))
    lost <- set
    lost$y[!part] <- NA
    expect_identical(fixef(lmm(y ~ f + (1 | Subject), lost)), fixef(fit))
    expect_equal(predict(fit, set[part, ][5:1, ]), rev(fitted(fit)[1:5]), tolerance = 1e-12)
  }
})

test_that("contrasts set by the name of a function stay", {
  set <- d
  set$f <- C(d$f, "contr.sum")
  fit <- lmm(y ~ f + (1 | Subject), subset(set, f != "14"))
  right <- lmm(y ~ f + (1 | Subject), droplevels(subset(d, f != "14")), contrasts = list(f = "contr.sum"))
  expect_identical(fixef(fit), fixef(right))
})

test_that("rows of other contrasts stay if they are enough for the columns", {
  set <- d
  contrasts(set$f, 1) <- cbind(linear = c(-3, -1, 1, 3))
  fit <- lmm(y ~ f + (1 | Subject), subset(set, f != "14"))
  slope <- lmm(y ~ I(age - 11) + (1 | Subject), subset(d, f != "14"))
  expect_identical(names(fixef(fit)), c("(Intercept)", "flinear"))
  expect_equal(unname(fixef(fit)), unname(fixef(slope)), tolerance = 1e-10)
})

test_that("a message says which contrasts are replaced, and why", {
  set <- d
  contrasts(set$f) <- cbind(c(1, 0, 0, -1), c(0, 1, 1, -2), c(1, 2, -1, -2))
  expect_message(fit <- lmm(y ~ f + (1 | Subject), subset(set, f != "10")), class = "mixest_contrasts")
  expect_identical(fixef(fit), fixef(lmm(y ~ f + (1 | Subject), droplevels(subset(d, f != "10")))))
  expect_snapshot(invisible(lmm(y ~ f + (1 | Subject), subset(set, f != "10"))))
  base_lost <- d
  contrasts(base_lost$f) <- stats::contr.treatment(4, base = 2)
  expect_message(lmm(y ~ f + (1 | Subject), subset(base_lost, f != "10")), class = "mixest_contrasts")
})
