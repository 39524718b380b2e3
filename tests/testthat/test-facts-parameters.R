names_of <- function(formula, q = 3L) {
  fit <- suppressMessages(lmm(formula, random_data(31L, m = 25L, sizes = 4:9, q = q)))
  interval_parameters(fit)$name
}

test_that("parameters are named and ordered as in lme4, structures after what they share", {
  expect_identical(names_of(y ~ x1 + (z1 + z2 | g)), c(
    "sd_(Intercept)|g", "cor_z1.(Intercept)|g", "cor_z2.(Intercept)|g", "sd_z1|g", "cor_z2.z1|g", "sd_z2|g", "sigma",
    "(Intercept)", "x1"
  ))
  expect_identical(names_of(y ~ 0 + diag(z1 | g)), c("sd_(Intercept)|g", "sd_z1|g", "sigma"))
  expect_identical(names_of(y ~ 1 + homdiag(z1 | g)), c("sd|g", "sigma", "(Intercept)"))
  expect_identical(
    names_of(y ~ 1 + cs(z1 | g)), c("sd_(Intercept)|g", "cor_z1.(Intercept)|g", "sd_z1|g", "sigma", "(Intercept)")
  )
  expect_identical(names_of(y ~ 1 + cs(z1 + z2 | g))[1:4], c("sd_(Intercept)|g", "sd_z1|g", "sd_z2|g", "cor|g"))
  expect_identical(names_of(y ~ 1 + homcs(z1 | g))[1:2], c("sd|g", "cor_z1.(Intercept)|g"))
  expect_identical(names_of(y ~ 1 + ar1(z1 + z2 | g))[1:3], c("sd|g", "cor|g", "sigma"))
  expect_identical(names_of(y ~ 1 + toep(z1 + z2 | g))[4:5], c("cor1|g", "cor2|g"))
  expect_identical(names_of(y ~ 1 + (1 | g) + (0 + z1 | g))[1:2], c("sd_(Intercept)|g", "sd_z1|g.1"))
})

test_that("terms of several grouping factors are told apart by their factor", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_identical(interval_parameters(oats)$name, c(
    "sd_(Intercept)|Variety:Block", "sd_(Intercept)|Block", "sigma", "(Intercept)", "nitro"
  ))
})
