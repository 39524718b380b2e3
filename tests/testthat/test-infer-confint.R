# Balanced one-way layout by ML: with lambda = sigma^2 + r sd^2, -2 log L = k (r - 1) log sigma^2 +
# SSW / sigma^2 + k log lambda + (SSB + n (mu - mean)^2) / lambda.
balanced <- with_seed(3, {
  g <- gl(12, 5)
  data.frame(g = g, y = 10 + 2 * rnorm(12)[g] + rnorm(60))
})
k <- 12
r <- 5
means <- tapply(balanced$y, balanced$g, mean)
SSB <- r * sum((means - mean(balanced$y))^2)
SSW <- sum((balanced$y - means[balanced$g])^2)
fit <- lmm(y ~ 1 + (1 | g), balanced, REML = FALSE)

# Both ends where the rise of a deviance reaches the cutoff.
ends_of <- function(rise, at, low, high, level = 0.95) {
  f <- function(x) rise(x) - qchisq(level, 1)
  c(uniroot(f, c(low, at), tol = 1e-12)$root, uniroot(f, c(at, high), tol = 1e-12)$root)
}

test_that("profile intervals of a balanced one-way layout are those of its closed-form likelihood", {
  for (level in c(0.8, 0.95, 0.99)) {
    ci <- confint(fit, level = level)
    half <- sqrt(SSB / 60 * expm1(qchisq(level, 1) / k))
    expect_close(ci["(Intercept)", ], mean(balanced$y) + c(-1, 1) * half, 1e-8)

    within <- SSW / (k * (r - 1))
    sigma_rise <- function(s) k * (r - 1) * (log(s^2 / within) + within / s^2 - 1)
    expect_close(ci["sigma", ], ends_of(sigma_rise, sqrt(within), 0.1, 5, level), 1e-7)

    criterion <- function(s2, sd) k * (r - 1) * log(s2) + SSW / s2 + k * log(s2 + r * sd^2) + SSB / (s2 + r * sd^2)
    least <- criterion(within, sqrt((SSB / k - within) / r))
    sd_rise <- function(sd) optimize(criterion, c(0.1, 5), sd = sd, tol = 1e-10)$objective - least
    expect_close(ci["sd_(Intercept)|g", ], ends_of(sd_rise, sqrt((SSB / k - within) / r), 0.1, 20, level), 1e-6)
  }
})

test_that("an interval ends at a standard deviation of zero when the deviance there is below the cutoff", {
  # Group means are more alike than groups of independent rows would be.
  alike <- data.frame(g = gl(6, 4), y = c(1, 4, 2, 5) + rep(c(0, 0.1, -0.1), each = 4))
  ci <- confint(fit_quietly(y ~ 1 + (1 | g), alike))
  expect_identical(ci[["sd_(Intercept)|g", 1L]], 0)
  expect_gt(ci["sd_(Intercept)|g", 2L], 0)
  expect_false(anyNA(ci))
})

# The least deviance with the parameter held, by a search without derivatives over sds, correlation
# and sigma, V_i formed.
held_deviance <- function(model, which, value) {
  f <- function(x) {
    all <- append(x, NA, which - 1L)
    sd <- abs(all[c(1L, 3L)])
    if (which %in% c(1L, 3L)) sd[(which + 1L) / 2L] <- value
    rho <- if (which == 2L) value else sin(all[2L])
    sigma <- if (which == 4L) value else exp(all[4L])
    D <- matrix(c(sd[1L]^2, rho * prod(sd), rho * prod(sd), sd[2L]^2), 2L)
    dense_criterion(model, D / sigma^2, FALSE, sigma)
  }
  starts <- list(c(0.7, 0.2, 0.7, 0), c(0.7, 1.2, 0.3, 0), c(0.7, -1.2, 0.3, 0), c(0.02, 0, 0.7, 0), c(0.7, 0, 0.02, 0))
  min(vapply(starts, function(start) {
    x <- start[-which]
    for (again in 1:3) x <- optim(x, f, control = list(maxit = 3000, reltol = 1e-13))$par
    f(x)
  }, 0))
}

