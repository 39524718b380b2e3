fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)

test_that("the lecture's table is reproduced", {
  table <- coef(summary(fit))
  expect_identical(colnames(table), c("Estimate", "Std. Error", "df", "t value", "Pr(>|t|)"))
  expect_equal(table[, "Estimate"], c(
    "(Intercept)" = 12.0634, meanses = 5.2463, sectorCatholic = 1.3722, cses = 2.1950
  ), tolerance = 1e-4)
  expect_equal(unname(table[, "Std. Error"]), c(0.1991, 0.3683, 0.3055, 0.1284), tolerance = 5e-4)
  expect_equal(table[, "t value"], table[, "Estimate"] / table[, "Std. Error"])
})

test_that("summary() prints on one screen, with the certificate last", {
  lines <- capture.output(print(summary(fit)))
  expect_lt(length(lines), 45)
  expect_true("REML criterion: 46543.34" %in% lines)
  for (part in c(
    "Scaled residuals", "Random effects", "Fixed effects", "Correlation of fixed effects",
    "Groups *Name *Variance *Std.Dev. *Std.Error *Corr"
  )) {
    expect_true(any(grepl(part, lines)), info = part)
  }
  expect_match(paste(lines[length(lines) - 1:0], collapse = " "), "Converged: ")
})

test_that("the summary of an ML fit shows information criteria", {
  by_ml <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
  expect_output(print(summary(by_ml)), "AIC *BIC *logLik *deviance *df.resid")
})

test_that("correlations can be left out", {
  expect_false(any(grepl("Correlation of fixed", capture.output(print(summary(fit, correlation = FALSE))))))
  expect_false(any(grepl("Correlation of fixed", capture.output(print(summary(fit), correlation = FALSE)))))
})

test_that("tests are those of the degrees of freedom asked for", {
  for (ddf in c("satterthwaite", "kenward-roger", "residual")) {
    table <- coef(summary(fit, ddf = ddf))
    expect_equal(table, as.matrix(contest(fit, diag(4), joint = FALSE, confint = FALSE, ddf = ddf)), ignore_attr = TRUE)
    expect_equal(table[, "Pr(>|t|)"], 2 * pt(-abs(table[, "t value"]), table[, "df"]))
  }
  expect_identical(coef(summary(fit)), coef(summary(fit, ddf = "Satterthwaite")))
  expect_equal(coef(summary(fit, ddf = "none")), coef(summary(fit))[, c("Estimate", "Std. Error", "t value")])
  expect_error(summary(fit, ddf = "between"), class = "mixest_input")
})

test_that("the covariance matrix belongs to the standard errors", {
  for (ddf in c("satterthwaite", "kenward-roger", "none")) {
    small <- summary(fit, ddf = ddf)
    expect_equal(sqrt(diag(small$vcov)), coef(small)[, "Std. Error"])
  }
})

test_that("printing says how p-values were computed", {
  expect_output(print(summary(fit)), "Fixed effects with Satterthwaite's method:")
  by_ml <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, REML = FALSE)
  expect_message(adjusted <- summary(by_ml, ddf = "kenward-roger"), class = "mixest_refit")
  expect_output(print(adjusted), "Fixed effects with Kenward-Roger's method, by REML:")
  expect_output(print(summary(fit, ddf = "none")), "Fixed effects:")
})

test_that("a perfect fit has no t values", {
  perfect <- fit
  perfect$sigma <- 0
  expect_true(all(is.na(coef(summary(perfect))[, "t value"])))
  expect_equal(coef(summary(perfect))[, "Estimate"], fixef(fit))
})

test_that("a fit without rows has a summary without residuals", {
  small <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  lines <- capture.output(print(summary(small)))
  expect_true(any(grepl("Fixed effects", lines)) && !any(grepl("Scaled residuals", lines)))
  expect_identical(logLik(summary(small)), logLik(small))
})

test_that("stars and the columns of the random effects are printed as asked for", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_no_match(capture.output(print(summary(fit))), "[*][*]")
  expect_match(capture.output(print(summary(fit), signif.stars = TRUE)), "[*][*][*]", all = FALSE)
  text <- capture.output(print(summary(fit), ranef.comp = "Variance"))
  expect_match(text, "Variance", all = FALSE)
  expect_no_match(text, "Std.Dev.")
  expect_match(capture.output(print(fit, ranef.comp = c("Variance", "Std.Dev."))), "Variance", all = FALSE)
  expect_error(print(fit, ranef.comp = "sd"), "comp", class = "mixest_input")
  expect_error(summary(fit, correlation = "a"), "correlation", class = "mixest_input")
  expect_error(print(summary(fit), digits = 0), "digits", class = "mixest_input")
})

test_that("the elements that scripts for lme4 read are there", {
  fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
  expect_identical(summary(fit)$ngrps, ngrps(fit))
  expect_identical(summary(fit)$AICtab, c(REML = deviance(fit)))
  expect_match(summary(fit)$methTitle, "REML")
  ml <- update(fit, REML = FALSE)
  expected <- c(AIC = AIC(ml), BIC = BIC(ml), deviance = deviance(ml))
  expect_equal(summary(ml)$AICtab[names(expected)], expected)
})
