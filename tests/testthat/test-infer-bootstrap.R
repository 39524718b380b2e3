# Without 1 in the span of X or U no column is shifted: condensed numbers are those of the rows, up
# to the scales.
uneven <- with_seed(2, {
  sizes <- c(1, 1, 2, 5, 3, 9, 4, 2, 7, 6)
  g <- factor(rep(seq_along(sizes), sizes))
  data <- data.frame(
    g = g, x1 = rnorm(40), x2 = runif(40, -1, 3), z1 = runif(40, 1, 2), z2 = rnorm(40), w = runif(40, 0.5, 2)
  )
  transform(data, y = x1 - 2 * x2 + rnorm(10, sd = 1.2)[g] * z1 + rnorm(10)[g] * z2 + rnorm(40) / sqrt(w))
})
free <- lmm(y ~ 0 + x1 + x2 + (0 + z1 + z2 | g), uneven, weights = w)
request_of <- function(fit, type = "parametric") bootstrap_request(fit, type, seed = 1)

# X'Wy, y'Wy and U_i'Wy_i (m x q) from condensed data, in the user's units.
products_of <- function(stats) {
  p <- ncol(stats$R0) - 1L
  m <- dim(stats$B)[3L]
  y <- p + 1L
  scale <- stats$basis$y$scale
  own <- vapply(seq_len(m), function(i) drop(
    crossprod(stats$R[, , i], stats$B[, y, i])
  ) * stats$basis$u$scale * scale, numeric(dim(stats$R)[1L]))
  X <- rbind(do.call(rbind, lapply(seq_len(m), function(i) stats$B[, , i])), stats$R0)
  c(drop(crossprod(X[, seq_len(p)], X[, y])) * stats$basis$x$scale * scale, sum(X[, y]^2) * scale^2, own)
}

# Draws of A'y, with y'Wy between its second and third entry, against the moments of y ~ N(mean, V):
# all means, variances and covariances.
expect_moments <- function(draws, A, mean, V, w) {
  n <- ncol(draws)
  linear <- draws[-3L, ]
  expected <- drop(crossprod(A, mean))
  variance <- crossprod(A, V %*% A)
  deviation <- sqrt(diag(variance))
  expect_lt(max(abs(rowMeans(linear) - expected) / deviation) * sqrt(n), 4.5)
  standard <- (linear - expected) / deviation
  expect_lt(max(abs(tcrossprod(standard) / n - cov2cor(variance))), 5 * sqrt(2 / n))
  WV <- w * V
  square <- c(sum(diag(WV)) + sum(w * mean^2), 2 * sum(WV * t(WV)) + 4 * sum((w * mean) * (V %*% (w * mean))))
  expect_lt(abs(mean(draws[3L, ]) - square[1L]) / sqrt(square[2L] / n), 4)
  expect_lt(abs(var(draws[3L, ]) / square[2L] - 1), 0.15)
}

test_that("drawn condensed data have the moments of the model", {
  draws <- vapply(
    1:3000, function(r) products_of(cpp_bootstrap_stats(free$stats, request_of(free), r)), numeric(2 + 1 + 20)
  )
  model <- dense_model(y ~ 0 + x1 + x2, ~ 0 + z1 + z2, uneven, weights = "w")
  own <- do.call(cbind, lapply(levels(uneven$g), function(i) model$U * (uneven$g == i)))
  V <- covariance_of_rows(model, getME(free, "D")) + sigma(free)^2 * diag(1 / model$w)
  expect_moments(draws, cbind(model$X, own) * model$w, drop(model$X %*% fixef(free)), V, model$w)
})

# The same with several grouping factors: X'Wy, y'Wy, then U_l'Wy for the levels of every factor,
# the inner one first.
products_of_factors <- function(stats) {
  outer <- stats$outer
  p <- ncol(stats$R0) - 1L
  m <- dim(stats$B)[3L]
  q <- dim(stats$R)[1L]
  width <- vapply(outer$factors, function(of) length(of$columns), 0L)[outer$block_factor + 1L]
  sums <- lapply(width, numeric)
  column <- 0L
  for (i in seq_len(m)) for (block in outer$touched[seq(
    to = outer$start[i + 1L], length.out = outer$start[i + 1L] - outer$start[i]
  )] + 1L) {
    own <- outer$B[, column + seq_len(width[block]), drop = FALSE]
    column <- column + width[block]
    sums[[block]] <- sums[[block]] + drop(crossprod(own, stats$B[, p + 1L, i]))
  }
  before <- 0L
  for (c in seq_len(length(outer$component) - 1L)) {
    blocks <- outer$component[c] + seq_len(outer$component[c + 1L] - outer$component[c])
    effects <- sum(width[blocks])
    gram <- matrix(outer$gram[before + seq_len(effects * (effects + p + 1L))], effects)
    before <- before + length(gram)
    sums[blocks] <- Map(`+`, sums[blocks], split(gram[, effects + p + 1L], rep(seq_along(blocks), width[blocks])))
  }
  order <- order(outer$block_factor, outer$block_level)
  scales <- lapply(outer$factors, function(of) stats$basis$u$scale[of$columns + 1L])
  outer_products <- unlist(
    Map(function(sum, f) sum * scales[[f + 1L]], sums, outer$block_factor)[order]
  ) * stats$basis$y$scale
  own <- stats
  own$basis$u$scale <- stats$basis$u$scale[outer$inner + 1L]
  own$R <- array(stats$R, c(q, q, m))
  c(products_of(own), outer_products)
}

