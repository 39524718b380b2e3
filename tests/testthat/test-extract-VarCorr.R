fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

test_that("VarCorr() is sigma^2 times the relative covariance", {
  components <- VarCorr(fit)
  expect_named(components, "Subject")
  D <- components$Subject
  expect_equal(matrix(D, 2), unname(sigma(fit)^2 * getME(fit, "Psi")), tolerance = 1e-12)
  expect_equal(attr(D, "stddev"), sqrt(diag(getME(fit, "D"))), tolerance = 1e-12)
  expect_equal(attr(D, "correlation"), cov2cor(getME(fit, "D")), tolerance = 1e-12)
  expect_identical(attr(components, "sc"), sigma(fit))
  expect_equal(attr(VarCorr(fit, sigma = 2)$Subject, "stddev"), 2 * attr(D, "stddev"))
})

test_that("as.data.frame() has lme4's rows and columns", {
  rows <- as.data.frame(VarCorr(fit))
  expect_named(rows, c("grp", "var1", "var2", "vcov", "sdcor", "std.error"))
  expect_identical(rows$grp, c("Subject", "Subject", "Subject", "Residual"))
  expect_identical(rows$var1, c("(Intercept)", "age", "(Intercept)", NA))
  expect_identical(rows$var2, c(NA, NA, "age", NA))
  D <- getME(fit, "D")
  expect_equal(rows$vcov, unname(c(diag(D), D[1, 2], sigma(fit)^2)), tolerance = 1e-12)
  expect_equal(rows$sdcor, unname(c(sqrt(diag(D)), cov2cor(D)[1, 2], sigma(fit))), tolerance = 1e-12)
})

test_that("the balanced one-way layout has the variance components of the analysis of variance", {
  table <- anova(lm(travel ~ Rail, data = nlme::Rail))
  fit <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
  expect_equal(VarCorr(fit)$Rail[1], (table$`Mean Sq`[1] - table$`Mean Sq`[2]) / 3, tolerance = 1e-9)
  expect_equal(sigma(fit)^2, table$`Mean Sq`[2], tolerance = 1e-9)
})

test_that("a correlation beside a zero standard deviation is NaN, a correlation at its limit is exactly 1", {
  factor <- cbind(c(2, 4, 0), 0, 0)
  D <- term_covariance(factor, 1, list(names = c("a", "b", "c"), structure = "us"))
  expect_identical(attr(D, "correlation")["b", "a"], 1)
  expect_true(is.nan(attr(D, "correlation")["c", "a"]))
  expect_identical(unname(attr(D, "stddev")), c(2, 4, 0))
})

test_that("the residual scale must be a number", {
  expect_error(VarCorr(fit, sigma = "a"), class = "mixest_input")
  expect_error(VarCorr(fit, sigma = NA_real_), class = "mixest_input")
})

test_that("what is printed can be chosen", {
  expect_output(print(VarCorr(fit)), "Std.Dev. Corr")
  expect_output(print(VarCorr(fit), comp = c("Variance", "Std.Dev.")), "Variance *Std.Dev. Corr")
  expect_error(print(VarCorr(fit), comp = "Mean"), class = "mixest_input")
})

test_that("terms on several grouping factors have lme4's names and rows", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  table <- as.data.frame(VarCorr(oats))
  expect_identical(table$grp, c("Variety:Block", "Block", "Residual"))
  expect_identical(table$var1, c("(Intercept)", "(Intercept)", NA))
  expect_equal(table$sdcor, table$vcov^0.5)
})

test_that("standard errors are those of the standard deviations and correlations, whatever the scale", {
  rows <- as.data.frame(VarCorr(fit))
  own <- sqrt(diag(vcov(fit, full = TRUE)))
  expect_identical(
    rows$std.error, unname(own[c("sd_(Intercept)|Subject", "sd_age|Subject", "cor_age.(Intercept)|Subject", "sigma")])
  )
  expect_equal(as.data.frame(VarCorr(fit, sigma = 3))$std.error, rows$std.error * c(3, 3, 1, 3), tolerance = 1e-12)
  expect_output(print(VarCorr(fit), comp = c("Std.Dev.", "Std.Error")), "Std.Dev. Std.Error Corr")
})

