data <- nlme::Orthodont
small <- lmm(distance ~ age + (1 | Subject), data, REML = FALSE)
medium <- lmm(distance ~ age * Sex + (1 | Subject), data, REML = FALSE)
large <- lmm(distance ~ age * Sex + (age | Subject), data, REML = FALSE)

test_that("the table is the arithmetic of the log-likelihoods, in the order of the number of parameters", {
  table <- likelihood_ratio_table(list(large, small, medium), c("large", "small", "medium"))
  expect_s3_class(table, c("anova.mixest", "anova", "data.frame"), exact = TRUE)
  expect_named(table, c("npar", "AIC", "BIC", "logLik", "deviance", "Chisq", "Df", "Pr(>Chisq)"))
  expect_identical(rownames(table), c("small", "medium", "large"))
  expect_equal(table$npar, c(4, 6, 8))
  expect_equal(table$deviance, c(deviance(small), deviance(medium), deviance(large)))
  expect_equal(table$Chisq, c(NA, -diff(table$deviance)))
  expect_equal(table$Df, c(NA, 2, 2))
  expect_equal(table[["Pr(>Chisq)"]][2:3], pchisq(table$Chisq[2:3], 2, lower.tail = FALSE))
  expect_equal(table$AIC, c(AIC(small), AIC(medium), AIC(large)))
  expect_equal(table$BIC, c(BIC(small), BIC(medium), BIC(large)))
  expect_identical(attr(table, "heading")[c(1L, 3L)], c("Data: data", "small: distance ~ age + (1 | Subject)"))
})

test_that("it is lme4's table", {
  skip_if_not_installed("lme4")
  theirs <- anova(
    lme4::lmer(distance ~ age + (1 | Subject), data, REML = FALSE),
    lme4::lmer(distance ~ age * Sex + (age | Subject), data, REML = FALSE),
    model.names = c("small", "large")
  )
  ours <- likelihood_ratio_table(list(small, large), c("small", "large"))
  expect_equal(as.matrix(ours), as.matrix(theirs), tolerance = 1e-5)
})

test_that("REML fits with different fixed effects are fitted again by ML, with a message", {
  a <- lmm(distance ~ age + (1 | Subject), data)
  b <- lmm(distance ~ age * Sex + (1 | Subject), data)
  expect_message(table <- likelihood_ratio_table(list(a, b), c("a", "b")), class = "mixest_refit")
  expect_equal(table$deviance, c(deviance(small), deviance(medium)))
  expect_message(likelihood_ratio_table(list(a, medium), c("a", "medium")), class = "mixest_refit")
  expect_error(likelihood_ratio_table(list(a, b), c("a", "b"), refit = FALSE), class = "mixest_input")
})

test_that("REML fits with the same fixed effects are compared by their REML criteria", {
  a <- lmm(distance ~ age + (1 | Subject), data)
  b <- lmm(distance ~ age + (age | Subject), data)
  expect_no_message(table <- likelihood_ratio_table(list(a, b), c("a", "b")))
  expect_equal(table$deviance, c(deviance(a), deviance(b)))
  expect_match(attr(table, "heading"), "REML criterion", all = FALSE)
})

test_that("refit = TRUE in the call is honoured: fits by REML are compared by likelihoods", {
  a <- lmm(distance ~ age * Sex + (1 | Subject), data)
  b <- lmm(distance ~ age * Sex + (age | Subject), data)
  expect_message(table <- anova(a, b, refit = TRUE), class = "mixest_refit")
  expect_equal(table$deviance, c(deviance(medium), deviance(large)), tolerance = 1e-8)
  expect_no_message(table <- anova(a, b, refit = FALSE))
  expect_equal(table$deviance, c(deviance(a), deviance(b)))
  expect_error(anova(a, b, refit = "no"), class = "mixest_input")
})

test_that("a fit of lm() can be compared", {
  table <- likelihood_ratio_table(list(small, lm(distance ~ age, data)), c("small", "ols"))
  expect_identical(rownames(table), c("ols", "small"))
  expect_equal(table$logLik[1L], as.numeric(logLik(lm(distance ~ age, data))))
})

test_that("different data give an error", {
  expect_error(
    likelihood_ratio_table(list(small, update(medium, data = data[-1L, ])), c("a", "b")), class = "mixest_input"
  )
  expect_error(likelihood_ratio_table(
    list(small, lmm(log(distance) ~ age * Sex + (1 | Subject), data)), c("a", "b")
  ), class = "mixest_input")
  expect_error(likelihood_ratio_table(
    list(small, lmm(distance ~ age * Sex + (1 | Subject), data, weights = age)), c("a", "b")
  ), class = "mixest_input")
  expect_error(likelihood_ratio_table(list(small, 1), c("a", "b")), class = "mixest_input")
  shuffled <- lmm(distance ~ age * Sex + (1 | Subject), data[sample(nrow(data)), ], REML = FALSE)
  expect_equal(likelihood_ratio_table(list(small, shuffled), c("a", "b"))$Chisq[2L], deviance(small) - deviance(medium))
})

test_that("a large mean hides no difference of two responses", {
  for (mean in c(0, 1e6, 1e12)) {
    shifted <- with_seed(1, data.frame(g = gl(6, 5), y1 = mean + rnorm(30), y2 = mean + 3 * rnorm(30)))
    one <- fit_quietly(y1 ~ 1 + (1 | g), shifted, REML = FALSE)
    other <- fit_quietly(y2 ~ 1 + (1 | g), shifted, REML = FALSE)
    expect_error(anova(one, other), class = "mixest_input")
    expect_no_error(anova(one, fit_quietly(y1 ~ 1 + (1 | g), shifted[30:1, ], REML = FALSE)))
  }
})
