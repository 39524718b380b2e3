test_that("Anova() has the Wald tests of lmer's fits", {
  skip_without("car", "lmerTest", "pbkrtest")
  for (name in c("slopes", "nested", "weighted")) {
    fit <- interop_fit(name)
    peer <- as_peer(fit)
    for (type in 2:3) {
      columns <- c("Chisq", "Df", "Pr(>Chisq)")
      expect_columns(car::Anova(fit, type = type), car::Anova(peer, type = type), columns, 1e-6)
      expect_identical(rownames(car::Anova(fit, type = type)), rownames(car::Anova(peer, type = type)))
    }
    own <- car::Anova(fit, test.statistic = "F")
    # pbkrtest ignores precision weights.
    if (name != "weighted") {
      expect_columns(own, car::Anova(peer, test.statistic = "F"), c("F", "Df", "Df.res"), 1e-4)
    }
  }
  expect_identical(attr(own, "heading")[2L], "Response: distance")
})

test_that("type II tests of a balanced layout are those of anova()", {
  skip_without("car")
  fit <- interop_fit("nested")
  own <- car::Anova(fit, test.statistic = "F", ddf = "satterthwaite")
  expect_equal(own$F, anova(fit, type = 2)[["F value"]], tolerance = 1e-8)
  expect_equal(own$Df.res, anova(fit, type = 2)$DenDF, tolerance = 1e-8)
})

test_that("linear hypotheses are those of lmer's fits", {
  skip_without("car", "lmerTest", "pbkrtest")
  fit <- interop_fit("slopes")
  peer <- as_peer(fit)
  hypothesis <- c("SexFemale = 0", "age:SexFemale = 0")
  own <- car::linearHypothesis(fit, hypothesis)
  expect_columns(own[2L, ], car::linearHypothesis(peer, hypothesis)[2L, ], c("Df", "Chisq", "Pr(>Chisq)"), 1e-6)
  own <- car::linearHypothesis(fit, hypothesis, test = "F")
  other <- car::linearHypothesis(peer, hypothesis, test = "F")
  expect_columns(own[2L, ], other[2L, ], c("Res.Df", "Df", "F", "Pr(>F)"), 1e-4)
  expect_equal(
    car::linearHypothesis(fit, diag(4)[3:4, ], rhs = c(1, 0), test = "F")$F[2L],
    contest(fit, diag(4)[3:4, ], rhs = c(1, 0), ddf = "kenward-roger")[["F value"]]
  )
  expect_error(car::Anova(fit, test.statistic = "F", vcov. = vcov(fit)), "vcov", class = "mixest_input")
  expect_error(car::Anova(fit, vcov. = diag(2)), "2 rows", class = "mixest_input")
})

test_that("variance inflation, delta method and limits are those of the fixed effects", {
  skip_without("car", "lmerTest")
  fit <- interop_fit("nested")
  peer <- as_peer(fit)
  expect_silent(own <- car::vif(fit))
  expect_equal(own, car::vif(peer), tolerance = 1e-8)
  expect_equal(
    car::deltaMethod(fit, "nitro/VarietyVictory")$SE, car::deltaMethod(peer, "nitro/VarietyVictory")$SE,
    tolerance = 1e-6
  )
  named <- car::deltaMethod(fit, "b1^2", parameterNames = paste0("b", 0:3))
  expect_equal(named$SE, 2 * abs(fixef(fit)[["nitro"]]) * sqrt(vcov(fit)[2L, 2L]), tolerance = 1e-8)
  expect_equal(max(abs(car::outlierTest(fit)$rstudent)), max(abs(rstudent(fit))))
  expect_identical(car::matchCoefs(fit, "Variety"), names(fixef(fit))[3:4])
  limits <- car::Confint(fit)
  table <- coef(summary(fit))
  expect_equal(limits[, 3L] - limits[, 1L], qt(0.975, table[, "df"]) * table[, "Std. Error"], tolerance = 1e-10)
})
