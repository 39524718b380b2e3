balanced <- with_seed(3, {
  g <- gl(12, 5)
  data.frame(g = g, y = 10 + 2 * rnorm(12)[g] + rnorm(60))
})

test_that("estimate, standard error and interval of a balanced one-way layout are those of its mean squares", {
  fit <- lmm(y ~ 1 + (1 | g), balanced)
  closed <- one_way(balanced$y, balanced$g)
  rho <- closed$sd_group^2 / (closed$sd_group^2 + closed$sigma^2)
  # logit rho = log((F - 1) / r), var log F = 2 / (k - 1) + 2 / (k (r - 1))
  F <- 1 + 5 * closed$sd_group^2 / closed$sigma^2
  error <- F / (F - 1) * sqrt(2 / 11 + 2 / 48)
  result <- icc(fit, level = 0.9)
  expect_named(result, c("icc", "std.error", "lower", "upper"))
  expect_close(result$icc, rho, 1e-10)
  expect_close(result$std.error, rho * (1 - rho) * error, 1e-8)
  expect_close(c(result$lower, result$upper), plogis(qlogis(rho) + c(-1, 1) * qnorm(0.95) * error), 1e-8)
})

test_that("with slopes it is a function of the covariate, whatever its origin", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  at <- data.frame(age = c(8, 11, 14))
  result <- icc(fit, at = at)
  D <- covariance_of(fit)
  u <- cbind(1, at$age)
  between <- rowSums((u %*% D) * u)
  expect_equal(result$icc, between / (between + sigma(fit)^2))
  shifted <- lmm(distance ~ I(age - 11) + (I(age - 11) | Subject), nlme::Orthodont)
  expect_close(as.matrix(icc(shifted, at = at)), as.matrix(result), 1e-6)
  expect_equal(icc(fit)$age, quantile(nlme::Orthodont$age, names = FALSE))
})

test_that("factors take their levels and a second term its own variables", {
  data <- transform(as.data.frame(nlme::Orthodont), late = factor(age > 10))
  expect_identical(icc(fit_quietly(distance ~ age + (late | Subject), data))$late, factor(c(FALSE, TRUE)))
  expect_named(icc(lmm(distance ~ age + (1 | Subject) + (0 + age | Subject), data))[1L], "age")
})

test_that("at the boundary there is no standard error", {
  data <- data.frame(g = gl(6, 4), y = c(1, 4, 2, 5) + rep(c(0, 0.1, -0.1), each = 4))
  result <- icc(fit_quietly(y ~ 1 + (1 | g), data))
  expect_identical(unlist(result, use.names = FALSE), c(0, NA, NA, NA))
  oats <- transform(as.data.frame(nlme::Oats), half = rep(1:2, 36))
  two <- icc(fit_quietly(yield ~ nitro * half + (1 | Block) + (1 | Block:half), oats))
  alone <- icc(lmm(yield ~ nitro * half + (1 | Block), oats))
  expect_close(as.matrix(two[1L, -1L]), as.matrix(alone), 1e-8)
  expect_identical(unlist(two[2L, -1L], use.names = FALSE), c(0, NA, NA, NA))
})

test_that("`at` must have the covariates", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  expect_error(icc(fit, at = data.frame(aeg = 8)), class = "mixest_input")
  expect_error(icc(fit, at = 8), class = "mixest_input")
  expect_error(icc(fit, level = 2), class = "mixest_input")
})

test_that("each grouping factor has its share of the variance", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  result <- icc(oats)
  expect_named(result, c("group", "icc", "std.error", "lower", "upper"))
  variances <- as.data.frame(VarCorr(oats))$vcov
  expect_identical(result$group, c("Variety:Block", "Block"))
  expect_identical(rownames(result), c("1", "2"))
  expect_close(result$icc, variances[1:2] / sum(variances), 1e-12)
  # the delta method in theta, by numerical derivatives of the logit of the share
  information <- solve(attr(devfun(oats)(getME(oats, "theta"), deriv = 2), "hessian") / 2)
  for (f in 1:2) {
    slope <- numeric_gradient(function(theta) qlogis(theta[f]^2 / (1 + sum(theta^2))), unname(getME(oats, "theta")))
    expect_close(
      result$std.error[f], result$icc[f] * (1 - result$icc[f]) * sqrt(drop(slope %*% information %*% slope)), 1e-7
    )
  }
  slopes <- icc(fit_quietly(
    yield ~ nitro + diag(nitro | Block) + (1 | Block:Variety), nlme::Oats
  ), at = data.frame(nitro = c(0, 0.5)))
  expect_identical(slopes$nitro, c(0, 0.5, 0, 0.5))
})

test_that("typical covariates are those of the rows that count", {
  data <- transform(as.data.frame(nlme::Orthodont), w = rep(c(0, 1, 1, 2), 27))
  all_rows <- lmm(distance ~ age + (age | Subject), data, weights = w)
  expect_equal(
    icc(all_rows), icc(lmm(distance ~ age + (age | Subject), data[data$w > 0, ], weights = w)), tolerance = 1e-6
  )
})
