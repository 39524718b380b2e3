# Everything that is printed, as the reader sees it: a change of the page is seen in review.

printed_fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
orthodont <- as.data.frame(nlme::Orthodont)
nested_fit <- lmm(yield ~ nitro + (1 | Block / Variety), data = nlme::Oats)
growth <- lmm(distance ~ age + (age | Subject), data = orthodont)

# The last digits of what is left at an optimum are rounding.
certificate_without_digits <- function(lines) {
  of_certificate <- grepl("left in -2 logLik|of a standard error|evaluations?[.]", lines)
  replace(lines, of_certificate, gsub("[0-9.]+(e-[0-9]+)?", "#", lines[of_certificate]))
}

test_that("a fit and its summary", {
  expect_snapshot(print(printed_fit), transform = certificate_without_digits)
  expect_snapshot(print(summary(printed_fit)), transform = certificate_without_digits)
  by_likelihood <- lmm(distance ~ age * Sex + (1 | Subject), data = orthodont, REML = FALSE)
  expect_snapshot(print(summary(by_likelihood)), transform = certificate_without_digits)
  expect_snapshot(print(summary(nested_fit)), transform = certificate_without_digits)
})

test_that("the summary of a singular fit, with a robust covariance matrix and with Kenward-Roger", {
  singular <- suppressMessages(lmm(Yield ~ 1 + (1 | Batch), data = lme4::Dyestuff2))
  expect_snapshot(print(summary(singular)), transform = certificate_without_digits)
  expect_snapshot(print(summary(growth, vcov = "CR2")), transform = certificate_without_digits)
  expect_snapshot(print(summary(growth, ddf = "kenward-roger")), transform = certificate_without_digits)
})

test_that("random effects and their covariance", {
  expect_snapshot(print(VarCorr(printed_fit)), transform = certificate_without_digits)
  expect_snapshot(print(VarCorr(nested_fit), comp = c("Variance", "Std.Dev.", "Std.Error")))
  expect_snapshot(print(lapply(ranef(nested_fit), utils::head, 4), digits = 3), transform = certificate_without_digits)
  expect_snapshot(print(as.data.frame(VarCorr(printed_fit)), digits = 4), transform = certificate_without_digits)
})

test_that("tests of fixed and of random effects", {
  factors <- lmm(yield ~ nitro + Variety + (1 | Block / Variety), data = nlme::Oats)
  expect_snapshot(print(anova(factors)), transform = certificate_without_digits)
  expect_snapshot(print(ranova(growth)), transform = certificate_without_digits)
  without <- lmm(distance ~ 1 + (age | Subject), data = orthodont, REML = FALSE)
  with_age <- lmm(distance ~ age + (age | Subject), data = orthodont, REML = FALSE)
  expect_snapshot(print(anova(without, with_age)), transform = certificate_without_digits)
  expect_snapshot(print(contest(growth, c(0, 1)), digits = 4), transform = certificate_without_digits)
})

test_that("intervals, profiles and the bootstrap", {
  intercepts <- lmm(distance ~ age + (1 | Subject), data = orthodont)
  expect_snapshot(print(confint(intercepts), digits = 3), transform = certificate_without_digits)
  expect_snapshot(print(confint(intercepts, method = "Wald"), digits = 3), transform = certificate_without_digits)
  expect_snapshot(print(profile(intercepts)), transform = certificate_without_digits)
  replicates <- bootstrap(intercepts, nsim = 100, seed = 1, progress = FALSE)
  expect_snapshot(print(replicates), transform = certificate_without_digits)
  expect_snapshot(print(icc(intercepts), digits = 3), transform = certificate_without_digits)
})

test_that("the certificate, influence and fits of several responses", {
  expect_snapshot(print(convergence(growth)), transform = certificate_without_digits)
  expect_snapshot(print(influence(growth)), transform = certificate_without_digits)
  several <- lmm(cbind(distance, twice = 2 * distance) ~ age + (1 | Subject), data = orthodont)
  expect_snapshot(print(several), transform = certificate_without_digits)
})
