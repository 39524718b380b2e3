Orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age * Sex + (age | Subject), Orthodont)
peer <- nlme::lme(distance ~ age * Sex, Orthodont, random = ~ age | Subject)
oats <- interop_fit("nested")
plots <- nlme::lme(yield ~ nitro + Variety, nlme::Oats, random = ~ 1 | Block / Variety)

test_that("intervals() have the shape of lme's, and estimates of the fit", {
  own <- nlme::intervals(fit)
  other <- nlme::intervals(peer)
  expect_identical(dimnames(own$fixed), dimnames(other$fixed))
  expect_identical(dimnames(own$reStruct$Subject), dimnames(other$reStruct$Subject))
  # lme stops a little before the optimum.
  expect_close_relative(own$reStruct$Subject[, 2L], other$reStruct$Subject[, 2L], 1e-3)
  expect_close_relative(own$sigma, other$sigma, 1e-3)
  table <- coef(summary(fit))
  expect_equal(own$fixed[, "upper"] - own$fixed[, "est."], qt(0.975, table[, "df"]) * table[, "Std. Error"])
  expect_named(nlme::intervals(oats)$reStruct, names(nlme::intervals(plots)$reStruct))
  expect_named(unclass(nlme::intervals(fit, which = "fixed")), "fixed")
  expect_output(print(own), "cor\\(\\(Intercept\\),age\\)")
  expect_error(nlme::intervals(fit, which = "random"), class = "mixest_input")
})

test_that("groups and their formula are lme's", {
  expect_identical(as.character(nlme::getGroups(fit)), as.character(nlme::getGroups(peer)))
  expect_identical(nlme::getGroupsFormula(fit), ~Subject, ignore_formula_env = TRUE)
  expect_identical(as.character(nlme::getGroups(oats)), as.character(nlme::getGroups(plots)))
  expect_identical(as.character(nlme::getGroups(oats, level = 1)), as.character(nlme::getGroups(plots, level = 1)))
  both <- nlme::getGroups(oats, level = 1:2)
  expect_identical(as.character(both[[2L]]), as.character(nlme::getGroups(plots, level = 1:2)[[2L]]))
  expect_identical(nlme::getGroupsFormula(oats), ~ Block / Variety, ignore_formula_env = TRUE)
  expect_error(nlme::getGroups(oats, level = 3), "level", class = "mixest_input")
})

test_that("response and covariate are those of the fit", {
  expect_identical(nlme::getResponse(fit), Orthodont$distance)
  expect_identical(nlme::getCovariate(fit), Orthodont$age)
  expect_identical(nlme::getCovariate(fit, ~ age - 8), Orthodont$age - 8)
})

test_that("predictions along a covariate are lme's, group by group", {
  own <- nlme::augPred(fit, primary = ~age, length.out = 3, level = 0:1)
  other <- nlme::augPred(peer, primary = ~age, length.out = 3, level = 0:1)
  expect_identical(names(own), names(other))
  expect_identical(levels(own$.type), levels(other$.type))
  key <- function(table) paste(table$.groups, table$.type, table$age)
  drawn <- own$.type != "original"
  at <- match(key(own)[drawn], key(other))
  expect_close_relative(own$distance[drawn], other$distance[at], 1e-3)
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(print(plot(own)))
  expect_error(nlme::augPred(fit, primary = ~Sex), class = "mixest_input")
})

test_that("autocorrelations and semivariogram of the residuals are lme's", {
  for (type in c("pearson", "response")) {
    expect_close(nlme::ACF(fit, resType = type)$ACF, nlme::ACF(peer, resType = type)$ACF, 1e-3)
    own <- nlme::Variogram(fit, form = ~age, resType = type)
    other <- nlme::Variogram(peer, form = ~age, resType = type)
    expect_close_relative(own$variog, other$variog, 2e-3)
  }
  expect_identical(attr(nlme::ACF(fit, 2), "n.used"), attr(nlme::ACF(peer, 2), "n.used"))
})