test_that("the deviance rises by the cutoff at every end, or less at the limit of the parameter", {
  cutoff <- qchisq(0.9, 1)
  for (seed in c(2L, 8L, 11L)) {
    data <- random_data(300L + seed, m = 8L, sizes = 2:6, Psi = if (seed %% 2L) diag(c(1, 0.5)) else matrix(0.4, 2, 2))
    own <- fit_quietly(y ~ x1 + (z1 | g), data, REML = FALSE)
    model <- dense_model(y ~ x1, ~z1, data)
    ci <- confint(own, 1:4, level = 0.9)
    for (i in 1:4) for (end in 1:2) {
      value <- ci[i, end]
      rise <- held_deviance(model, i, value) - deviance(own)
      if ((i %in% c(1L, 3L) && value == 0) || (i == 2L && abs(value) == 1)) {
        expect_lt(rise, cutoff + 1e-6)
      } else {
        expect_close(rise, cutoff, 1e-4)
      }
    }
  }
})

test_that("intervals of every structure hold the estimate and have no missing ends, singular or not", {
  for (structure in c("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep")) for (q in 2:3) for (seed in 1:4) {
    data <- random_data(seed + 10L * q, m = 8L, sizes = 2:6, q = q, Psi = if (seed %% 2L) diag(q) else 0 * diag(q))
    formula <- reformulate(
      c("x1", sprintf("%s(%s | g)", structure, paste(paste0("z", seq_len(q - 1L)), collapse = " + "))), "y"
    )
    own <- suppressWarnings(fit_quietly(formula, data, REML = FALSE))
    ci <- suppressMessages(confint(own))
    estimates <- c(variance_estimates(own), fixef(own))[rownames(ci)]
    expect_true(all(is.finite(ci)))
    known <- !is.nan(estimates)
    expect_true(all(ci[known, 1L] <= estimates[known] + 1e-7 & estimates[known] <= ci[known, 2L] + 1e-7))
  }
})

test_that("a correlation whose effect may have no variance is unknown", {
  data <- random_data(303L, m = 8L, sizes = 2:6, Psi = 0 * diag(2))
  ci <- confint(fit_quietly(y ~ x1 + (z1 | g), data, REML = FALSE), "cor_z1.(Intercept)|g")
  expect_identical(as.vector(ci), c(-1, 1))
})

test_that("intervals are lme4's", {
  skip_if_not_installed("lme4")
  theirs <- suppressMessages(
    confint(lme4::lmer(distance ~ age + Sex + (1 | Subject), nlme::Orthodont), oldNames = FALSE)
  )
  ours <- confint(lmm(distance ~ age + Sex + (1 | Subject), nlme::Orthodont))
  expect_identical(dimnames(ours), dimnames(theirs))
  expect_close(ours, theirs, 1e-3, scale = rep(theirs[, 2L] - theirs[, 1L], 2L))
  skip_on_cran()
  theirs <- suppressMessages(
    confint(lme4::lmer(Reaction ~ Days + (Days | Subject), lme4::sleepstudy), oldNames = FALSE)
  )
  ours <- confint(lmm(Reaction ~ Days + (Days | Subject), lme4::sleepstudy))
  expect_identical(rownames(ours), rownames(theirs))
  expect_close(ours, theirs, 1e-3, scale = rep(theirs[, 2L] - theirs[, 1L], 2L))
})

test_that("units of the response and the columns change intervals as they should", {
  data <- nlme::Orthodont
  ci <- confint(lmm(distance ~ age + (age | Subject), data))
  scaled <- transform(as.data.frame(data), distance = 1e6 * distance, age = age / 100)
  changed <- confint(lmm(distance ~ age + (age | Subject), scaled))
  factor <- c(1e6, 1, 1e8, 1e6, 1e6, 1e8)
  expect_close(changed / factor, ci, 1e-6, scale = rep(ci[, 2L] - ci[, 1L], 2L))
})

