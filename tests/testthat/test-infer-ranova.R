fit <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont)

test_that("each row is the likelihood-ratio test against the smaller model", {
  intercepts <- lmm(distance ~ age + Sex + (1 | Subject), nlme::Orthodont)
  table <- ranova(fit)
  expect_s3_class(table, c("anova.mixest", "anova", "data.frame"), exact = TRUE)
  expect_named(table, c("npar", "logLik", "AIC", "LRT", "Df", "Pr(>Chisq)"))
  expect_identical(rownames(table), c("<none>", "age in (age | Subject)"))
  statistic <- deviance(intercepts) - deviance(fit)
  expect_equal(table$LRT[2L], statistic, tolerance = 1e-8)
  expect_equal(table[["Pr(>Chisq)"]][2L], (
    pchisq(statistic, 1, lower.tail = FALSE) + pchisq(statistic, 2, lower.tail = FALSE)
  ) / 2, tolerance = 1e-8)
  expect_equal(table$AIC, c(AIC(fit), AIC(intercepts)), tolerance = 1e-10)
  expect_equal(table$npar, c(7, 5))
})

test_that("without random effects the model is that of lm()", {
  ols <- lm(distance ~ age + Sex, nlme::Orthodont)
  for (REML in c(TRUE, FALSE)) {
    own <- lmm(distance ~ age + Sex + (1 | Subject), nlme::Orthodont, REML = REML)
    table <- ranova(own)
    expect_identical(rownames(table), c("<none>", "(1 | Subject)"))
    expect_equal(table$logLik[2L], as.numeric(logLik(ols, REML = REML)), tolerance = 1e-10)
    expect_equal(table[["Pr(>Chisq)"]][2L], pchisq(table$LRT[2L], 1, lower.tail = FALSE) / 2)
  }
  whole <- ranova(fit, reduce.terms = FALSE)
  expect_identical(rownames(whole), c("<none>", "(age | Subject)"))
  expect_equal(whole$logLik[2L], as.numeric(logLik(ols, REML = TRUE)), tolerance = 1e-10)
  expect_equal(whole$Df[2L], 3)
})

test_that("models and statistics are lmerTest's", {
  skip_if_not_installed("lmerTest")
  data <- transform(as.data.frame(nlme::Orthodont), late = factor(age > 10), centred = age - 11)
  for (formula in list(
    distance ~ age + Sex + (centred | Subject), distance ~ age + Sex + (late | Subject),
    distance ~ age + Sex + (0 + late | Subject),
    distance ~ age + Sex + (1 | Subject) + (0 + centred | Subject)
  )) {
    theirs <- suppressMessages(lmerTest::ranova(
      lmerTest::lmer(formula, data), reduce.terms = !identical(formula[[3L]][[3L]], quote((0 + centred | Subject)))
    ))
    ours <- ranova(fit_quietly(formula, data))
    expect_equal(ours$npar, theirs$npar)
    expect_equal(ours$logLik, theirs$logLik, tolerance = 1e-6)
    expect_equal(ours$Df, theirs$Df)
  }
})

test_that("a term is reduced to fits of the smaller formula, in every structure that can be", {
  data <- random_data(12L, m = 25L, sizes = 4:9, q = 3L, Psi = 0.5 * diag(3) + 0.2)
  for (structure in c("us", "diag", "cs")) {
    own <- fit_quietly(reformulate(c("x1", sprintf("%s(z1 + z2 | g)", structure)), "y"), data)
    less <- fit_quietly(reformulate(c("x1", sprintf("%s(z2 | g)", structure)), "y"), data)
    table <- ranova(own)
    expect_equal(table$logLik[2L], as.numeric(logLik(less)), tolerance = 1e-9)
    expect_equal(table$Df[2L], length(own$theta) - length(less$theta))
  }
  expect_identical(rownames(ranova(fit_quietly(y ~ x1 + homcs(z1 + z2 | g), data)))[2L], "homcs(z1 + z2 | g)")
})

test_that("two terms are removed one at a time", {
  own <- lmm(distance ~ age + (1 | Subject) + (0 + age | Subject), nlme::Orthodont)
  table <- ranova(own)
  expect_identical(rownames(table)[-1L], c("(1 | Subject)", "(0 + age | Subject)"))
  expect_equal(
    table$logLik[2L], as.numeric(logLik(lmm(distance ~ age + (0 + age | Subject), nlme::Orthodont))), tolerance = 1e-9
  )
  expect_equal(
    table$logLik[3L], as.numeric(logLik(lmm(distance ~ age + (1 | Subject), nlme::Orthodont))), tolerance = 1e-9
  )
})

