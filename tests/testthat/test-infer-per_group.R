Orthodont <- as.data.frame(nlme::Orthodont)

test_that("each group has the coefficients of its own regression", {
  fit <- lmm(distance ~ age + (age | Subject), Orthodont)
  own <- per_group(fit)
  list <- nlme::lmList(distance ~ age | Subject, Orthodont)
  expect_equal(own, stats::coef(list)[rownames(own), ], ignore_attr = TRUE, tolerance = 1e-10)
  expect_identical(rownames(own), rownames(ranef(fit)$Subject))
  first <- lm(distance ~ age, Orthodont, subset = Subject == "M01")
  expect_equal(attr(own, "sigma")[["M01"]], sigma(first))
  expect_identical(unique(attr(own, "n")), 4L)
})

test_that("weights, offsets and groups that are too small are dealt with", {
  rows <- Orthodont
  rows$w <- ifelse(rows$Subject == "M02" & rows$age > 8, 0, rows$age)
  fit <- lmm(distance ~ 1 + (age | Subject), rows, weights = w, offset = age)
  own <- per_group(fit)
  first <- lm(distance - age ~ age, rows, subset = Subject == "M01", weights = w)
  expect_equal(unlist(own["M01", ]), coef(first), ignore_attr = TRUE)
  expect_equal(attr(own, "sigma")[["M01"]], sigma(first))
  expect_identical(is.na(unlist(own["M02", ], use.names = FALSE)), c(FALSE, TRUE))
  expect_identical(attr(own, "sigma")[["M02"]], NA_real_)
})

test_that("the factor can be chosen", {
  fit <- interop_fit("nested")
  expect_identical(dim(per_group(fit, "Block")), c(6L, 1L))
  means <- tapply(nlme::Oats$yield, nlme::Oats$Block, mean)
  expect_equal(per_group(fit, "Block")[[1L]], as.vector(means[rownames(ranef(fit)$Block)]))
  expect_error(per_group(fit, "Plot"), "Plot", class = "mixest_input")
  expect_error(per_group(lm(yield ~ nitro, nlme::Oats)), class = "mixest_input")
})
