test_that("without lme4 our generics refuse other objects", {
  skip_if(isNamespaceLoaded("lme4"), "lme4 is loaded")
  for (generic in list(ngrps, isREML, isSingular, refit)) expect_error(generic(1), class = "mixest_input")
  expect_error(getME(1, "X"), class = "mixest_input")
})

test_that("with lme4 loaded our generics serve its fits", {
  skip_if_not_installed("lme4")
  peer <- lme4::lmer(distance ~ age + (1 | Subject), data = nlme::Orthodont)
  expect_identical(ngrps(peer), lme4::ngrps(peer))
  expect_identical(isREML(peer), TRUE)
  expect_identical(isSingular(peer), FALSE)
  expect_identical(getME(peer, "theta"), lme4::getME(peer, "theta"))
  expect_s4_class(refit(peer, nlme::Orthodont$distance), "lmerMod")
})
