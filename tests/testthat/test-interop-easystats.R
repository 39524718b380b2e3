fits <- lapply(c(slopes = "slopes", nested = "nested"), interop_fit)

test_that("insight finds the parts of a model", {
  skip_without("insight", "lmerTest", "reformulas")
  for (fit in fits) {
    peer <- as_peer(fit)
    text <- function(formulas) vapply(unlist(formulas), deparse1, "")
    expect_identical(text(insight::find_formula(fit)), text(insight::find_formula(peer)))
    expect_identical(insight::find_random(fit), insight::find_random(peer))
    expect_identical(insight::find_predictors(fit), insight::find_predictors(peer))
    expect_true(insight::is_mixed_model(fit))
    expect_columns(insight::get_parameters(fit), insight::get_parameters(peer), c("Parameter", "Estimate"))
    expect_columns(insight::get_statistic(fit), insight::get_statistic(peer), c("Parameter", "Statistic"))
    parts <- lapply(list(fit, peer), function(f) unlist(lapply(insight::get_variance(f), as.numeric)))
    expect_equal(parts[[1L]], parts[[2L]], tolerance = 1e-6)
    expect_equal(insight::get_deviance(fit), deviance(peer, REML = FALSE), tolerance = 1e-6)
  }
})

test_that("degrees of freedom are ours, for coefficients and for rows", {
  skip_without("insight")
  fit <- fits$nested
  expect_equal(insight::get_df(fit), df.residual(fit))
  expect_equal(unname(insight::get_df(fit, type = "satterthwaite")), unname(coef(summary(fit))[, "df"]))
  expect_identical(insight::get_df(fit, type = "normal"), Inf)
  rows <- as.data.frame(nlme::Oats)[1:3, ]
  X <- model.matrix(fit, data = rows)
  expect_equal(
    unname(insight::get_df(fit, type = "kenward", df_per_obs = TRUE, data = rows)),
    df_for(fit, X, "kenward-roger", joint = FALSE)
  )
  expect_error(insight::get_df(fit, type = "containment"), class = "mixest_input")
})

test_that("the data are those of the fit, whatever has become of the original", {
  skip_without("insight")
  rows <- as.data.frame(nlme::Orthodont)
  fit <- lmm(log(distance) ~ age + (1 | Subject), rows, subset = age > 8)
  expect_silent(known <- insight::get_data(fit))
  expect_true(all(c("age", "Subject", "distance") %in% names(known)))
  expect_identical(nrow(known), 81L)
  rows <- NULL
  expect_identical(nrow(insight::get_data(fit)), 81L)
  expect_false("Subject" %in% names(insight::get_data(fit, effects = "fixed")))
})

test_that("parameters has the tables of lmer's fits", {
  skip_without("parameters", "lmerTest", "reformulas")
  open <- is.function(asNamespace("insight")[["find_statistic.default"]])
  skip_if_not(open, "a version of insight that asks methods for the kind of statistic")
  fit <- fits$nested
  peer <- as_peer(fit)
  columns <- c("Parameter", "Coefficient", "SE", "CI_low", "CI_high", "t", "df_error", "p")
  for (method in c("residual", "satterthwaite", "kenward")) {
    own <- parameters::model_parameters(fit, effects = "fixed", ci_method = method)
    other <- parameters::model_parameters(peer, effects = "fixed", ci_method = method)
    expect_columns(own, other, columns, 1e-3)
  }
  own <- suppressWarnings(parameters::model_parameters(fit, ci_random = FALSE))
  other <- suppressWarnings(parameters::model_parameters(peer, ci_random = FALSE))
  expect_columns(own, other, c("Coefficient", "Parameter", "Group"), 1e-5)
})

test_that("R2, ICC and information criteria are those of lmer's fits", {
  skip_without("performance", "lmerTest", "reformulas")
  for (fit in fits) {
    peer <- as_peer(fit)
    expect_equal(unlist(performance::r2(fit))[1:2], unlist(performance::r2(peer))[1:2], tolerance = 1e-6)
    expect_equal(unlist(performance::icc(fit))[1:2], unlist(performance::icc(peer))[1:2], tolerance = 1e-6)
    expect_equal(performance::performance_aicc(fit), performance::performance_aicc(peer), tolerance = 1e-6)
    expect_false(as.logical(performance::check_singularity(fit)))
    expect_true(as.logical(performance::check_convergence(fit)))
  }
  expect_equal(performance::performance_aic(fit), AIC(fit))
})

test_that("profile and bootstrap intervals are those of confint()", {
  skip_without("parameters")
  fit <- fits$nested
  own <- parameters::ci(fit, method = "profile")
  expect_equal(own$CI_low, unname(confint(fit, "beta_")[, 1L]))
  own <- parameters::ci(fit, method = "boot", iterations = 20)
  expect_identical(own$Parameter, names(fixef(fit)))
  expect_true(all(own$CI_low < own$CI_high))
})
