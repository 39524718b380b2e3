test_that("tests of nested fits are pbkrtest's", {
  skip_without("pbkrtest", "lme4")
  fit <- interop_fit("slopes")
  smaller <- update(fit, . ~ age + (age | Subject))
  peers <- lapply(list(fit, smaller), as_lmerMod)
  other <- pbkrtest::KRmodcomp(peers[[1L]], peers[[2L]])
  own <- pbkrtest::KRmodcomp(fit, smaller)
  for (name in c("ndf", "ddf", "Fstat", "p.value", "F.scaling", "FstatU", "p.valueU")) {
    expect_close_relative(pbkrtest::getKR(own, name), pbkrtest::getKR(other, name), 1e-4)
  }
  expect_equal(pbkrtest::getKR(pbkrtest::KRmodcomp(fit, diag(4)[3:4, ]), "Fstat"), pbkrtest::getKR(own, "Fstat"))
  expect_equal(pbkrtest::getKR(pbkrtest::KRmodcomp(smaller, fit), "Fstat"), pbkrtest::getKR(own, "Fstat"))
  expect_output(print(own), "Ftest")
  other <- pbkrtest::SATmodcomp(peers[[1L]], peers[[2L]])$test
  own <- pbkrtest::SATmodcomp(fit, smaller)$test
  # Its derivatives are numerical.
  expect_close_relative(unlist(own), unlist(other), 1e-3)
  L <- c(0, 1, 0, 0)
  expect_close_relative(pbkrtest::get_Lb_ddf(fit, L), pbkrtest::get_Lb_ddf(peers[[1L]], L), 1e-4)
  expect_close_relative(pbkrtest::vcovAdj(fit), as.matrix(pbkrtest::vcovAdj(peers[[1L]])), 1e-4)
  other <- update(fit, . ~ . - age - age:Sex + I(age^2))
  expect_error(pbkrtest::KRmodcomp(fit, other), "nested", class = "mixest_input")
})

test_that("the parametric bootstrap compares fits by maximum likelihood", {
  skip_without("pbkrtest")
  fit <- interop_fit("slopes")
  smaller <- update(fit, . ~ . - age:Sex)
  own <- pbkrtest::PBmodcomp(fit, smaller, nsim = 5, seed = 1)
  expect_equal(own$LRTstat[["tobs"]], suppressMessages(anova(fit, smaller))$Chisq[2L], tolerance = 1e-8)
  reference <- pbkrtest::PBrefdist(fit, smaller, nsim = 5, seed = 1)
  drawn <- simulate(update(smaller, REML = FALSE), nsim = 1, seed = 1)
  ml <- lapply(list(fit, smaller), update, REML = FALSE)
  again <- suppressMessages(lapply(ml, refit, drawn))
  expect_equal(as.vector(reference)[1L], deviance(again[[2L]]) - deviance(again[[1L]]), tolerance = 1e-6)
})
