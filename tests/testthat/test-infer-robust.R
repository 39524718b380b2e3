types <- c("CR0", "CR1", "CR2", "CR3")

# Rows in b within a.
nested_data <- function(seed) {
  d <- random_data(seed, m = 20, sizes = 1:5, p = 2, q = 2)
  d$a <- factor(as.integer(d$g) %% 6)
  d$b <- factor(as.integer(d$g) %/% 6)
  with_seed(seed, transform(d, y = y + rnorm(6)[a]))
}

# Variances relative to sigma^2 in the order of the model's columns.
nested_psi <- function(fit,
                       model) diag(vapply(VarCorr(fit)[names(model$groups)], function(D) D[1, 1], 0) / sigma(fit)^2)

test_that("robust covariance matrices, their degrees of freedom and tests are those of the definition", {
  designs <- list(
    list(formula = y ~ x1 + x2 + (z1 | g), random = ~z1, m = 12L, sizes = 2:9),
    list(formula = y ~ x1 + x2 + (1 | g), random = ~1, m = 15L, sizes = 1:4),
    list(formula = y ~ x1 + x2 + (z1 + z2 | g), random = ~ z1 + z2, m = 20L, sizes = 1:5)
  )
  for (seed in 1:9) {
    design <- designs[[(seed - 1) %% 3 + 1]]
    weighted <- seed > 3
    d <- random_data(seed, m = design$m, sizes = design$sizes, p = 3, q = 3)
    if (weighted) d$w[c(2, 5, 11)] <- 0
    fit <- fit_quietly(design$formula, d, REML = seed %% 2 == 0, weights = if (weighted) d$w)
    model <- dense_model(y ~ x1 + x2, design$random, d, weights = if (weighted) "w")
    Psi <- getME(fit, "Psi")
    scale <- sqrt(diag(vcov(fit)))
    L <- rbind(c(1, 0.5, 0), c(0, 1, -1))
    for (type in types) {
      expected <- dense_sandwich(model, Psi, type, isREML(fit))
      expect_close(vcov(fit, type = type), expected$vcov, 1e-8, outer(scale, scale))
      table <- contest(fit, diag(3), joint = FALSE, vcov = type)
      expect_close(table[["Std. Error"]], sqrt(diag(expected$vcov)), 1e-8, scale)
      expect_close(table$df, diag(dense_robust_df(expected$moments(diag(3)))), 1e-8, table$df)
      hotelling <- dense_hotelling(expected, L, fixef(fit))
      joint <- contest(fit, L, vcov = type)
      expect_close(c(joint$DenDF, joint[["F value"]]), hotelling, 1e-7, abs(hotelling))
      expect_equal(df_for(fit, L, vcov = type), joint$DenDF)
    }
  }
})

test_that("CR2 has no bias under the model, whatever the group sizes", {
  d <- random_data(21, m = 9, sizes = 1:6, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (1 | g), d)
  method <- robust_method(fit, "none", "CR2", quote(f()))
  expect_close(
    robust_moments(method, diag(2))$mean * sigma(fit)^2, vcov(fit), 1e-10, sqrt(outer(diag(vcov(fit)), diag(vcov(fit))))
  )
})