test_that("standard errors are NA at the boundary, and printed so", {
  flat <- fit_quietly(y ~ 1 + (1 | g), data.frame(g = gl(6, 4), y = c(1, 4, 2, 5) + rep(c(0, 0.1, -0.1), each = 4)))
  expect_identical(is.na(as.data.frame(VarCorr(flat))$std.error), c(TRUE, FALSE))
  expect_output(print(VarCorr(flat), comp = "Std.Error"), "NA")
})

test_that("order = \"lower.tri\" takes the triangle of D column by column", {
  fit <- lmm(distance ~ age + (age + I(age^2) | Subject) + (0 + age || Sex), nlme::Orthodont)
  usual <- as.data.frame(VarCorr(fit))
  by_column <- as.data.frame(VarCorr(fit), order = "lower.tri")
  D <- VarCorr(fit)$Subject
  expect_equal(by_column$vcov[1:6], D[lower.tri(D, diag = TRUE)])
  expect_identical(by_column$var2[1:6], c(NA, "age", "I(age^2)", NA, "I(age^2)", NA))
  expect_equal(by_column$std.error, usual$std.error[c(1, 4, 5, 2, 6, 3, 7, 8)])
  expect_error(as.data.frame(VarCorr(fit), order = "first"), "order", class = "mixest_input")
})

test_that("order gives the rows of lme4", {
  skip_if_not_installed("lme4")
  ours <- VarCorr(lmm(Reaction ~ Days + (Days | Subject), lme4::sleepstudy))
  theirs <- lme4::VarCorr(lme4::lmer(Reaction ~ Days + (Days | Subject), lme4::sleepstudy))
  columns <- c("grp", "var1", "var2")
  for (order in c("cov.last", "lower.tri")) {
    expect_identical(as.data.frame(ours, order = order)[columns], as.data.frame(theirs, order = order)[columns])
  }
})

test_that("a factor of the standard deviations and digits must make sense", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_error(VarCorr(fit, sigma = -1), "sigma", class = "mixest_input")
  expect_error(print(VarCorr(fit), digits = 0), "digits", class = "mixest_input")
})

test_that("(x || g) is shown as the two terms that it stands for, diag(x | g) as one", {
  data <- as.data.frame(nlme::Orthodont)
  bars <- suppressMessages(lmm(distance ~ age + (age || Subject), data))
  two <- suppressMessages(lmm(distance ~ age + (1 | Subject) + (0 + age | Subject), data))
  one <- suppressMessages(lmm(distance ~ age + diag(age | Subject), data))
  expect_identical(names(VarCorr(bars)), c("Subject", "Subject.1"))
  expect_equal(VarCorr(bars)$Subject.1[, ], VarCorr(two)$Subject.1[, ], tolerance = 1e-6)
  columns <- c("grp", "var1", "var2")
  expect_identical(as.data.frame(VarCorr(bars))[columns], as.data.frame(VarCorr(two))[columns])
  expect_equal(as.data.frame(VarCorr(bars))$std.error, as.data.frame(VarCorr(two))$std.error, tolerance = 1e-5)
  for (name in setdiff(names(getME(two, "ALL")), c("theta", "lower", "devfun"))) {   # names, a function
    expect_equal(getME(bars, name), getME(two, name), tolerance = 1e-5, label = name)
  }
  for (name in c("Tlist", "cnms")) expect_length(getME(one, name), 1L)
  expect_identical(names(VarCorr(one)), "Subject")
  expect_identical(dim(getME(bars, "D")), c(2L, 2L))
  statistic <- function(fit) unname(bootstrap(fit, nsim = 2, seed = 1)$t0)
  expect_equal(statistic(bars), statistic(two), tolerance = 1e-6)
  for (method in c("Wald", "profile")) {
    expect_equal(unname(confint(bars, method = method)), unname(confint(two, method = method)), tolerance = 1e-4)
  }
  limits <- c("estimate", "conf.low", "conf.high")
  expect_equal(tidy(bars, conf.int = TRUE)[limits], tidy(two, conf.int = TRUE)[limits], tolerance = 1e-4)
  skip_if_not_installed("lme4")
  peer <- suppressMessages(lme4::lmer(distance ~ age + (age || Subject), data))
  expect_identical(names(VarCorr(bars)), names(lme4::VarCorr(peer)))
  expect_identical(unname(getME(bars, "cnms")), unname(lme4::getME(peer, "cnms")))
  factor <- suppressWarnings(suppressMessages(lmm(distance ~ age + (Sex || age), data)))
  expect_identical(names(VarCorr(factor)), "age")   # independent columns of a factor are one term
})