test_that("Wald intervals are on the scales that are documented", {
  data <- nlme::Orthodont
  own <- lmm(distance ~ age + (age | Subject), data)
  ci <- confint(own, method = "Wald", level = 0.9)
  estimates <- c(variance_estimates(own), fixef(own))
  error <- c(sqrt(diag(variance_covariance(own))), standard_errors(own))
  z <- qnorm(0.95)
  expect_equal(unname(ci["age", ]), estimates[["age"]] + c(-z, z) * error[["age"]])
  expect_equal(
    unname(log(ci["sigma", ])), log(estimates[["sigma"]]) + c(-z, z) * error[["sigma"]] / estimates[["sigma"]]
  )
  name <- "cor_age.(Intercept)|Subject"
  expect_equal(
    unname(atanh(ci[name, ])), atanh(estimates[[name]]) + c(-z, z) * error[[name]] / (1 - estimates[[name]]^2)
  )
  expect_identical(colnames(ci), c("5 %", "95 %"))
})

test_that("parm chooses by name, number and kind", {
  own <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  all <- confint(own)
  expect_identical(confint(own, "sigma"), all["sigma", , drop = FALSE])
  expect_identical(confint(own, c(5, 1)), all[c(5, 1), ])
  expect_identical(rownames(confint(own, "beta_", method = "Wald")), c("(Intercept)", "age"))
  expect_identical(rownames(confint(own, "theta_", method = "Wald")), rownames(all)[1:4])
  expect_error(confint(own, "agee"), class = "mixest_input")
  expect_error(confint(own, 9), class = "mixest_input")
  expect_error(confint(own, method = "bayes"), class = "mixest_input")
  expect_error(confint(own, level = 95), class = "mixest_input")
})

test_that("correlations of toep() beyond the first lag are left out and said to be", {
  data <- random_data(5, m = 20L, sizes = 4:9, q = 3L)
  own <- lmm(y ~ x1 + toep(z1 + z2 | g), data)
  expect_message(ci <- confint(own), class = "mixest_left_out")
  expect_identical(rownames(ci)[1:5], c("sd_(Intercept)|g", "sd_z1|g", "sd_z2|g", "cor1|g", "sigma"))
  expect_error(confint(own, "cor2|g"), class = "mixest_input")
  expect_false(anyNA(confint(own, "cor2|g", method = "Wald")))
})

test_that("a perfect fit has no profile", {
  data <- data.frame(y = rep(1:4, each = 3), x = rep(1:4, each = 3), g = gl(4, 3))
  own <- suppressWarnings(lmm(y ~ x + (1 | g), data))
  expect_error(confint(own), class = "mixest_error")
})

test_that("Wald intervals of fixed effects have the df and covariance asked for", {
  oats <- lmm(yield ~ nitro * Variety + (1 | Block), nlme::Oats, subset = -c(1, 9, 23))
  p <- length(fixef(oats))
  limits <- function(...) unname(confint(oats, "beta_", method = "Wald", ...))
  by_contest <- function(...) {
    unname(as.matrix(contest(oats, diag(p), joint = FALSE, ...)[c("lower", "upper")]))
  }
  expect_equal(limits(ddf = "kenward-roger"), by_contest(ddf = "kenward-roger"), ignore_attr = TRUE)
  expect_equal(limits(ddf = "residual"), by_contest(ddf = "residual"), ignore_attr = TRUE)
  expect_equal(limits(vcov = "CR2"), by_contest(vcov = "CR2"), ignore_attr = TRUE)
  half <- qnorm(0.975) * sqrt(diag(vcov(oats, type = "CR0")))
  expect_equal(limits(vcov = "CR0", ddf = "none"), unname(cbind(fixef(oats) - half, fixef(oats) + half)))
  expect_identical(confint(oats, "theta_", method = "Wald", vcov = "CR2"), confint(oats, "theta_", method = "Wald"))
  expect_error(confint(oats, vcov = "CR2"), "Wald", class = "mixest_input")
  expect_error(confint(oats, ddf = "kenward-roger"), "Wald", class = "mixest_input")
  expect_error(confint(oats, method = "Wald", vcov = "CR9"), "vcov", class = "mixest_input")
})

