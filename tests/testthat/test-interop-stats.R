Oats <- as.data.frame(nlme::Oats)

test_that("coefficients of factor levels are those of lm() for the same coefficients", {
  fit <- lmm(yield ~ nitro * Variety + (1 | Block), Oats)
  peer <- lm(yield ~ nitro * Variety, Oats)
  peer$coefficients <- fixef(fit)
  expect_equal(unclass(dummy.coef(fit)), unclass(dummy.coef(peer)), ignore_attr = TRUE)
  expect_named(unclass(dummy.coef(fit)), names(unclass(dummy.coef(peer))))
})

test_that("as.function() is the deviance, TukeyHSD() says what to use", {
  fit <- lmm(yield ~ Variety + (1 | Block), Oats)
  expect_equal(as.numeric(as.function(fit)(getME(fit, "theta"))), deviance(fit))
  expect_error(TukeyHSD(fit), "emmeans", class = "mixest_input")
})
