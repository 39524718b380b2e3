slopes <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)

# D U_i' V_i^{-1} (y_i - X_i beta) from dense matrices, levels x effects.
dense_blups <- function(fit) {
  G <- as.matrix(getME(fit, "G"))
  U <- as.matrix(getME(fit, "U"))
  residual <- getME(fit, "y") - getME(fit, "offset") - drop(getME(fit, "X") %*% fixef(fit))
  gamma <- G %*% crossprod(U, solve(as.matrix(getME(fit, "V")), residual))
  matrix(gamma, ncol = nrow(getME(fit, "D")), byrow = TRUE)
}

test_that("predictions of random effects are D U'V^{-1}(y - X beta)", {
  expect_equal(t(unname(blups(slopes)$gamma[[1L]])), dense_blups(slopes), tolerance = 1e-8)
})

test_that("conditional covariances are (D^{-1} + U'U / sigma^2)^{-1}", {
  D <- getME(slopes, "D")
  covariance <- conditional_covariance(blups(slopes)$cond_factor[[1L]], sigma(slopes))
  U <- cbind(1, nlme::Orthodont$age[nlme::Orthodont$Subject == "M05"])
  level <- match("M05", slopes$random$groups$Subject)
  expect_equal(covariance[, , level], unname(solve(solve(D) + crossprod(U) / sigma(slopes)^2)), tolerance = 1e-8)
})

test_that("with several grouping factors everything is one list element for each", {
  fit <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  predicted <- blups(fit)
  expect_identical(lapply(predicted, length), list(gamma = 2L, cond_factor = 2L, carried = 2L))
  expect_identical(unname(lapply(predicted$gamma, dim)), list(c(1L, 18L), c(1L, 6L)))
  expect_identical(unname(lapply(predicted$carried, dim)), list(c(1L, 2L, 18L), c(1L, 2L, 6L)))
  expect_identical(effect_names(fit), c("(Intercept)|Variety:Block", "(Intercept)|Block"))
})

test_that("errors of beta move the predictions by -Psi U'V^{-1}X", {
  errors <- sigma(slopes) * blups(slopes)$carried[[1L]]
  X <- model.matrix(slopes)
  K <- as.matrix(getME(slopes, "G")) %*% crossprod(
    as.matrix(getME(slopes, "U")), solve(as.matrix(getME(slopes, "V")), X)
  )
  dense <- -K %*% (sigma(slopes) * slopes$beta_factor)
  expect_equal(matrix(aperm(errors, c(1, 3, 2)), ncol = ncol(dense)), unname(dense), tolerance = 1e-7)
})
