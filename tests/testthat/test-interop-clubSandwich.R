skip_if_not_installed("clubSandwich")

types <- c("CR0", "CR1", "CR2", "CR3")

# Its own precision is that of the optimiser of lme4 or nlme: a fit of theirs is compared at its own
# estimates.
test_that("vcov(type = ) and the tests agree with clubSandwich for lme4", {
  skip_if_not_installed("lme4")
  d <- as.data.frame(nlme::Orthodont)
  d$Subject <- factor(d$Subject, ordered = FALSE)
  for (random in c("(1 | Subject)", "(age | Subject)")) {
    formula <- stats::as.formula(paste("distance ~ age * Sex +", random))
    fit <- lmm(formula, d)
    other <- lme4::lmer(formula, d, control = lme4::lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
    for (type in types) {
      expected <- clubSandwich::vcovCR(other, type = type)
      expect_close(vcov(fit, type = type), as.matrix(expected), 1e-4, sqrt(outer(diag(expected), diag(expected))))
      tests <- clubSandwich::coef_test(other, expected)
      expect_close(contest(fit, diag(4), joint = FALSE, vcov = type)$df, tests$df_Satt, 1e-3, tests$df_Satt)
      wald <- clubSandwich::Wald_test(other, diag(4)[3:4, ], expected)
      joint <- contest(fit, diag(4)[3:4, ], vcov = type)
      expect_close(c(joint[["F value"]], joint$DenDF), c(wald$Fstat, wald$df_denom), 1e-3, c(wald$Fstat, wald$df_denom))
    }
  }
})

test_that("vcov(type = ) agrees with clubSandwich for nlme, with weights where both define it alike", {
  d <- as.data.frame(nlme::Orthodont)
  d$Subject <- factor(d$Subject, ordered = FALSE)
  d$variance <- rep(c(1, 0.5, 2, 1.5), 27)
  tight <- nlme::lmeControl(tolerance = 1e-12, msTol = 1e-14)
  plain <- lmm(distance ~ age * Sex + (1 | Subject), d)
  weighted <- lmm(distance ~ age * Sex + (1 | Subject), d, weights = 1 / variance)
  theirs_plain <- nlme::lme(distance ~ age * Sex, d, ~ 1 | Subject, control = tight)
  theirs_weighted <- nlme::lme(
    distance ~ age * Sex, d, ~ 1 | Subject, weights = nlme::varFixed(~variance), control = tight
  )
  agree <- function(fit, other, type) {
    expected <- clubSandwich::vcovCR(other, type = type)
    expect_close(vcov(fit, type = type), as.matrix(expected), 1e-7, sqrt(outer(diag(expected), diag(expected))))
    df <- clubSandwich::coef_test(other, expected)$df_Satt
    expect_close(contest(fit, diag(4), joint = FALSE, vcov = type)$df, df, 1e-6, df)
  }
  for (type in types) agree(plain, theirs_plain, type)
  for (type in c("CR0", "CR1", "CR3")) agree(weighted, theirs_weighted, type)
})

test_that("clubSandwich's functions on a fit agree with ours", {
  for (seed in 1:4) {
    d <- random_data(seed, m = 10, sizes = 1:6, p = 3, q = 2)
    weighted <- seed > 2
    if (weighted) d$w[c(2, 7)] <- 0
    fit <- fit_quietly(y ~ x1 + x2 + (z1 | g), d, weights = if (weighted) d$w)
    scale <- sqrt(diag(vcov(fit)))
    for (type in types) {
      robust <- clubSandwich::vcovCR(fit, type = type)
      expect_close(as.matrix(robust), vcov(fit, type = type), 1e-8, outer(scale, scale))
      tests <- clubSandwich::coef_test(fit, type)
      ours <- contest(fit, diag(3), joint = FALSE, vcov = type)
      expect_close(tests$SE, ours[["Std. Error"]], 1e-8, ours[["Std. Error"]])
      expect_close(tests$df_Satt, ours$df, 1e-7, ours$df)
      wald <- clubSandwich::Wald_test(fit, clubSandwich::constrain_zero(2:3), robust)
      joint <- contest(fit, diag(3)[2:3, ], vcov = type)
      expect_close(
        c(wald$Fstat, wald$df_denom), c(joint[["F value"]], joint$DenDF), 1e-7, c(joint[["F value"]], joint$DenDF)
      )
      contrast <- clubSandwich::linear_contrast(
        fit, robust, contrasts = clubSandwich::constrain_zero(2, coefs = fixef(fit))
      )
      expect_close(contrast$df, ours$df[2], 1e-7, ours$df[2])
    }
  }
})

test_that("clusters may be unions of groups, and nothing smaller", {
  d <- random_data(5, m = 12, sizes = 2:6, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (1 | g), d)
  district <- as.integer(d$g) %% 4
  robust <- clubSandwich::vcovCR(fit, cluster = district, type = "CR0")
  scores <- rowsum(estfun.mixest(fit), district)
  expect_close_relative(as.matrix(robust), vcov(fit) %*% crossprod(scores) %*% vcov(fit), 1e-9)
  expect_snapshot(error = TRUE, clubSandwich::vcovCR(fit, cluster = seq_len(nrow(d)), type = "CR0"))
})

test_that("the unit of the response scales the standard errors, and nothing else", {
  d <- as.data.frame(nlme::Orthodont)
  fit <- lmm(distance ~ age * Sex + (age | Subject), d)
  for (unit in c(1e-5, 1e5)) {
    scaled <- lmm(distance ~ age * Sex + (age | Subject), transform(d, distance = distance * unit))
    for (type in types) {
      ours <- clubSandwich::vcovCR(scaled, type = type)
      scale <- unit^2 * sqrt(outer(diag(vcov(fit)), diag(vcov(fit))))
      expect_close(as.matrix(ours), vcov(scaled, type = type), 1e-8, scale)
      df <- contest(fit, diag(4), joint = FALSE, vcov = type)$df
      expect_close(clubSandwich::coef_test(scaled, ours)$df_Satt, df, 1e-6, df)
    }
    part <- clubSandwich::vcovCR(scaled, type = "CR0", form = "estfun")
    expect_close(tcrossprod(part), vcov(scaled, type = "CR0"), 1e-8, scale)
  }
})

test_that("clusters may be given for all rows of the data, whatever na.action and weights are", {
  d <- as.data.frame(nlme::Orthodont)
  d$Subject <- factor(as.character(d$Subject))
  d$distance[3] <- NA
  d$w <- rep(1:2, 54)
  d$w[8] <- 0
  for (w in list(NULL, d$w)) {
    fits <- lapply(list(na.omit, na.exclude), function(na.action) {
      lmm(distance ~ age + (1 | Subject), d, weights = w, na.action = na.action)
    })
    expected <- vcov(fits[[1L]], type = "CR2")
    for (fit in fits) {
      for (cluster in list(d$Subject, d$Subject[-3])) {
        found <- as.matrix(clubSandwich::vcovCR(fit, cluster = cluster, type = "CR2"))
        expect_close(found, expected, 1e-8, sqrt(outer(diag(expected), diag(expected))))
      }
      default <- as.matrix(clubSandwich::vcovCR(fit, type = "CR2"))
      expect_close(default, expected, 1e-8, sqrt(outer(diag(expected), diag(expected))))
    }
  }
})