test_that("no rows are needed", {
  lean <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_equal(as.data.frame(ranova(lean)), as.data.frame(ranova(fit)))
})

test_that("a term, or all of a grouping factor, is taken away as lmerTest does", {
  skip_if_not_installed("lmerTest")
  data <- several_factors(40)
  formula <- y ~ x1 + (z1 | school) + (1 | school:class) + (1 | item)
  ours <- ranova(fit_quietly(formula, data))
  theirs <- suppressWarnings(suppressMessages(lmerTest::ranova(lmerTest::lmer(formula, data))))
  expect_identical(rownames(ours), rownames(theirs))
  expect_identical(ours$npar, as.numeric(theirs$npar))
  # lmer() stops a little earlier
  expect_true(all(ours$logLik > theirs$logLik - 1e-6))
  expect_close(ours$logLik, theirs$logLik, 1e-3)
  smaller <- c(
    y ~ x1 + (1 | school) + (1 | school:class) + (1 | item), y ~ x1 + (z1 | school) + (1 | item),
    y ~ x1 + (z1 | school) + (1 | school:class)
  )
  expect_close(-2 * ours$logLik[-1L], vapply(smaller, function(formula) deviance(fit_quietly(formula, data)), 0), 1e-8)
  expect_error(ranova(fit_quietly(formula, data), exact = TRUE), class = "mixest_input")
})

test_that("rows of weight 0 are rows left out, with several grouping factors too", {
  data <- with_seed(2, {
    d <- data.frame(g = rep(1:12, 10), h = rep(1:10, each = 12), x = rnorm(120))
    d$y <- rnorm(12)[d$g] + rnorm(10)[d$h] + d$x + rnorm(120)
    d$w <- sample(0:2, 120, TRUE)
    d
  })
  formula <- y ~ x + (x | g) + (1 | h)
  expect_equal(ranova(fit_quietly(formula, data, weights = w)), ranova(
    fit_quietly(formula, data[data$w > 0, ], weights = w)
  ), tolerance = 1e-6)
})

test_that("a statistic at rounding level is zero, with a p-value of 1", {
  expect_identical(ratio_statistic(c(400, 400 + 4e-13, 400 - 4e-13, 400 - 1, 401)), c(0, 0, 0, 1))
  d <- with_seed(8, data.frame(g = gl(10, 6), x = rnorm(60), y = rnorm(60)))
  d$y <- d$y - ave(d$y, d$g)
  for (scale in c(1e-5, 1, 1e7)) {
    for (REML in c(TRUE, FALSE)) {
      own <- fit_quietly(y ~ x + (1 | g), transform(d, y = scale * y), REML = REML)
      expect_true(isSingular(own))
      table <- ranova(own)
      expect_identical(table$LRT, c(NA, 0))
      expect_identical(table[["Pr(>Chisq)"]], c(NA, 1))
    }
  }
})

test_that("each row has its own likelihood, also where the smaller model is no special case", {
  # three effects with negative correlations, of which one has a small variance
  root <- chol(0.02 * diag(3) + matrix(c(1, -0.9, 0, -0.9, 1, 0, 0, 0, 0.01), 3))
  d <- with_seed(3, {
    d <- data.frame(g = gl(40, 8), f = factor(rep(1:3, length.out = 320)))
    d$y <- (matrix(rnorm(120), 40) %*% root)[cbind(as.integer(d$g), as.integer(d$f))] + 0.3 * rnorm(320)
    for (k in 1:3) d[[paste0("f", k)]] <- as.numeric(d$f == k)
    d
  })
  table <- ranova(fit_quietly(y ~ 1 + cs(0 + f1 + f2 + f3 | g), d))
  for (gone in 1:3) {
    left <- reformulate(c("1", sprintf("cs(0 + %s | g)", paste0("f", (1:3)[-gone], collapse = " + "))), "y")
    expect_equal(table$logLik[1L + gone], as.numeric(logLik(fit_quietly(left, d))), tolerance = 1e-8)
  }
  expect_true(all(table$LRT[-1L] >= 0))
  expect_gt(max(table$logLik[-1L]), table$logLik[1L])
  expect_identical(table$LRT[1L + which.max(table$logLik[-1L])], 0)
})
