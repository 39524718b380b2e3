methods <- c("satterthwaite", "kenward-roger")
p_and_df <- function(fit, ddf) unname(coef(summary(fit, ddf = ddf))[, "df"])

rail <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail)
unbalanced <- random_data(7, m = 9, sizes = 1:7, p = 3, q = 2, Psi = matrix(c(2, 0.5, 0.5, 1), 2))
slopes <- lmm(y ~ x1 + x2 + (z1 | g), data = unbalanced)

test_that("balanced layouts have the whole degrees of freedom of their stratum", {
  orthodont <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
  for (ddf in methods) {
    expect_close(p_and_df(rail, ddf), 5, 1e-7)
    expect_close(p_and_df(orthodont, ddf), rep(25, 4), 1e-6)
  }
  skip_if_not_installed("lme4")
  sleep <- lmm(Reaction ~ Days + (Days | Subject), data = lme4::sleepstudy)
  for (ddf in methods) expect_close(p_and_df(sleep, ddf), c(17, 17), 1e-6)
})

test_that("Kenward-Roger's test of all coefficients of a common design is Hotelling's", {
  fit <- lmm(distance ~ age + (age | Subject), data = subset(nlme::Orthodont, Sex == "Male"))
  test <- contest(fit, diag(2), ddf = "kenward-roger")
  unscaled <- contest(fit, diag(2), ddf = "none")
  expect_close(test$DenDF, 16 - 2, 1e-6)
  expect_close(test[["F value"]] / unscaled[["F value"]], (16 - 2) / (16 - 1), 1e-6)
})

test_that("an F test on 2 denominator degrees of freedom is that of the group means", {
  data <- random_data(3, m = 5, sizes = c(4, 4), p = 1, q = 1, Psi = matrix(3))
  data$treatment <- factor(c(1, 1, 2, 2, 3)[data$g])
  fit <- lmm(y ~ treatment + (1 | g), data = data)
  expect_false(isSingular(fit))
  means <- aggregate(y ~ g + treatment, data, mean)
  of_means <- anova(lm(y ~ treatment, means))
  for (ddf in methods) {
    test <- anova(fit, ddf = ddf)
    expect_close(test$DenDF, 2, 1e-6)
    expect_close(test[["F value"]], of_means[["F value"]][1], 1e-6)
  }
})

test_that("both methods agree with their definitions on dense matrices", {
  L <- rbind(c(1, 0.3, -1), c(0, 1, 0), c(0, 0, 1))
  for (case in list(list(w = NULL, REML = TRUE), list(w = "w", REML = TRUE), list(w = "w", REML = FALSE))) {
    model <- dense_model(y ~ x1 + x2, ~z1, unbalanced, weights = case$w)
    fit <- if (is.null(case$w)) {
      slopes
    } else {
      lmm(y ~ x1 + x2 + (z1 | g), data = unbalanced, weights = w, REML = case$REML)
    }
    expect_false(isSingular(fit))
    dense <- dense_small_sample(model, covariance_of(fit), sigma(fit), case$REML)
    expect_close(df_for(fit, L, joint = FALSE) / apply(L, 1, dense_satterthwaite, dense = dense), rep(1, 3), 1e-7)
    if (!case$REML) next
    for (information in c("expected", "observed")) {
      adjusted <- function(L) dense_kenward_roger(dense, L, information)
      rows <- vapply(1:3, function(r) adjusted(L[r, , drop = FALSE])$df, 0)
      expect_close(df_for(fit, L, "kenward-roger", joint = FALSE, information = information) / rows, rep(1, 3), 1e-7)
      for (R in list(L[2:3, ], L)) {
        test <- contest(fit, R, ddf = "kenward-roger", information = information)
        expected <- adjusted(R)
        beta <- R %*% fixef(fit)
        expect_close(test$DenDF / expected$df, 1, 1e-6)
        expect_close(test[["F value"]] / (
          expected$lambda * drop(t(beta) %*% solve(R %*% expected$vcov %*% t(R), beta)) / nrow(R)
        ), 1, 1e-6)
      }
    }
    expect_close_relative(vcov(fit, type = "kenward-roger"), dense_kenward_roger(dense, diag(3))$vcov, 1e-7)
  }
})