test_that("oldNames gives lme4's old names, in parm too", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  old <- confint(fit, method = "Wald", oldNames = TRUE)
  expect_identical(rownames(old), c(".sig01", ".sig02", ".sig03", ".sigma", "(Intercept)", "age"))
  expect_identical(unname(old), unname(confint(fit, method = "Wald", oldNames = FALSE)))
  expect_identical(confint(fit, c(".sig03", ".sigma"), method = "Wald", oldNames = TRUE), old[3:4, ])
  expect_identical(confint(fit, ".sigma", oldNames = TRUE), confint(fit, "sigma"), ignore_attr = TRUE)
  expect_error(confint(fit, "sigma", oldNames = TRUE), ".sigma", class = "mixest_input")
})

test_that("profiles of a flat likelihood end where they should: groups of one row", {
  # Only v = sd^2 + sigma^2 is determined: either is free from 0 up to the limit of v, and the
  # others are those of a sample.
  y <- with_seed(6, rnorm(12))
  fit <- suppressWarnings(fit_quietly(y ~ 1 + (1 | g), data.frame(y, g = gl(12, 1)), REML = FALSE))
  expect_identical(convergence(fit)$status, "flat")
  ci <- confint(fit)
  v <- mean((y - mean(y))^2)
  limit <- uniroot(function(s) 12 * (log(s^2 / v) + v / s^2 - 1) - qchisq(0.95, 1), sqrt(v) * c(1, 9), tol = 1e-12)$root
  expect_close(ci[c("sd_(Intercept)|g", "sigma"), 1], c(0, 0), 1e-12)
  expect_close(ci[c("sd_(Intercept)|g", "sigma"), 2], c(limit, limit), 1e-7)
  half <- sqrt(v * expm1(qchisq(0.95, 1) / 12))
  expect_close(ci["(Intercept)", ], mean(y) + c(-1, 1) * half, 1e-7)
})

test_that("every interval ends, on a ridge, far from the origin and where there is no maximum", {
  sparse <- function(seed) {
    d <- with_seed(seed, transform(data.frame(g = 1:12, x = rnorm(12)), y = rnorm(12) + rnorm(12)[g]))
    suppressWarnings(fit_quietly(y ~ x + (x | g), d))
  }
  ci <- suppressWarnings(confint(sparse(3)))
  expect_true(all(ci[, 1] <= ci[, 2]))
  # sigma and D can vanish together for one row here: the likelihood has no maximum.
  no_maximum <- suppressWarnings(update(sparse(2), REML = FALSE))
  expect_snapshot(error = TRUE, {
    confint(no_maximum)
    profile(no_maximum, "x")
  })
  expect_error(confint(no_maximum, "sigma"), class = "mixest_unidentified")

  for (seed in 1:6) {
    d <- with_seed(seed, transform(data.frame(g = gl(12, 5), x = rnorm(60)), y = x * (1 + rnorm(12)[g]) + rnorm(60)))
    d$x <- d$x + 2^26
    ci <- confint(fit_quietly(y ~ x + (x | g), d), "cor_x.(Intercept)|g")
    expect_true(-1 <= ci[1] && ci[1] <= ci[2] && ci[2] <= 1)
  }
})

test_that("at the end of an interval the deviance is lowest over all other parameters", {
  # Where a fixed effect is held the model is that of another response, fitted from all starts.
  for (seed in c(1, 3, 5, 7, 9)) {
    data <- with_seed(seed, {
      data <- data.frame(g = gl(6, 4), b = factor(sample(1:3, 24, TRUE)), x = rnorm(24))
      transform(data, y = x + rnorm(6)[g] * (1 + 0.5 * x) + rnorm(24))
    })
    fit <- fit_quietly(y ~ x + (x | g), data, REML = FALSE)
    if (!convergence(fit)$converged) next
    for (end in confint(fit, "x")) {
      data$rest <- data$y - end * data$x
      held <- fit_quietly(rest ~ 1 + (x | g), data, REML = FALSE, control = lmm_control(starts = 7))
      expect_close(deviance(held) - deviance(fit), qchisq(0.95, 1), 1e-6)
    }
  }
})
