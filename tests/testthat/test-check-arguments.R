fit <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont)

test_that("misuse of an argument is an error that names it", {
  L <- c(0, 1, 0)
  misuses <- alist(
    joint = contest(fit, L, joint = NA), joint = contest(fit, L, joint = "no"),
    confint = contest(fit, L, confint = "no"),
    L = contest(fit), L = df_for(fit), joint = df_for(fit, L, joint = c(TRUE, FALSE)), name = getME(fit),
    theta = devfun(fit)(), exact = ranova(fit, exact = NA), reduce.terms = ranova(fit, reduce.terms = "a"),
    seed = ranova(fit, seed = "a"), refit = anova(fit, fit, refit = "no"),
    model.names = anova(fit, fit, model.names = "a"),
    seed = bootstrap(fit, seed = 1.5), nsim = bootstrap(fit, nsim = 2.5), nsim = bootstrap(fit, nsim = 0),
    progress = bootstrap(fit, progress = "a"), at = icc(fit, at = data.frame(age = numeric())),
    parm = confint(fit, 1.5), parm = confint(fit, 99), parm = confint(fit, c(-1, 1)), level = confint(fit, level = NA),
    nsim = simulate(fit, nsim = 0), nsim = simulate(fit, nsim = -1), nsim = simulate(fit, nsim = "a"),
    seed = simulate(fit, seed = "a"), scaled = residuals(fit, scaled = "a"), conf.int = tidy(fit, conf.int = "a"),
    evaluate = update(fit, evaluate = "a")
  )
  for (i in seq_along(misuses)) {
    said <- tryCatch(eval(misuses[[i]]), error = identity)
    expect_s3_class(said, "mixest_input")
    expect_match(conditionMessage(said), paste0("`", names(misuses)[i], "`"), info = deparse1(misuses[[i]]))
  }
})

test_that("what was given is shown", {
  expect_error(bootstrap(fit, nsim = 0), "It is 0", class = "mixest_input")
  expect_error(confint(fit, level = 95), "It is 95", class = "mixest_input")
})

test_that("parameters are chosen by number as elements are", {
  whole <- confint(fit, method = "Wald")
  expect_identical(confint(fit, c(2, 5), method = "Wald"), whole[c(2, 5), ])
  expect_identical(confint(fit, -1, method = "Wald"), whole[-1, ])
})