test_that("independent random effects have only their variances as parameters", {
  fit <- lmm(y ~ x1 + x2 + (z1 || g), data = unbalanced)
  expect_false(isSingular(fit))
  dense <- dense_small_sample(dense_model(
    y ~ x1 + x2, ~z1, unbalanced
  ), block_diagonal(VarCorr(fit)), sigma(fit), directions = unit_directions(2)[c(1, 3)])
  expect_close(
    df_for(fit, diag(3), joint = FALSE) / apply(diag(3), 1, dense_satterthwaite, dense = dense), rep(1, 3), 1e-7
  )
  expect_close_relative(vcov(fit, type = "kenward-roger"), dense_kenward_roger(dense, diag(3))$vcov, 1e-7)
})

test_that("structures that are not linear have Satterthwaite's degrees of freedom by numerical derivatives", {
  data <- random_data(11, m = 14, sizes = 4:8, p = 2, q = 2, Psi = diag(c(2, 1)))
  data$f <- factor(rep_len(1:3, nrow(data)))
  data$y <- data$y + with_seed(12, rnorm(14 * 3))[interaction(data$g, data$f)]
  for (structure in c("cs", "homcs", "ar1", "toep")) {
    bar <- str2lang(sprintf("%s(0 + f | g)", structure))
    fit <- suppressMessages(eval(bquote(lmm(y ~ x1 + .(bar), data = data))))
    expect_false(isSingular(fit))
    model <- dense_model(y ~ x1, ~ 0 + f, data)
    at <- function(par) dense_fit(model, psi_of(par[-1], structure, 3), sigma = exp(par[1]))
    estimate <- c(log(sigma(fit)), getME(fit, "theta"))
    hessian <- numeric_hessian(function(par) at(par)$criterion, estimate, step = 0.02)
    variance <- function(par) at(par)$vcov[2, 2]
    gradient <- numeric_gradient(variance, estimate, step = 0.02)
    expected <- 2 * variance(estimate)^2 / drop(gradient %*% solve(hessian / 2, gradient))
    expect_close(df_for(fit, c(0, 1)) / expected, 1, 1e-5)
    expect_true(is.finite(df_for(fit, c(0, 1), "kenward-roger")))
  }
})

test_that("degrees of freedom don't depend on units, origin or order of the random effects", {
  moved <- transform(unbalanced, y = 1e4 - 1e-3 * y, x1 = 50 + 1e5 * x1, z1 = 7 - 1e-4 * z1)
  again <- lmm(y ~ x1 + x2 + (0 + z1 + 1 | g), data = moved)
  for (ddf in methods) {
    expect_close(df_for(again, c(0, 1, 0), ddf) / df_for(slopes, c(0, 1, 0), ddf), 1, 1e-6)
    expect_close(df_for(again, diag(3)[2:3, ], ddf) / df_for(slopes, diag(3)[2:3, ], ddf), 1, 1e-2)
  }
  expect_close(
    df_for(slopes, 1e150 * diag(3), joint = FALSE) / df_for(slopes, diag(3), joint = FALSE), rep(1, 3), 1e-12
  )
})

test_that("groups of equal size that share their sums count in full", {
  data <- random_data(5, m = 400, sizes = 2:3, p = 2, q = 1, Psi = matrix(1))
  fit <- lmm(y ~ x1 + (1 | g), data = data)
  dense <- dense_small_sample(dense_model(y ~ x1, ~1, data), covariance_of(fit), sigma(fit))
  expect_close(
    df_for(fit, diag(2), joint = FALSE) / apply(diag(2), 1, dense_satterthwaite, dense = dense), c(1, 1), 1e-7
  )
  expect_close_relative(vcov(fit, type = "kenward-roger"), dense_kenward_roger(dense, diag(2))$vcov, 1e-8)
})