test_that("drawn data of nested and crossed factors have the moments of the model", {
  data <- several_factors(5L, n = 60L)
  data$cell <- interaction(data$school, data$class, drop = TRUE)
  designs <- list(
    list("(1 | cell) + (1 | school)", list(~1, ~1), c("cell", "school")),
    list("(0 + z1 + z2 | item) + (0 + z1 | school)", list(~ 0 + z1 + z2, ~ 0 + z1), c("item", "school")),
    list("(1 | cell) + (1 | school) + (0 + z2 | item)", list(~1, ~1, ~ 0 + z2), c("cell", "school", "item"))
  )
  for (design in designs) {
    fit <- fit_quietly(as.formula(paste("y ~ 0 + x1 + z1 +", design[[1L]])), data, weights = w)
    model <- dense_model(y ~ 0 + x1 + z1, design[[2L]], data, design[[3L]], "w")
    outer <- fit$stats$outer
    A <- lapply(c(outer$inner_factor, vapply(outer$factors, `[[`, 0L, "factor")) + 1L, function(f) {
      level <- factor(as.character(model$groups[[f]]), fit$random$groups[[f]])
      do.call(cbind, lapply(levels(level), function(l) model$U[, model$of == f, drop = FALSE] * (level == l)))
    })
    A <- cbind(model$X, do.call(cbind, A)) * model$w
    V <- covariance_of_rows(model, getME(fit, "D")) + sigma(fit)^2 * diag(1 / model$w)
    draws <- vapply(
      1:1500, function(r) products_of_factors(cpp_bootstrap_stats(fit$stats, request_of(fit), r)), numeric(ncol(A) + 1L)
    )
    expect_moments(draws, A, drop(model$X %*% fixef(fit)), V, model$w)
  }
})

test_that("mean squares of balanced nested data have their chi-squared distributions", {
  data <- with_seed(6, {
    data <- expand.grid(row = 1:4, class = 1:4, school = factor(1:9))
    transform(data, y = 10 + 9 * rnorm(9)[school] + 4 * rnorm(36)[class + 4 * (as.integer(school) - 1)] + rnorm(144))
  })
  fit <- lmm(y ~ 1 + (1 | school / class), data)
  t <- bootstrap(fit, nsim = 2000, seed = 1)$t
  strata <- function(t) cbind(t[, 2L]^2, t[, 2L]^2 + 4 * t[, 3L]^2, t[, 2L]^2 + 4 * t[, 3L]^2 + 16 * t[, 4L]^2)
  ratio <- sweep(strata(t), 2L, strata(rbind(default_statistic(fit))), "/")
  df <- c(108, 27, 8)
  for (stratum in 1:3) expect_gt(ks.test(df[stratum] * ratio[, stratum], "pchisq", df[stratum])$p.value, 0.001)
  expect_gt(ks.test((t[, 1L] - fixef(fit)) / sqrt(vcov(fit)[1L]), "pnorm")$p.value, 0.001)
})

