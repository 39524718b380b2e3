# Nested and crossed grouping factors, from formula to predictions.

# formula, and what dense_model() takes: effects and grouping factor of each term, structure, number
# of effects
designs <- list(
  nested = list(
    formula = y ~ x1 + (1 | school / class), random = list(~1, ~1), group = c(
      "class:school", "school"
    ), structures = c("us", "us"), sizes = c(1L, 1L)
  ),
  crossed = list(
    formula = y ~ x1 + (1 | school) + (1 | item), random = list(~1, ~1),
    group = c("school", "item"), structures = c("us", "us"), sizes = c(1L, 1L)
  ),
  `partially crossed` = list(
    formula = y ~ x1 + (1 | rater) + (1 | school), random = list(~1, ~1),
    group = c("rater", "school"), structures = c("us", "us"), sizes = c(1L, 1L)
  ),
  `nested with slopes at the outer level` = list(
    formula = y ~ x1 + z1 + (z1 | school) + (1 | school:class), random = list(~z1, ~1), group = c(
      "school", "school:class"
    ),
    structures = c("us", "us"), sizes = c(2L, 1L)
  ),
  `nested with slopes at the inner level` = list(
    formula = y ~ x1 + (1 | school) + (z1 | school:class), random = list(~1, ~z1), group = c("school", "school:class"),
    structures = c("us", "us"), sizes = c(1L, 2L)
  ),
  `crossed with slopes at both` = list(
    formula = y ~ x1 + (z1 | school) + (z2 | item), random = list(~z1, ~z2),
    group = c("school", "item"), structures = c("us", "us"), sizes = c(2L, 2L)
  ),
  `three levels` = list(
    formula = y ~ x1 + (1 | school / class / pupil), random = list(~1, ~1, ~1), group = c(
      "pupil:(class:school)", "class:school", "school"
    ),
    structures = rep("us", 3L), sizes = rep(1L, 3L)
  ),
  `three crossed factors` = list(
    formula = y ~ x1 + (1 | school) + (1 | item) + (1 | rater), random = list(~1, ~1, ~1), group = c(
      "school", "item", "rater"
    ),
    structures = rep("us", 3L), sizes = rep(1L, 3L)
  ),
  `nested and crossed together` = list(
    formula = y ~ x1 + z1 + (1 | school / class) + (z2 | item), random = list(~1, ~1, ~z2), group = c(
      "class:school", "school", "item"
    ),
    structures = rep("us", 3L), sizes = c(1L, 1L, 2L)
  ),
  `different structures` = list(
    formula = y ~ x1 + diag(z1 | school) + homcs(z1 + z2 | item) + (1 | school:class),
    random = list(~z1, ~ z1 + z2, ~1),
    group = c("school", "item", "school:class"), structures = c("diag", "homcs", "us"), sizes = c(2L, 3L, 1L)
  ),
  `two terms on a factor` = list(
    formula = y ~ x1 + (1 | school) + (1 | item) + (0 + z1 | school), random = list(~1, ~1, ~ 0 + z1), group = c(
      "school", "item", "school"
    ),
    structures = rep("us", 3L), sizes = rep(1L, 3L)
  )
)

fixed_part <- function(design) reformulas::nobars(design$formula)

dense_of <- function(design, data, ...) dense_model(fixed_part(design), design$random, data, group = design$group, ...)