test_that("CR2 keeps every direction, however large the variances between groups and the weights are", {
  method_of <- function(fit) robust_method(fit, "none", "CR2", quote(f()))
  unbiased <- function(fit) {
    mean <- robust_moments(method_of(fit), diag(length(fixef(fit))))$mean * sigma(fit)^2
    expect_close(mean, vcov(fit), 1e-7, sqrt(outer(diag(vcov(fit)), diag(vcov(fit)))))
  }
  for (ratio in 10^(2:5)) {
    # The same rows in m groups: every group's share of the information is 1 / m, and CR2 is CR1.
    d <- with_seed(51, {
      d <- data.frame(x = rep(rnorm(5), 20), g = gl(20, 5))
      transform(d, y = x + ratio * rnorm(20)[g] + rnorm(100))
    })
    fit <- fit_quietly(y ~ x + (1 | g), d)
    expect_close_relative(vcov(fit, type = "CR2"), vcov(fit, type = "CR1"), 1e-8)
    expect_close_relative(df_for(fit, diag(2), joint = FALSE, vcov = "CR2"), c(19, 19), 1e-6)

    # E(CR2) is the model's covariance matrix, by definition of its corrections. (Beyond, the latter
    # has fewer digits than the tolerance asks for.)
    if (ratio > 1e4) next
    for (spread in c(1, 10, 1000)) {
      d <- random_data(52, m = 8, sizes = 4:6, p = 3, q = 2, Psi = diag(c(ratio^2, 1)))
      d$w <- with_seed(53, spread^runif(nrow(d), -1, 1))
      unbiased(fit_quietly(y ~ x1 + x2 + (1 | g), d, weights = w))
      unbiased(fit_quietly(y ~ x1 + x2 + (z1 | g), d, weights = w))
    }
    if (ratio <= 1000) {
      d <- nested_data(54)
      d$y <- with_seed(54, d$y + ratio * rnorm(6)[d$a])
      unbiased(fit_quietly(y ~ x1 + (1 | a / b), d))
    }
  }
})

test_that("CR3 is the jackknife over groups, covariance parameters held", {
  d <- random_data(22, m = 8, sizes = 2:6, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (z1 | g), d)
  Psi <- getME(fit, "Psi")
  shifts <- vapply(levels(d$g), function(level) {
    dense_fit(dense_model(y ~ x1, ~z1, d[d$g != level, ]), Psi)$beta - fixef(fit)
  }, numeric(2))
  expect_close_relative(vcov(fit, type = "CR3"), tcrossprod(shifts), 1e-9)
})

test_that("units, origins and the order of rows don't matter", {
  d <- random_data(23, m = 10, sizes = 2:6, p = 2, q = 2)
  moved <- transform(d, y = 1e6 + 1e-3 * y, x1 = 1e4 + 100 * x1)[rev(seq_len(nrow(d))), ]
  fit <- fit_quietly(y ~ x1 + (1 | g), d)
  other <- fit_quietly(y ~ x1 + (1 | g), moved)
  for (type in types) {
    expect_close(vcov(other, type = type)[2, 2] * 1e10, vcov(fit, type = type)[2, 2], 1e-8, vcov(fit)[2, 2])
    expect_close(df_for(other, c(0, 1), vcov = type), df_for(fit, c(0, 1), vcov = type), 1e-7, 10)
  }
})

test_that("a zero variance, dropped columns and a single coefficient are no trouble", {
  d <- random_data(24, m = 10, sizes = 2:6, p = 3, q = 2, Psi = matrix(0, 2, 2))
  d$x3 <- d$x1 - d$x2
  fit <- fit_quietly(y ~ x1 + x2 + x3 + (1 | g), d)
  expected <- dense_sandwich(dense_model(y ~ x1 + x2, ~1, d), getME(fit, "Psi"), "CR2")
  expect_close_relative(vcov(fit, type = "CR2"), expected$vcov, 1e-8)
  expect_equal(dim(vcov(fit, type = "CR2", complete = TRUE)), c(4, 4))
  one <- fit_quietly(y ~ 1 + (1 | g), d)
  expect_close_relative(
    vcov(one, type = "CR2"), dense_sandwich(dense_model(y ~ 1, ~1, d), getME(one, "Psi"), "CR2")$vcov, 1e-8
  )
  none <- fit_quietly(y ~ 0 + (1 | g), d)
  expect_equal(dim(vcov(none, type = "CR2")), c(0, 0))
})