test_that("on the boundary Satterthwaite's df are the smaller model's, Kenward-Roger's those of the whole structure", {
  data <- random_data(21, m = 10, sizes = c(5, 5), p = 2, q = 1, Psi = matrix(0))
  data$y <- data$y - ave(data$y, data$g)
  fit <- fit_quietly(y ~ x1 + (1 | g), data = data)
  expect_true(isSingular(fit))
  expect_close(df_for(fit, diag(2), joint = FALSE), c(48, 48), 1e-8)
  dense <- dense_small_sample(dense_model(y ~ x1, ~1, data), matrix(0), sigma(fit))
  expected <- vapply(1:2, function(r) dense_kenward_roger(dense, diag(2)[r, , drop = FALSE])$df, 0)
  expect_close(df_for(fit, diag(2), "kenward-roger", joint = FALSE) / expected, c(1, 1), 1e-7)
  expect_close(df_for(fit, diag(2), "kenward-roger", joint = FALSE, information = "observed"), c(48, 48), 1e-7)
})

test_that("a correlation of 1 leaves finite degrees of freedom", {
  data <- random_data(1, m = 8, sizes = c(6, 6), p = 2, q = 2, Psi = matrix(1, 2, 2))
  fit <- fit_quietly(y ~ x1 + (z1 | g), data = data)
  expect_true(isSingular(fit))
  for (ddf in methods) {
    df <- df_for(fit, diag(2), ddf, joint = FALSE)
    expect_true(all(is.finite(df) & df > 1 & df < nobs(fit)))
  }
})

test_that("Kenward-Roger repeats a fit by maximum likelihood by REML and says so", {
  by_ML <- lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail, REML = FALSE)
  expect_message(table <- coef(summary(by_ML, ddf = "kenward-roger")), class = "mixest_refit")
  expect_equal(table, coef(summary(rail, ddf = "kenward-roger")), tolerance = 1e-8)
  expect_message(df_for(by_ML, 1, "kenward-roger"), class = "mixest_refit")
  # balanced, k groups: the ML estimate of the variance of a group mean has k - 1 degrees of
  # freedom, divided by k
  expect_close(p_and_df(by_ML, "satterthwaite"), 6, 1e-6)
})

test_that("methods are named as in lmerTest, too, in any case", {
  expect_identical(df_for(rail, 1, "Kenward-Roger"), df_for(rail, 1, "kenward-roger"))
  expect_identical(df_for(rail, 1, "SATTERTHWAITE"), df_for(rail, 1))
  expect_identical(df_for(rail, 1, "lme4"), NA_real_)
  expect_identical(df_for(rail, 1, "residual"), nobs(rail) - 1)
  expect_error(df_for(rail, 1, "between"), class = "mixest_input")
  expect_error(df_for(rail, 1, NA), class = "mixest_input")
  expect_error(df_for(rail, 1, "kenward-roger", information = "both"), class = "mixest_input")
})

test_that("what can't be tested is NA", {
  perfect <- suppressWarnings(lmm(y ~ x + (1 | g), data = data.frame(y = 2 * (1:12), x = 1:12, g = gl(3, 4))))
  for (ddf in c(methods, "residual")) {
    expect_true(all(is.na(df_for(perfect, diag(2), ddf, joint = FALSE))))
    expect_identical(df_for(perfect, diag(2), ddf), NA_real_)
  }
  expect_identical(df_for(rail, 0), NA_real_)
  expect_identical(df_for(rail, 0, joint = FALSE), NA_real_)
})

test_that("a fit without fixed effects has no tests", {
  none <- lmm(travel - 66.5 ~ 0 + (1 | Rail), data = nlme::Rail)
  for (ddf in methods) {
    expect_identical(dim(coef(summary(none, ddf = ddf))), c(0L, 5L))
    expect_identical(dim(vcov(none, type = "kenward-roger")), c(0L, 0L))
  }
})

test_that("contrasts must fit the fixed effects", {
  expect_error(df_for(slopes, c(1, 0)), class = "mixest_input")
  expect_error(df_for(slopes, c(1, 0, NA)), class = "mixest_input")
  expect_error(df_for(slopes, "x1"), class = "mixest_input")
  expect_error(df_for(lm(y ~ x1, unbalanced), c(1, 0)), class = "mixest_input")
})