for (name in names(designs)) {
  local({
    design <- designs[[name]]
    data <- several_factors(match(name, names(designs)))

    test_that(paste0(name, ": the criterion and its derivatives are the oracle's"), {
      for (REML in c(TRUE, FALSE)) {
        fit <- fit_quietly(design$formula, data, REML = REML)
        expect_oracle(fit, dense_of(design, data), design$structures, design$sizes, times = 2L)
      }
    })

    test_that(paste0(
      name, ": estimates, random effects and their covariances are the oracle's, with weights and offset"
    ), {
      fit <- fit_quietly(design$formula, data, weights = w, offset = o)
      model <- dense_of(design, data, weights = "w", offset = "o")
      expect_true(convergence(fit)$converged)
      expect_oracle_estimates(fit, model, psi_of_fit(fit, design$structures, design$sizes))
    })

    test_that(paste0(name, ": standard errors of predictions are the oracle's, for known and new levels"), {
      fit <- fit_quietly(design$formula, data)
      model <- dense_of(design, data)
      psi <- psi_of_fit(fit, design$structures, design$sizes)
      rows <- c(3L, 40L, 77L)
      codes <- vapply(model$groups, as.integer, integer(nrow(data)))[rows, , drop = FALSE]
      new <- data[rows, ]
      expected <- dense_error_variance(model, psi, model$X[rows, ], model$U[rows, ], codes)
      expect_close(predict(fit, new, se.fit = TRUE)$se.fit, sigma(fit) * sqrt(expected), 1e-8, scale = sigma(fit))

      new[[if ("item" %in% names(model$groups)) "item" else "school"]] <- "unseen"
      unseen <- if ("item" %in% names(model$groups)) "item" else grep("school", names(model$groups), value = TRUE)
      codes[, unseen] <- NA
      expected <- dense_error_variance(model, psi, model$X[rows, ], model$U[rows, ], codes)
      expect_close(predict(
        fit, new, se.fit = TRUE, allow.new.levels = TRUE
      )$se.fit, sigma(fit) * sqrt(expected), 1e-8, scale = sigma(fit))
    })
  })
}

test_that("groups that meet few of many outer levels have the oracle's value and derivatives, summed one by one", {
  data <- with_seed(41, {
    n <- 900L
    data.frame(
      y = rnorm(n), x = rnorm(n), z = rnorm(n), student = sample.int(450L, n, TRUE),
      lecturer = sample.int(140L, n, TRUE)
    )
  })
  fit <- fit_quietly(y ~ x + (z | student) + (1 | lecturer), data)
  model <- dense_model(y ~ x, list(~z, ~1), data, group = c("student", "lecturer"))
  f <- devfun(fit)
  # Regular, close to zero and at zero: three ways to the same matrices in the core.
  for (lecturers in c(0.8, 1e-3, 0)) {
    theta <- c(0.7, -0.2, 0.4, lecturers)
    oracle <- dense_criterion(model, block_diagonal(list(psi_of(theta[1:3], "us", 2L), matrix(lecturers^2))))
    at <- f(theta, deriv = 2)
    expect_close(at, oracle, 1e-11, scale = abs(oracle))
    expect_close(attr(at, "gradient"), numeric_gradient(f, theta, 1e-2), 1e-6, scale = max(abs(attr(at, "gradient"))))
    rows <- vapply(1:4, function(j) numeric_gradient(
      function(theta) attr(f(theta, deriv = 1), "gradient")[j], theta, 1e-2
    ), numeric(4L))
    expect_close(attr(at, "hessian"), rows, 1e-6, scale = max(abs(rows)))
  }
})

test_that("at the optimum the oracle's gradient vanishes and its Hessian is positive definite", {
  for (design in designs[c("nested", "partially crossed", "nested and crossed together")]) {
    data <- several_factors(30, n = 150L)
    fit <- fit_quietly(design$formula, data)
    expect_false(isSingular(fit))
    term <- rep(seq_along(design$sizes), mapply(n_parameters_of, design$structures, design$sizes))
    model <- dense_of(design, data)
    oracle <- function(theta) dense_criterion(
      model, block_diagonal(Map(psi_of, split(theta, term), design$structures, design$sizes))
    )
    theta <- unname(getME(fit, "theta"))
    expect_close(numeric_gradient(oracle, theta), rep(0, length(theta)), 1e-6)
    expect_gt(min(eigen(numeric_hessian(oracle, theta), symmetric = TRUE)$values), 0)
  }
})

test_that("a variance that the data don't support is zero, and its gradient points outwards", {
  data <- several_factors(31)
  data$noise <- with_seed(31, factor(sample(9L, nrow(data), replace = TRUE)))
  fit <- fit_quietly(y ~ x1 + (1 | school) + (1 | noise), data)
  expect_true(convergence(fit)$converged)
  model <- dense_model(y ~ x1, list(~1, ~1), data, group = c("school", "noise"))
  psi <- psi_of_fit(fit, c("us", "us"), c(1L, 1L))
  expect_oracle_estimates(fit, model, psi)
  slope <- slope_along(
    function(variance) dense_criterion(model, diag(c(psi[1L, 1L], variance))), psi[2L, 2L], 1, step = 1e-4
  )
  if (isSingular(fit)) expect_gt(slope, 0) else expect_close(slope, 0, 1e-5)
})