test_that("a replicate is the fit of rows that have its condensed numbers", {
  found <- bootstrap(
    free, FUN = function(fit) c(fixef(fit), sigma(fit), getME(fit, "theta"), deviance(fit)), nsim = 5, seed = 1
  )
  for (r in 1:5) {
    stats <- cpp_bootstrap_stats(free$stats, request_of(free), r)
    m <- dim(stats$R)[3L]
    stacked <- function(A) matrix(aperm(A, c(1L, 3L, 2L)), ncol = dim(A)[2L])
    rows <- rbind(cbind(stacked(stats$R), stacked(stats$B)), cbind(0, 0, stats$R0))
    rows <- sweep(rows, 2L, c(stats$basis$u$scale, stats$basis$x$scale, stats$basis$y$scale), "*")
    rows <- rbind(rows, matrix(0, 40 - nrow(rows[rowSums(rows^2) > 0, ]), 5))
    used <- rowSums(rows^2) > 0 | seq_len(nrow(rows)) > 2 * m + 3
    data <- setNames(data.frame(
      rows, factor(c(rep(seq_len(m), each = 2L), rep(1, nrow(rows) - 2 * m)), levels = seq_len(m))
    ), c("z1", "z2", "x1", "x2", "y", "g"))
    again <- fit_quietly(y ~ 0 + x1 + x2 + (0 + z1 + z2 | g), data[used, ])
    expect_equal(nobs(again), 40)
    expect_equal(unname(found$t[r, ]), unname(
      c(fixef(again), sigma(again), getME(again, "theta"), deviance(again) - sum(log(uneven$w)))
    ), tolerance = 1e-7)
  }
})

test_that("mean squares of a balanced one-way layout have their chi-squared distributions", {
  data <- with_seed(3, data.frame(g = gl(9, 6), y = 10 + 5 * rnorm(9)[gl(9, 6)] + rnorm(54)))
  fit <- lmm(y ~ 1 + (1 | g), data)
  t <- bootstrap(fit, nsim = 2000, seed = 1)$t
  within <- 45 * t[, "sigma"]^2 / sigma(fit)^2
  between <- 8 * (t[, "sigma"]^2 + 6 * t[, "sd_(Intercept)|g"]^2) / (sigma(fit)^2 + 6 * VarCorr(fit)$g[1])
  expect_gt(ks.test(within, "pchisq", 45)$p.value, 0.001)
  expect_gt(ks.test(between, "pchisq", 8)$p.value, 0.001)
  expect_gt(ks.test((t[, "(Intercept)"] - fixef(fit)) / sqrt(vcov(fit)[1]), "pnorm")$p.value, 0.001)
})

test_that("a replicate of cases is the fit of the rows of whole groups, each draw as a group of its own", {
  data <- random_data(3L, m = 9L, sizes = c(1, 4:9))
  fit <- fit_quietly(y ~ x1 + (z1 | g), data, weights = w)
  stats <- stats_with_leftovers(fit)
  found <- bootstrap(
    fit, FUN = function(fit) c(fixef(fit), sigma(fit), deviance(fit), nobs(fit)), nsim = 6, type = "cases", seed = 1
  )
  expect_identical(bootstrap(fit, nsim = 6, type = "cases", seed = 1)$t[, 1:2], found$t[, 1:2])
  for (r in 1:6) {
    drawn <- cpp_bootstrap_stats(stats, request_of(fit, "cases"), r)
    of <- apply(drawn$B, 3L, function(B) which(apply(stats$B, 3L, identical, B)))
    expect_length(of, 9L)
    rows <- do.call(rbind, lapply(1:9, function(i) transform(data[data$g == fit$random$groups$g[of[i]], ], g = i)))
    again <- fit_quietly(y ~ x1 + (z1 | g), transform(rows, g = factor(g)), weights = w)
    expect_equal(
      unname(found$t[r, ]), unname(c(fixef(again), sigma(again), deviance(again), nobs(again))), tolerance = 1e-8
    )
  }
})

test_that("every group is drawn equally often", {
  fit <- fit_quietly(y ~ x1 + (1 | g), random_data(5L, m = 27L))
  stats <- stats_with_leftovers(fit)
  intercepts <- stats$B[1L, 3L, ]
  counts <- rowSums(vapply(1:1000, function(r) tabulate(
    match(cpp_bootstrap_stats(stats, request_of(fit, "cases"), r)$B[1L, 3L, ], intercepts), 27L
  ), integer(27)))
  # multinomial: 27000 draws
  expect_gt(chisq.test(counts)$p.value, 0.001)
})

test_that("a fit that kept neither rows nor groups can't draw groups", {
  lean <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  lean$stats$leftovers <- NULL
  expect_error(bootstrap(lean, type = "cases"), class = "mixest_input")
  expect_s3_class(bootstrap(lean, nsim = 2), "boot")
})

test_that("groups that don't tell the parameters apart are failures, not errors", {
  data <- transform(random_data(3L, m = 4L, sizes = 5:6), side = factor(g == levels(g)[1L]))
  fit <- fit_quietly(y ~ side + (1 | g), data)
  found <- suppressWarnings(bootstrap(fit, nsim = 60, type = "cases", seed = 1))
  expect_true("rank_deficient" %in% found$status)
  expect_identical(is.na(found$t[, 1L]), found$status == "rank_deficient")
})

