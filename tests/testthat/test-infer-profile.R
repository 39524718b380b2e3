fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
profiled <- profile(fit)

test_that("profile() is a data frame of increasing points through the estimate", {
  expect_s3_class(profiled, c("mixest_profile", "data.frame"), exact = TRUE)
  expect_named(profiled, c(".par", "value", ".zeta"))
  expect_identical(levels(profiled$.par), rownames(confint(fit)))
  ml <- update(fit, REML = FALSE)
  estimates <- c(variance_estimates(ml), fixef(ml))
  for (name in levels(profiled$.par)) {
    points <- profiled[profiled$.par == name, ]
    expect_false(is.unsorted(points$value))
    expect_true(all(diff(points$.zeta) > -1e-6))
    expect_equal(points$value[points$.zeta == 0], estimates[[name]], tolerance = 1e-6)
  }
})

test_that("zeta is the root of the rise of the deviance", {
  points <- profiled[profiled$.par == "age", ]
  for (i in c(2L, nrow(points) - 1L)) {
    held <- lmm(distance - points$value[i] * age ~ 1 + (age | Subject), nlme::Orthodont, REML = FALSE)
    expect_equal(deviance(held) - deviance(update(fit, REML = FALSE)), points$.zeta[i]^2, tolerance = 1e-6)
  }
})

test_that("a profile reaches the zeta that was asked for, or the limit of its parameter", {
  wide <- profile(fit, which = "age", alphamax = 1e-4)
  expect_gte(max(wide$.zeta), qnorm(1 - 1e-4 / 2))
  bounded <- profile(fit_quietly(
    y ~ x1 + (z1 | g), random_data(303L, m = 8L, sizes = 2:6, Psi = 0 * diag(2))
  ), which = "cor_z1.(Intercept)|g")
  expect_equal(range(bounded$value), c(-1, 1))
})

test_that("confint() of a profile is that of the fit", {
  expect_identical(confint(profiled), confint(fit))
  expect_identical(confint(profiled, "age", level = 0.8), confint(fit, "age", level = 0.8))
  expect_error(confint(profiled, "agee"), class = "mixest_input")
})

test_that("plot() draws a panel for each parameter and print() a summary", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_identical(plot(profiled), profiled)
  expect_output(print(profiled), "Likelihood profiles of 6 parameters, to level 99 %")
})

test_that("a profile can be saved and holds no rows", {
  expect_null(attr(profiled, "start")$frame)
  expect_identical(confint(unserialize(serialize(profiled, NULL))), confint(profiled))
})

test_that("the profile of a variance is that of the standard deviation", {
  fit <- lmm(distance ~ age + (age || Subject), nlme::Orthodont)
  sds <- profile(fit)
  variances <- profile(fit, prof.scale = "varcov")
  expect_identical(levels(variances$.par), sub("^sd", "var", levels(sds$.par)))
  is_fixed <- sds$.par %in% names(fixef(fit))
  expect_equal(variances$value, ifelse(is_fixed, sds$value, sds$value^2))
  expect_identical(variances$.zeta, sds$.zeta)
  expect_equal(unname(confint(variances)[1:3, ]), unname(confint(sds)[1:3, ])^2)
  expect_equal(confint(variances, "age"), confint(sds, "age"))

  correlated <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  expect_error(profile(correlated, prof.scale = "varcov"), "cor_age", class = "mixest_input")
  expect_equal(
    unname(confint(profile(correlated, "sd_age|Subject", prof.scale = "varcov"))),
    unname(confint(correlated, "sd_age|Subject"))^2
  )
  expect_error(profile(fit, prof.scale = "sd"), "prof.scale", class = "mixest_input")
})