# Inference: the covariance parameters are the entries of the blocks of D.

block_directions <- function(sizes) {
  directions <- unit_directions(sum(sizes))
  block <- rep(seq_along(sizes), sizes)
  Filter(function(E) all(block[row(E)[E != 0]] == block[col(E)[E != 0]]), directions)
}

for (name in c("nested with slopes at the outer level", "crossed", "nested and crossed together")) {
  local({
    design <- designs[[name]]
    data <- several_factors(35, n = 150L)

    test_that(paste0(name, ": Satterthwaite's and Kenward-Roger's methods agree with their definitions"), {
      fit <- lmm(design$formula, data, weights = w)
      expect_false(isSingular(fit))
      p <- length(fixef(fit))
      dense <- dense_small_sample(dense_of(
        design, data, weights = "w"
      ), unname(getME(fit, "D")), sigma(fit), directions = block_directions(design$sizes))
      expect_close(
        df_for(fit, diag(p), joint = FALSE) / apply(diag(p), 1, dense_satterthwaite, dense = dense), rep(1, p), 1e-6
      )
      for (information in c("expected", "observed")) {
        adjusted <- dense_kenward_roger(dense, diag(p), information)
        expect_close(
          contest(fit, diag(p), ddf = "kenward-roger", information = information)$DenDF / adjusted$df, 1, 1e-6
        )
      }
      expect_close_relative(vcov(fit, type = "kenward-roger"), dense_kenward_roger(dense, diag(p))$vcov, 1e-7)
    })

    test_that(paste0(name, ": the joint information is half of the Hessian of the dense criterion"), {
      fit <- lmm(design$formula, data, REML = FALSE)
      term <- rep(seq_along(design$sizes), mapply(n_parameters_of, design$structures, design$sizes))
      d <- length(term)
      model <- dense_of(design, data)
      criterion <- function(x) {
        psi <- block_diagonal(Map(psi_of, split(x[seq_len(d)], term), design$structures, design$sizes))
        dense_criterion(model, psi, FALSE, exp(x[d + 1L]))
      }
      expected <- numeric_hessian(criterion, c(fit$theta, log(fit$sigma)), step = 0.02) / 2
      expect_close_relative(
        solve(cpp_variance_information(fit$stats, fit$random$terms, FALSE, fit$theta)$covariance), expected, 1e-6
      )
    })
  })
}

test_that("at the ends of profile intervals the deviance has risen by the cutoff", {
  data <- several_factors(30, n = 150L)
  fit <- lmm(y ~ x1 + (1 | school / class), data, REML = FALSE)
  model <- dense_of(designs$nested, data)
  ci <- confint(fit, 1:2, level = 0.9)
  for (i in 1:2) for (value in ci[i, ci[i, ] > 0]) {
    held <- function(x) {
      variances <- exp(2 * x[1L])
      psi <- diag(append(exp(2 * x[2L]), value^2 / variances, i - 1L))
      dense_criterion(model, psi, FALSE, sqrt(variances))
    }
    lowest <- nlminb(log(c(sigma(fit), 1)), held, control = list(rel.tol = 1e-12))$objective
    expect_close(lowest - deviance(fit), qchisq(0.9, 1), 1e-5)
  }
})

# Spelling and order.

expect_same_fit <- function(fit, other, tolerance = 1e-9) {
  expect_close(deviance(fit), deviance(other), tolerance, scale = max(1, abs(deviance(other))))
  expect_close(fixef(fit), fixef(other), 1e-7, scale = standard_errors(other))
  expect_close_relative(vcov(fit), vcov(other), 1e-6)
  expect_close_relative(sigma(fit), sigma(other), 1e-7)
  expect_close(fitted(fit), fitted(other), 1e-6, scale = sigma(other))
}