test_that("a group that alone determines a coefficient: CR2 goes on, CR3 says so", {
  d <- random_data(25, m = 8, sizes = 3:6, p = 2, q = 2)
  d$only <- as.numeric(d$g == levels(d$g)[3])
  fit <- fit_quietly(y ~ x1 + only + (1 | g), d)
  expected <- dense_sandwich(dense_model(y ~ x1 + only, ~1, d), getME(fit, "Psi"), "CR2")
  expect_close_relative(vcov(fit, type = "CR2"), expected$vcov, 1e-8)
  expect_snapshot(error = TRUE, vcov(fit, type = "CR3"))
  expect_error(vcov(fit, type = "CR3"), class = "mixest_unidentified")
})

test_that("an effect that one group alone determines has no robust test, and the group is named", {
  d <- with_seed(1, data.frame(g = gl(6, 5, labels = paste("school", 1:6)), x = rnorm(30), e = rnorm(30)))
  d$arm <- factor(ifelse(d$g == "school 1", "a", "b"))
  d$y <- d$x + with_seed(2, rnorm(6))[d$g] + d$e
  by_groups <- fit_quietly(y ~ arm * x + (1 | g), d)
  by_rows <- fit_quietly(y ~ arm * x + (1 | g / h), transform(d, h = rep(1:3, 10)))
  for (fit in list(by_groups, by_rows)) {
    for (type in c("CR0", "CR1", "CR2")) {
      expect_warning(table <- coef(summary(fit, vcov = type)), "school 1", class = "mixest_unidentified")
      # the intercept and the slope of arm a; differences from them vary in arm b
      expect_true(all(is.na(table[c(1L, 3L), -1L])) && !anyNA(table[c(2L, 4L), ]))
      expect_identical(table[, "Estimate"], fixef(fit))
      # the slope of arm b is left
      expect_no_warning(slope <- contest(fit, c(0, 0, 1, 1), joint = FALSE, vcov = type))
      expect_true(slope[["Std. Error"]] > 0 && slope$df > 0)
      expect_warning(df <- df_for(fit, diag(4), vcov = type, joint = FALSE), class = "mixest_unidentified")
      expect_identical(is.na(df), c(TRUE, FALSE, TRUE, FALSE))
      expect_warning(none <- contest(fit, c(1, 0, 0, 0), vcov = type), class = "mixest_unidentified")
      expect_true(all(is.na(none[c("DenDF", "F value", "Pr(>F)")])))
      expect_warning(
        contest(fit, c(1, 0, 0, 0), joint = FALSE, vcov = type, ddf = "none"), class = "mixest_unidentified"
      )
    }
    expect_error(vcov(fit, type = "CR3"), class = "mixest_unidentified")
  }
  expect_snapshot(invisible(summary(by_groups, vcov = "CR2")))
})

test_that("a fit without rows has robust covariance matrices too", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  small <- lmm(distance ~ age + (age | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_equal(vcov(small, type = "CR2"), vcov(fit, type = "CR2"), tolerance = 1e-12)
  expect_equal(contest(small, diag(2), vcov = "CR2"), contest(fit, diag(2), vcov = "CR2"), tolerance = 1e-10)
})

test_that("the summary says which standard errors it shows", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  robust <- summary(fit, vcov = "CR2")
  expect_equal(robust$vcov, vcov(fit, type = "CR2"))
  expect_equal(coef(robust)[, "df"], df_for(fit, diag(2), vcov = "CR2", joint = FALSE), ignore_attr = TRUE)
  expect_match(
    capture.output(print(robust)), "robust standard errors (CR2, clusters: Subject)", fixed = TRUE, all = FALSE
  )
  expect_equal(colnames(coef(summary(fit, vcov = "CR0", ddf = "none"))), c("Estimate", "Std. Error", "t value"))
  nested <- summary(lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats), vcov = "CR2")
  expect_match(capture.output(print(nested)), "(CR2, clusters: Block)", fixed = TRUE, all = FALSE)
})