test_that("lmerTest and pbkrtest agree", {
  skip_if_not_installed("lmerTest")
  skip_if_not_installed("pbkrtest")
  precise <- lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11), calc.derivs = FALSE)
  theirs <- lmerTest::lmer(y ~ x1 + x2 + (z1 | g), data = unbalanced, control = precise)
  expect_close(p_and_df(slopes, "satterthwaite") / coef(summary(theirs))[, "df"], rep(1, 3), 1e-4)
  table <- coef(summary(theirs, ddf = "Kenward-Roger"))
  expect_close(coef(
    summary(slopes, ddf = "kenward-roger")
  )[, c("Std. Error", "df")] / table[, c("Std. Error", "df")], rep(1, 6), 1e-4)
  L <- cbind(0, diag(2))
  test <- pbkrtest::KRmodcomp(theirs, L)$stats
  expect_close(
    unlist(contest(slopes, L, ddf = "kenward-roger")[c("DenDF", "F value")]) / c(test$ddf, test$Fstat), c(1, 1), 1e-4
  )
})

test_that("lmerTest and pbkrtest agree on simulated designs, with the adjusted covariance matrix", {
  skip_if_not_installed("lmerTest")
  skip_if_not_installed("pbkrtest")
  precise <- lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11), calc.derivs = FALSE)
  designs <- list(
    list(y ~ x1 + (1 | g), random_data(31, m = 6L, sizes = 2:8)),
    list(y ~ x1 + x2 + (1 | g), random_data(32, m = 9L, sizes = 1:5, p = 3L, q = 1L)),
    list(y ~ x1 + (z1 | g), random_data(33, m = 15L, sizes = 3:7)),
    list(y ~ x1 + (1 | g) + (0 + z1 | g), random_data(34, m = 12L, sizes = 3:9))
  )
  for (design in designs) {
    ours <- fit_quietly(design[[1L]], design[[2L]])
    theirs <- suppressMessages(lmerTest::lmer(design[[1L]], design[[2L]], control = precise))
    p <- length(fixef(ours))
    expect_false(isSingular(ours))
    expect_close(p_and_df(ours, "satterthwaite") / coef(summary(theirs))[, "df"], rep(1, p), 1e-3)
    adjusted <- as.matrix(pbkrtest::vcovAdj(theirs))
    expect_close_relative(vcov(ours, "kenward-roger"), adjusted, 1e-4)
    expect_close(
      p_and_df(ours, "kenward-roger") / coef(summary(theirs, ddf = "Kenward-Roger"))[, "df"], rep(1, p), 1e-3
    )
    test <- pbkrtest::KRmodcomp(theirs, diag(p))$stats
    expect_close(unlist(
      contest(ours, diag(p), ddf = "kenward-roger")[c("DenDF", "F value")]
    ) / c(test$ddf, test$Fstat), c(1, 1), 1e-3)
  }
})

test_that("Kenward and Roger's test is missing, with a warning, where no F distribution has the moments", {
  missing <- 0L
  for (seed in 1:40) {
    data <- random_data(seed, m = 4L, sizes = 2:4, p = 3L, q = 2L, Psi = diag(2))
    fit <- tryCatch(suppressWarnings(fit_quietly(y ~ x1 + x2 + (z1 | g), data)), mixest_error = function(error) NULL)
    if (is.null(fit) || fit$certificate$status != "converged") next
    warned <- FALSE
    test <- withCallingHandlers(
      contest(fit, diag(3)[2:3, ], ddf = "kenward-roger"),
      mixest_unidentified = function(warning) {
        warned <<- TRUE
        tryInvokeRestart("muffleWarning")
      }
    )
    expect_identical(warned, is.na(test$DenDF))
    expect_identical(warned, is.na(test[["F value"]]) && is.na(test[["Pr(>F)"]]))
    if (!warned) expect_true(test$DenDF > 0 && test[["Pr(>F)"]] >= 0)
    missing <- missing + warned
  }
  expect_gt(missing, 0L)
})