test_that("seeds, threads, blocks and other statistics leave a replicate what it is", {
  fit <- lmm(mathach ~ cses + (cses | school), MathAchieve)
  set.seed(1)
  before <- .Random.seed
  one <- bootstrap(fit, nsim = 150, seed = 7)
  expect_identical(.Random.seed, before)
  fit$control$threads <- 3L
  expect_identical(bootstrap(fit, nsim = 150, seed = 7)$t, one$t)
  expect_identical(bootstrap(fit, nsim = 150, seed = 7, progress = TRUE)$t, one$t)
  expect_identical(bootstrap(fit, nsim = 20, seed = 7)$t, one$t[1:20, ])
  expect_identical(bootstrap(fit, FUN = default_statistic, nsim = 20, seed = 7)$t, one$t[1:20, ])
  expect_false(any(bootstrap(fit, nsim = 20, seed = 8)$t == one$t[1:20, ]))
  set.seed(5)
  drawn <- bootstrap(fit, nsim = 3)
  set.seed(5)
  expect_identical(bootstrap(fit, nsim = 3)$t, drawn$t)
  expect_identical(bootstrap(fit, nsim = 3, seed = drawn$seed)$t, drawn$t)
})

test_that("the statistic is that of the fit, by name", {
  for (formula in list(
    y ~ x1 + us(z1 | g), y ~ x1 + (z1 || g), y ~ x1 + cs(z1 | g), y ~ 0 + (1 | g), y ~ x1 + (1 | g) + (0 + z1 | g)
  )) {
    fit <- fit_quietly(formula, random_data(9L, m = 15L, sizes = 4:8))
    found <- bootstrap(fit, nsim = 4, seed = 1)
    expect_identical(found$t0, default_statistic(fit))
    expect_setequal(names(found$t0), interval_parameters(fit)$name)
    expect_identical(colnames(found$t), names(found$t0))
    expect_identical(bootstrap(fit, FUN = default_statistic, nsim = 4, seed = 1)$t, found$t)
  }
})

test_that("dropped columns stay dropped", {
  data <- transform(as.data.frame(nlme::Orthodont), twice = 2 * age)
  full <- lmm(distance ~ age + (1 | Subject), data)
  dropped <- suppressMessages(lmm(distance ~ age + twice + (1 | Subject), data))
  expect_equal(bootstrap(dropped, nsim = 3, seed = 1)$t, bootstrap(full, nsim = 3, seed = 1)$t, tolerance = 1e-8)
})

test_that("replicates at the boundary are fits like others, without a message", {
  data <- with_seed(4, data.frame(g = gl(8, 5), y = rnorm(40)))
  fit <- fit_quietly(y ~ 1 + (1 | g), data)
  expect_silent(found <- bootstrap(fit, nsim = 100, seed = 1))
  expect_true(any(found$singular))
  expect_identical(found$singular, unname(found$t[, "sd_(Intercept)|g"] == 0))
  expect_false(anyNA(found$t))
  expect_output(print(found), "singular")

  slopes <- fit_quietly(y ~ 1 + (x | g), transform(data, x = rep(1:5, 8)))
  expect_silent(found <- bootstrap(slopes, nsim = 60, seed = 1))
  expect_true(all(found$status == "converged"))
  undefined <- is.nan(found$t[, "cor_x.(Intercept)|g"])
  expect_true(any(undefined))
  expect_identical(undefined, found$t[, "sd_x|g"] == 0 | found$t[, "sd_(Intercept)|g"] == 0)
  expect_output(print(found), "values")
  expect_false(anyNA(confint(found)))
})

test_that("failures are counted, announced and left as NA", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  fussy <- function(fit) if (sigma(fit) > 1.45) stop("no") else sigma(fit)
  expect_warning(found <- bootstrap(fit, FUN = fussy, nsim = 30, seed = 1), class = "mixest_bootstrap_failed")
  all <- bootstrap(fit, FUN = sigma, nsim = 30, seed = 1)
  expect_identical(is.na(found$t), all$t > 1.45)
  expect_identical(found$status == "FUN_failed", drop(all$t > 1.45))
  expect_output(print(found), "failed")
  expect_false(anyNA(confint(found)))
})