test_that("a model without fixed effects has a table without rows", {
  fit <- lmm(I(distance - 24) ~ 0 + (1 | Subject), nlme::Orthodont)
  robust <- summary(fit, vcov = "CR2")
  expect_identical(dim(coef(robust)), c(0L, 5L))
  expect_output(print(robust), "none")
})

test_that("what can't be computed is refused", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_snapshot(error = TRUE, {
    summary(fit, vcov = "CR2", ddf = "kenward-roger")
    vcov(fit, type = "CR9")
  })
})

test_that("too few groups for a joint test give NA, a perfect fit zeros", {
  d <- random_data(26, m = 3, sizes = 3:6, p = 4, q = 2)
  fit <- fit_quietly(y ~ x1 + x2 + x3 + (1 | g), d)
  for (type in c("CR0", "CR2")) {
    expect_warning(joint <- contest(fit, diag(4), vcov = type), class = "mixest_unidentified")
    expect_equal(joint$NumDF, 4)
    expect_true(is.na(joint$DenDF) && is.na(joint[["Pr(>F)"]]))
  }
  exact <- suppressWarnings(lmm(y ~ x1 + (1 | g), transform(d, y = 2 * x1)))
  expect_equal(unname(vcov(exact, type = "CR2")), matrix(0, 2, 2))
})

test_that("sandwich's estimators are CR0 and clusters of groups", {
  skip_if_not_installed("sandwich")
  d <- random_data(27, m = 12, sizes = 1:6, p = 3, q = 2)
  d$district <- as.integer(d$g) %% 4
  for (kept in c(TRUE, FALSE)) {
    fit <- fit_quietly(y ~ x1 + x2 + (z1 | g), d, control = lmm_control(keep_data = kept))
    expect_close(colSums(sandwich::estfun(fit)), rep(0, 3), 1e-8)
    expect_equal(sandwich::sandwich(fit), vcov(fit, type = "CR0"), tolerance = 1e-10)
    expect_equal(sandwich::vcovCL(fit, type = "HC0", cadjust = FALSE), vcov(fit, type = "CR0"), tolerance = 1e-10)
  }
  fit <- fit_quietly(y ~ x1 + x2 + (z1 | g), d)
  scores <- rowsum(sandwich::estfun(fit), d$district)
  expect_equal(
    sandwich::vcovCL(fit, d$district, type = "HC0", cadjust = FALSE), vcov(fit) %*% crossprod(scores) %*% vcov(fit),
    tolerance = 1e-10
  )
})

test_that("clusters reduced from their rows give what condensed data give", {
  for (seed in 31:33) {
    d <- random_data(seed, m = 9, sizes = 1:6, p = 3, q = 2)
    d$w[3] <- 0
    fit <- fit_quietly(y ~ x1 + x2 + (z1 | g), d, weights = w, offset = o)
    for (type in types) {
      condensed <- robust_method(fit, "satterthwaite", type, quote(f()))
      by_row <- condensed
      by_row$robust <- list(type = type, rows = cluster_rows(fit, quote(f())))
      found <- robust_scores(by_row)
      by_row$factor <- found$factor %*% found$scores
      scale <- sqrt(diag(vcov(fit)))
      expect_close(covariance_of_estimates(by_row), covariance_of_estimates(condensed), 1e-9, outer(scale, scale))
      expect_close(t_df(by_row, diag(3)), t_df(condensed, diag(3)), 1e-8, t_df(condensed, diag(3)))
    }
  }
})

