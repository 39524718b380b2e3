data <- transform(as.data.frame(nlme::Orthodont), other = sqrt(distance) + age^2)
fits <- suppressMessages(lmm(cbind(distance, other) ~ age + (1 | Subject), data))
alone <- suppressMessages(
  lapply(list(distance = distance ~ age + (1 | Subject), other = other ~ age + (1 | Subject)), lmm, data = data)
)

test_that("a list of fits answers as its fits do", {
  for (method in list(vcov, VarCorr, ranef, anova, function(fit) confint(fit, "age", method = "Wald"))) {
    expect_equal(method(fits), lapply(alone, method), tolerance = 1e-6, ignore_attr = c("heading", "errors"))
  }
  for (method in list(sigma, deviance, nobs, AIC, BIC)) {
    expect_equal(method(fits), vapply(alone, function(fit) as.numeric(method(fit)), 0), tolerance = 1e-10,
      ignore_attr = TRUE)
  }
  for (method in list(fitted, residuals, function(fit) predict(fit, data[1:3, ], re.form = NA))) {
    expect_equal(method(fits), vapply(alone, method, method(alone[[1]])), tolerance = 1e-8)
  }
  expect_equal(fixef(fits), coef(fits))
  expect_equal(glance(fits)[["sigma"]], unname(sigma(fits)))
  expect_identical(glance(fits)[["response"]], names(fits))
  expect_equal(coef(summary(fits)$other), coef(summary(alone$other)), tolerance = 1e-6)
  expect_output(print(summary(fits)), "Response other.*Random effects")
  expect_named(predict(fits, data[1:3, ], se.fit = TRUE)$other, c("fit", "se.fit"), ignore.order = TRUE)
})

test_that("a response without a fit has its error, or NA, in its place", {
  some <- suppressWarnings(lmm(cbind(distance, flat = as.integer(Subject)) ~ 1 + (1 | Subject), data))
  expect_identical(is.na(sigma(some)), c(distance = FALSE, flat = TRUE))
  expect_s3_class(vcov(some)$flat, "mixest_degenerate")
  expect_s3_class(anova(some, some)$flat, "mixest_degenerate")
  expect_identical(nrow(glance(some)), 1L)
  expect_output(print(summary(some)), "residual variance")
})

test_that("lists of fits are compared response by response", {
  smaller <- update(fits, . ~ . - age)
  expect_equal(
    suppressMessages(anova(smaller, fits))$other$Chisq[2],
    suppressMessages(anova(smaller$other, alone$other))$Chisq[2], tolerance = 1e-8
  )
  expect_error(anova(fits, smaller[1]), "same responses", class = "mixest_input")
})

test_that("update() updates every response, and speaks once", {
  expect_s3_class(update(fits, . ~ . + Sex), "mixest_fits")
  expect_equal(
    deviance(update(fits, . ~ . + Sex, REML = FALSE))[["other"]],
    deviance(lmm(other ~ age + Sex + (1 | Subject), data, REML = FALSE)), tolerance = 1e-10
  )
  drawn <- simulate(lmm(distance ~ 1 + (1 | Subject), data), 30, seed = 1, newparams = list(theta = 0.05))
  many <- suppressMessages(refit(lmm(distance ~ 1 + (1 | Subject), data), drawn))
  said <- 0
  withCallingHandlers(update(many, REML = FALSE), message = function(m) {
    said <<- said + 1
    expect_match(conditionMessage(m), "of the 30 estimates")
    invokeRestart("muffleMessage")
  })
  expect_identical(said, 1)
})
