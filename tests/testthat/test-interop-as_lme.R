Orthodont <- as.data.frame(nlme::Orthodont)

test_that("as_lme() has the estimates of the fit, without optimisation", {
  fits <- list(
    interop_fit("slopes"), interop_fit("nested"), interop_fit("weighted"),
    lmm(distance ~ age + Sex + (age || Subject), Orthodont, REML = FALSE),
    lmm(yield ~ nitro + homcs(0 + Variety | Block), as.data.frame(nlme::Oats))
  )
  for (fit in fits) {
    peer <- as_lme(fit)
    expect_s3_class(peer, "lme")
    expect_close_relative(nlme::fixef(peer), fixef(fit), 1e-8)
    expect_close_relative(sigma(peer), sigma(fit), 1e-8)
    expect_close_relative(sqrt(diag(vcov(peer))), sqrt(diag(vcov(fit))), 1e-6)
    expect_close_relative(fitted(peer), fitted(fit), 1e-6)
  }
})

test_that("what lme() can't hold is refused with the reason", {
  crossed <- lmm(y ~ 1 + (1 | a) + (1 | b), transform(
    expand.grid(a = factor(1:6), b = factor(1:5), k = 1:2), y = as.numeric(a) %% 3 + as.numeric(b) %% 2 + sin(1:60)
  ))
  expect_error(as_lme(crossed), "not nested", class = "mixest_input")
  expect_error(
    as_lme(fit_quietly(distance ~ age + (age | Subject), Orthodont, offset = age)), "offset", class = "mixest_input"
  )
  singular <- fit_quietly(y ~ 1 + (1 | g), data.frame(y = rep(1:4, 5), g = gl(5, 4)))
  expect_error(as_lme(singular), "singular", class = "mixest_input")
  expect_error(as_lme(fit_quietly(log(distance) ~ age + (1 | Subject), Orthodont, subset = age > 8)), NA)
  expect_error(as_lme(lm(distance ~ age, Orthodont)), class = "mixest_input")
})