test_that("what can't be done is an error of the user's call", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  small <- update(fit, control = lmm_control(keep_data = FALSE))
  expect_error(bootstrap(small, FUN = fitted), "no rows", class = "mixest_input")
  expect_error(bootstrap(fit, progress = "a"), "progress", class = "mixest_input")
  expect_error(bootstrap(fit, FUN = function(fit) "a"), "numeric", class = "mixest_input")
  expect_error(bootstrap(fit, FUN = 1), class = "mixest_input")
  expect_error(bootstrap(fit, type = "rows"), class = "mixest_input")
  expect_error(bootstrap(fit, nsim = 0), class = "mixest_input")
  expect_error(bootstrap(fit, seed = -1), class = "mixest_input")
  expect_error(bootstrap(lm(distance ~ age, nlme::Orthodont)), class = "mixest_input")
  unfinished <- fit
  unfinished$certificate$status <- "max_iterations"
  expect_error(bootstrap(unfinished), class = "mixest_not_converged")
})

test_that("with several grouping factors replicates are repeatable and spread as the standard errors say", {
  fit <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  set.seed(3)
  before <- .Random.seed
  replicates <- bootstrap(fit, nsim = 200, seed = 7)
  expect_identical(.Random.seed, before)
  expect_identical(bootstrap(fit, nsim = 3, seed = 7)$t, replicates$t[1:3, ])
  expect_identical(
    names(replicates$t0), c("(Intercept)", "nitro", "sigma", "sd_(Intercept)|Variety:Block", "sd_(Intercept)|Block")
  )
  expect_true(all(replicates$status == "converged"))
  # means and standard deviations of 200 replicates to four standard errors
  spread <- apply(replicates$t[, 1:2], 2, sd)
  expect_close(colMeans(replicates$t[, 1:2]), fixef(fit), 4 / sqrt(200), scale = standard_errors(fit))
  expect_close(spread / standard_errors(fit), c(1, 1), 4 / sqrt(400))
  expect_close(mean(replicates$t[, "sigma"]^2) / sigma(fit)^2, 1, 4 * sqrt(2 / 53 / 200))
  own <- bootstrap(fit, FUN = function(fit) VarCorr(fit)$Block[1L], nsim = 3, seed = 7)
  expect_close_relative(own$t, replicates$t[1:3, 5]^2, 1e-12)
  lean <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats, control = lmm_control(keep_data = FALSE, threads = 2))
  expect_identical(bootstrap(lean, nsim = 3, seed = 7)$t, replicates$t[1:3, ])
})

test_that("two seeds share no replicate, and R's kind of generator is nothing to them", {
  fit <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  one <- bootstrap(fit, nsim = 6, seed = 1)$t
  expect_false(any(one[, 1L] %in% bootstrap(fit, nsim = 6, seed = 2)$t[, 1L]))
  kind <- RNGkind("Wichmann-Hill", "Box-Muller")
  on.exit(do.call(RNGkind, as.list(kind)))
  expect_identical(bootstrap(fit, nsim = 6, seed = 1)$t, one)
})

test_that("rows of weight zero are rows that are not there", {
  rows <- transform(as.data.frame(nlme::Oats), w = as.numeric(Block != "III" & !(Variety == "Victory" & nitro == 0.2)))
  for (formula in list(yield ~ nitro + offset(nitro) + (1 | Block / Variety), yield ~ nitro + (1 | Block))) {
    weighted <- lmm(formula, rows, weights = w)
    there <- lmm(formula, rows[rows$w > 0, ])
    expect_equal(bootstrap(weighted, nsim = 4, seed = 1)$t, bootstrap(there, nsim = 4, seed = 1)$t, tolerance = 1e-7)
  }
  sizes <- bootstrap(weighted, FUN = nobs, nsim = 40, type = "cases", seed = 1)
  expect_true(all(sizes$t == 5 * 11))
})

test_that("groups of crossed or nested factors are not drawn", {
  fit <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_snapshot(error = TRUE, bootstrap(fit, type = "cases"))
})

test_that("no replicate of several factors is lost, however different the weights", {
  data <- with_seed(328, {
    data <- expand.grid(r = 1:3, h = factor(1:6), g = factor(1:7))
    n <- nrow(data)
    transform(
      data,
      x = rnorm(n), f = factor(sample(c("a", "b"), n, TRUE)), b = factor(sample(1:3, n, TRUE)), u = runif(n, -1, 1),
      e = rnorm(n), mean = rnorm(7)[g] + rnorm(6)[h]
    )
  })
  for (spread in c(0, 3, 4)) {
    data$w <- 10^(spread * data$u)
    data$y <- data$x + data$mean + data$e / sqrt(data$w)
    fit <- fit_quietly(y ~ x * f + (1 + x | g) + (1 | h) + (1 | b:g), data, weights = w)
    drawn <- bootstrap(fit, nsim = 40, seed = 1)
    expect_true(all(drawn$status == "converged"))
    # sigma is estimated by what no effect explains
    expect_close(mean(drawn$t[, "sigma"]), sigma(fit), 0.06, sigma(fit))
  }
})
