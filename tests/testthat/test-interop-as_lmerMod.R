test_that("as_lmerMod() has the estimates of the fit, without optimisation", {
  skip_without("lme4")
  for (name in c("slopes", "nested", "weighted")) {
    fit <- interop_fit(name)
    peer <- as_lmerMod(fit)
    expect_s4_class(peer, "lmerMod")
    expect_close_relative(lme4::fixef(peer), fixef(fit), 1e-10)
    expect_close_relative(lme4::REMLcrit(peer), deviance(fit), 1e-10)
    expect_close_relative(unlist(lme4::ranef(peer)[names(ngrps(fit))]), unlist(ranef(fit)), 1e-8)
  }
})

test_that("diagonal terms become one term for each effect, in lme4's order of factors", {
  skip_without("lme4")
  fit <- fit_quietly(yield ~ nitro + (nitro || Block) + (1 | Block:Variety), as.data.frame(nlme::Oats), REML = FALSE)
  peer <- as_lmerMod(fit)
  expect_close_relative(deviance(peer), deviance(fit), 1e-10)
  expect_false(lme4::isREML(peer))
})

test_that("a formula that computes is evaluated in the fit's own rows", {
  skip_without("lme4")
  Orthodont <- as.data.frame(nlme::Orthodont)
  fit <- lmm(log(distance) ~ poly(age, 2) + (I(age - 11) | Subject), Orthodont, subset = Sex == "Male")
  expect_close_relative(lme4::fixef(as_lmerMod(fit)), fixef(fit), 1e-8)
})

test_that("data that have changed are noticed", {
  skip_without("lme4")
  rows <- as.data.frame(nlme::Orthodont)
  fit <- lmm(distance ~ poly(age, 2) + (1 | Subject), rows)
  rows$distance <- rows$distance + rnorm(108)
  expect_error(as_lmerMod(fit), "must be those", class = "mixest_input")
})

test_that("a structure that lme4's class has not is refused", {
  skip_without("lme4")
  fit <- fit_quietly(yield ~ nitro + homcs(0 + Variety | Block), data = as.data.frame(nlme::Oats))
  expect_error(as_lmerMod(fit), "homcs", class = "mixest_input")
  expect_error(as_lmerMod(1), class = "mixest_input")
})