test_that("a/b is a + a:b, and the same as b alone when its labels are not used again in another a", {
  data <- several_factors(32)
  data$own <- paste(data$school, data$class)
  fit <- lmm(y ~ x1 + (1 | school / class), data)
  expect_named(ranef(fit), c("class:school", "school"))
  expect_named(VarCorr(fit), c("class:school", "school"))
  expect_identical(ngrps(fit), c(`class:school` = length(unique(data$own)), school = 7L))
  expect_same_fit(fit, lmm(y ~ x1 + (1 | school) + (1 | school:class), data))
  expect_same_fit(fit, lmm(y ~ x1 + (1 | school) + (1 | own), data))
  expect_same_fit(fit, lmm(y ~ x1 + (1 | own) + (1 | school), data))
})

test_that("without the slash a label is one level, whatever it is beside", {
  data <- several_factors(33)
  fit <- fit_quietly(y ~ x1 + (1 | school) + (1 | class), data)
  expect_identical(ngrps(fit), c(school = 7L, class = 3L))
  expect_null(fit$random$nested)
})

test_that("rows, labels and the order of terms don't matter", {
  for (formula in c(y ~ x1 + (1 | school / class) + (z2 | item), y ~ x1 + (z1 | rater) + (1 | school))) {
    data <- several_factors(34)
    fit <- lmm(formula, data)
    shuffled <- with_seed(1, sample(nrow(data)))
    permuted <- lmm(formula, data[shuffled, ])
    expect_close(deviance(permuted), deviance(fit), 1e-9)
    expect_close(fitted(permuted), fitted(fit)[shuffled], 1e-6, scale = sigma(fit))
    renamed <- transform(data, school = chartr("1234567", "5274163", school), rater = 100 - rater, item = factor(
      item, levels = rev(levels(item))
    ))
    expect_same_fit(lmm(formula, renamed), fit)
  }
  reversed <- lmm(y ~ x1 + (z2 | item) + (1 | school / class), several_factors(34))
  expect_same_fit(reversed, lmm(y ~ x1 + (1 | school / class) + (z2 | item), several_factors(34)))
  expect_named(ranef(reversed), c("item", "class:school", "school"))
})

test_that("weights count as replications, rows of weight zero as none", {
  data <- several_factors(35)
  data$w <- rep(1:2, length.out = nrow(data))
  formula <- y ~ x1 + (1 | school / class) + (1 | item)
  psi <- diag(c(0.7, 1.3, 0.4))
  theta <- sqrt(diag(psi))
  weighted <- lmm(formula, data, weights = w, REML = FALSE)
  expect_close(devfun(weighted)(theta), dense_criterion(
    dense_model(y ~ x1, list(~1, ~1, ~1), data, c("class:school", "school", "item"), "w"), psi, FALSE
  ), 1e-8)
  data$w <- as.numeric(seq_len(nrow(data)) %% 9 > 0)
  with_zeros <- lmm(formula, data, weights = w)
  without <- lmm(formula, data[data$w > 0, ])
  expect_close(deviance(with_zeros), deviance(without), 1e-9)
  expect_close_relative(vcov(with_zeros), vcov(without), 1e-7)
  expect_close(fitted(with_zeros)[data$w > 0], fitted(without), 1e-7, scale = sigma(without))
})

test_that("any number of threads gives the same bits", {
  data <- several_factors(36)
  formula <- y ~ x1 + (z1 | school / class) + (1 | item)
  one <- fit_quietly(formula, data, control = lmm_control(threads = 1L))
  two <- fit_quietly(formula, data, control = lmm_control(threads = 2L))
  same <- c("theta", "sigma", "deviance", "coefficients", "beta_factor", "lambda")
  expect_identical(unclass(one)[same], unclass(two)[same])
})

# Other software.

