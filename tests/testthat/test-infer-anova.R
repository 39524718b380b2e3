fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)

test_that("the F table has lmerTest's columns, one row for each term", {
  table <- anova(fit)
  expect_s3_class(table, c("anova.mixest", "anova", "data.frame"), exact = TRUE)
  expect_named(table, c("Sum Sq", "Mean Sq", "NumDF", "DenDF", "F value", "Pr(>F)"))
  expect_identical(rownames(table), c("age", "Sex", "age:Sex"))
  for (term in rownames(table)) {
    expect_equal(unlist(table[term, ]), unlist(contest(fit, attr(table, "hypotheses")[[term]])), ignore_attr = TRUE)
  }
})

test_that("the last term's F is the t of its coefficient, squared", {
  expect_equal(
    anova(fit, type = "I")["age:Sex", "F value"], coef(summary(fit))["age:SexFemale", "t value"]^2, tolerance = 1e-8
  )
})

test_that("types and methods have several names", {
  expect_identical(anova(fit, type = 2), anova(fit, type = "ii"))
  expect_identical(anova(fit, type = "1"), anova(fit, type = "I"))
  expect_identical(anova(fit, ddf = "Kenward-Roger"), anova(fit, ddf = "kenward-roger"))
  expect_error(anova(fit, type = 4), class = "mixest_input")
  expect_error(anova(fit, type = c("I", "II")), class = "mixest_input")
})

test_that("without a method there are no p-values", {
  expect_named(anova(fit, ddf = "none"), c("Sum Sq", "Mean Sq", "NumDF", "F value"))
})

test_that("the heading says what was done", {
  expect_output(print(
    anova(fit, type = "II", ddf = "kenward-roger")
  ), "Type II Analysis of Variance Table with Kenward-Roger's method")
})

test_that("models without terms or without variation have a table, too", {
  expect_identical(nrow(anova(lmm(travel ~ 1 + (1 | Rail), data = nlme::Rail))), 0L)
  perfect <- suppressWarnings(lmm(y ~ x + (1 | g), data = data.frame(y = 2 * (1:12), x = 1:12, g = gl(3, 4))))
  expect_true(is.na(anova(perfect)[["F value"]]))
})

test_that("a term that the others determine has a row without a hypothesis", {
  data <- transform(nlme::Orthodont, twice = 2 * age)
  aliased <- suppressMessages(lmm(distance ~ age + twice + Sex + (1 | Subject), data = data))
  table <- anova(aliased, type = "I")
  expect_equal(table$NumDF, c(1, 0, 1))
  expect_identical(is.na(table[["F value"]]), c(FALSE, TRUE, FALSE))
  # neither can be adjusted for the other
  for (type in c("II", "III")) {
    expect_equal(anova(aliased, type = type)$NumDF, c(0, 0, 1))
    expect_output(print(anova(aliased, type = type)), "no hypothesis about `age` and `twice`")
  }
})

test_that("several fits are compared by their likelihoods", {
  small <- update(fit, . ~ . - age:Sex, REML = FALSE)
  large <- update(fit, REML = FALSE)
  table <- anova(small, large)
  expect_identical(rownames(table), c("small", "large"))
  expect_equal(table$Chisq[2], as.numeric(2 * (logLik(large) - logLik(small))))
  expect_identical(rownames(anova(small, large, model.names = c("a", "b"))), c("a", "b"))
  expect_error(anova(update(small, REML = TRUE), fit, refit = FALSE), class = "mixest_input")
})

test_that("other arguments are spoken of", {
  expect_warning(anova(fit, test = "F"), "no argument `test`", class = "mixest_argument")
  expect_error(anova(fit, "II"), class = "mixest_input")
})

test_that("lmerTest's tables are reproduced", {
  skip_if_not_installed("lmerTest")
  skip_if_not_installed("pbkrtest")
  machines <- transform(
    as.data.frame(nlme::Machines), Machine = factor(as.character(Machine))
  )[-c(1, 2, 9, 20, 33, 34, 50), ]
  precise <- lme4::lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11), calc.derivs = FALSE)
  theirs <- lmerTest::lmer(score ~ Machine + (Machine | Worker), data = machines, control = precise)
  ours <- fit_quietly(score ~ Machine + (Machine | Worker), data = machines)
  for (ddf in c("Satterthwaite", "Kenward-Roger")) {
    expected <- unlist(anova(theirs, ddf = ddf))
    expect_close(unlist(anova(ours, ddf = ddf)) / expected, rep(1, 6), 1e-3)
  }
})

test_that("marginal tests and joint tests of terms are those of the coefficients", {
  coded <- lmm(distance ~ age * Sex + (age | Subject), nlme::Orthodont)
  table <- anova(coded, type = "marginal")
  by_hand <- do.call(rbind, lapply(2:4, function(j) contest(coded, diag(4)[j, ])))
  expect_equal(as.data.frame(table), by_hand, ignore_attr = TRUE)
  expect_identical(rownames(table), c("age", "Sex", "age:Sex"))
  expect_identical(anova(coded, type = "sequential"), anova(coded, type = "I"))

  joint <- anova(coded, Terms = c("Sex", "age:Sex"), ddf = "kenward-roger")
  expect_equal(as.data.frame(joint), contest(coded, diag(4)[3:4, ], ddf = "kenward-roger"), ignore_attr = TRUE)
  expect_named(anova(coded, Terms = "Sex", ddf = "none"), c("Sum Sq", "Mean Sq", "NumDF", "F value"))
  expect_error(anova(coded, Terms = "sex"), "Terms", class = "mixest_input")
  expect_error(anova(coded, Terms = 2), "Terms", class = "mixest_input")
  expect_warning(anova(coded, L = diag(4)), "contest", class = "mixest_argument")
})

test_that("F values of marginal and joint tests are nlme's Wald tests", {
  theirs <- nlme::lme(distance ~ age * Sex, nlme::Orthodont, ~ 1 | Subject)
  ours <- lmm(distance ~ age * Sex + (1 | Subject), nlme::Orthodont)
  expect_equal(anova(ours, type = "marginal")[["F value"]], anova(theirs, type = "marginal")[["F-value"]][-1],
    tolerance = 1e-5
  )
  expect_equal(
    anova(ours, Terms = c("age", "age:Sex"))[["F value"]],
    anova(theirs, Terms = c("age", "age:Sex"))[["F-value"]], tolerance = 1e-5
  )
})