test_that("clusters of nested factors are the levels of the outermost", {
  for (seed in 41:44) {
    d <- nested_data(seed)
    if (seed > 42) d$w[2:3] <- 0
    fit <- fit_quietly(y ~ x1 + (1 | a/b), d, weights = if (seed > 42) d$w)
    model <- dense_model(y ~ x1, list(~1, ~1), d, group = c("b:a", "a"), weights = if (seed > 42) "w")
    scale <- sqrt(diag(vcov(fit)))
    for (type in types) {
      expected <- dense_sandwich(model, nested_psi(fit, model), type)
      expect_close(vcov(fit, type = type), expected$vcov, 1e-8, outer(scale, scale))
      df <- diag(dense_robust_df(expected$moments(diag(2))))
      expect_close(df_for(fit, diag(2), joint = FALSE, vcov = type), df, 1e-7, df)
    }
    expect_equal(sandwich::sandwich(fit), vcov(fit, type = "CR0"), tolerance = 1e-9)
    skip_if_not_installed("clubSandwich")
    expect_close(as.matrix(clubSandwich::vcovCR(fit, type = "CR2")), vcov(fit, type = "CR2"), 1e-8, outer(scale, scale))
  }
})

test_that("crossed factors have no clusters", {
  d <- nested_data(45)
  d$c <- rep_len(1:5, nrow(d))
  fit <- fit_quietly(y ~ x1 + (1 | a) + (1 | c), d)
  expect_snapshot(error = TRUE, vcov(fit, type = "CR2"))
  expect_error(clubSandwich::vcovCR(fit, type = "CR2"), class = "mixest_input")
})

# sum over clusters of M X_c'V_c^{-1} e_c e_c' V_c^{-1} X_c M, times m / (m - 1) for CR1.
dense_clustered <- function(fit, cluster, type) {
  X <- getME(fit, "X")
  W <- solve(as.matrix(getME(fit, "V")))
  scores <- rowsum(as.vector(W %*% (getME(fit, "y") - X %*% fixef(fit))) * X, cluster)
  M <- solve(t(X) %*% W %*% X)
  m <- nrow(scores)
  M %*% crossprod(scores) %*% M * if (type == "CR1") m / (m - 1) else 1
}

test_that("clusters may be coarser than the groups, with crossed factors within them too", {
  d <- random_data(31, m = 16, sizes = 2:5, p = 2, q = 2)
  d$region <- factor(as.integer(d$g) %% 5)
  d$item <- interaction(d$region, rep_len(1:3, nrow(d)), drop = TRUE)
  for (formula in list(y ~ x1 + (z1 | g), y ~ x1 + (1 | region/g), y ~ x1 + (1 | g) + (1 | item))) {
    fit <- fit_quietly(formula, d)
    for (type in c("CR0", "CR1")) {
      expect_equal(vcov(fit, type = type, cluster = ~region), dense_clustered(fit, d$region, type), ignore_attr = TRUE)
    }
    expect_identical(vcov(fit, type = "CR2", cluster = d$region), vcov(fit, type = "CR2", cluster = ~region))
  }
  one <- fit_quietly(y ~ x1 + (z1 | g), d)
  for (type in robust_types) expect_equal(vcov(one, type = type, cluster = ~g), vcov(one, type = type))
  expect_error(vcov(one, cluster = ~region), "cluster", class = "mixest_input")
  expect_error(vcov(one, type = "CR2", cluster = seq_len(nrow(d))), "whole groups", class = "mixest_input")
  expect_error(vcov(one, type = "CR2", cluster = 1:3), "one value", class = "mixest_input")
  expect_error(vcov(one, type = "CR2", cluster = ~nowhere), "variables", class = "mixest_input")
})

test_that("CR2 and CR3 with coarser clusters are clubSandwich's", {
  skip_if_not_installed("clubSandwich")
  skip_if_not_installed("lme4")
  d <- random_data(32, m = 16, sizes = 2:5, p = 2, q = 2)
  d$region <- factor(as.integer(d$g) %% 5)
  ours <- fit_quietly(y ~ x1 + (1 | g), d)
  theirs <- lme4::lmer(y ~ x1 + (1 | g), d)
  for (type in c("CR2", "CR3")) {
    expect_close(
      vcov(ours, type = type, cluster = ~region),
      as.matrix(clubSandwich::vcovCR(theirs, cluster = d$region, type = type)), 1e-4, max(vcov(ours))
    )
  }
})