expect_agrees_with_lme4 <- function(formula, data, REML, tolerance = 1e-4) {
  fit <- fit_quietly(formula, data, REML = REML)
  control <- lme4::lmerControl(optCtrl = list(xtol_abs = 1e-9, ftol_abs = 1e-9))
  merMod <- suppressMessages(lme4::lmer(formula, data, REML = REML, control = control))
  theirs <- if (REML) lme4::REMLcrit(merMod) else -2 * as.numeric(logLik(merMod))
  expect_close(deviance(fit), theirs, 1e-5)
  expect_close(fixef(fit), lme4::fixef(merMod), tolerance, scale = standard_errors(fit))
  expect_close(standard_errors(fit), sqrt(diag(as.matrix(vcov(merMod)))), tolerance, scale = standard_errors(fit))
  expect_close_relative(sigma(fit), sigma(merMod), tolerance)
  expect_close(fitted(fit), fitted(merMod), 10 * tolerance, scale = sigma(fit))
  ours <- as.data.frame(ranef(fit))
  theirs <- as.data.frame(lme4::ranef(merMod))
  at <- match(paste(ours$grpvar, ours$grp, ours$term), paste(theirs$grpvar, theirs$grp, theirs$term))
  expect_close(ours$condval, theirs$condval[at], 10 * tolerance, scale = sigma(fit))
  expect_close(ours$condsd, theirs$condsd[at], 10 * tolerance, scale = sigma(fit))
  expect_close(hatvalues(fit), hatvalues(merMod), 10 * tolerance)
}

test_that("the deviance of InstEval, 1128 crossed effects beside 2972, is the one that lme4 finds", {
  skip_if_not_installed("lme4")
  fit <- lmm(y ~ 1 + (1 | s) + (1 | d), lme4::InstEval, REML = FALSE)
  expect_close(deviance(fit), 237777.72598, 1e-4)
  expect_true(convergence(fit)$converged)
  # departments are combinations of lecturers
  fit <- lmm(y ~ service * dept + (1 | s) + (1 | d), lme4::InstEval)
  expect_close(deviance(fit), 237688.733511, 1e-5)
  expect_true(convergence(fit)$converged)
})

test_that("Pastes, Penicillin and a sample of InstEval agree with lme4", {
  skip_if_not_installed("lme4")
  expect_agrees_with_lme4(strength ~ 1 + (1 | batch / cask), lme4::Pastes, TRUE)
  expect_agrees_with_lme4(strength ~ 1 + (1 | sample) + (1 | batch), lme4::Pastes, FALSE)
  expect_agrees_with_lme4(diameter ~ 1 + (1 | plate) + (1 | sample), lme4::Penicillin, FALSE)
  sample_of <- with_seed(5, lme4::InstEval[sample(nrow(lme4::InstEval), 3000L), ])
  expect_agrees_with_lme4(y ~ service + (1 | s) + (1 | d) + (1 | dept), sample_of, TRUE)
})

test_that("nested factors are certified with outer standard deviations of thousands of sigma", {
  # Balanced: the REML estimates are those of the mean squares, when these decrease inwards.
  layout <- expand.grid(r = 1:4, b = 1:5, a = 1:8)
  layout <- data.frame(a = factor(layout$a), b = factor(paste(layout$a, layout$b)), row = seq_len(160))
  for (ratio in c(1e3, 1e4)) for (seed in 1:6) {
    data <- with_seed(seed, transform(layout, y = ratio * rnorm(8)[a] + 2 * rnorm(40)[b] + rnorm(160)))
    means_b <- ave(data$y, data$b)
    means_a <- ave(data$y, data$a)
    s2 <- sum((data$y - means_b)^2) / 120
    ms_b <- sum((means_b - means_a)^2) / 32
    ms_a <- sum((means_a - mean(data$y))^2) / 7
    fit <- fit_quietly(y ~ 1 + (1 | a) + (1 | b), data)
    expect_identical(convergence(fit)$status, "converged")
    variances <- vapply(VarCorr(fit)[c("a", "b")], function(D) D[1, 1], 0)
    right <- c((ms_a - ms_b) / 20, (ms_b - s2) / 4, s2)
    expect_close(c(variances, sigma(fit)^2), right, 1e-6, c(ms_a / 20, ms_b / 4, s2))
    expect_close(vcov(fit)[1, 1], ms_a / 160, 1e-8, ms_a / 160)
  }
  expect_true(all(is.finite(confint(fit, c("sigma", "sd_(Intercept)|b")))))
})
