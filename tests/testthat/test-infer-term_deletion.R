Orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age * Sex + I(age^2) + (age | Subject), Orthodont)

test_that("models with a term less are those fitted by maximum likelihood", {
  table <- drop1(fit, test = "Chisq")
  expect_identical(rownames(table), c("<none>", "I(age^2)", "age:Sex"))
  ml <- update(fit, REML = FALSE)
  smaller <- update(ml, . ~ . - age:Sex)
  expect_equal(table["<none>", "AIC"], AIC(ml), tolerance = 1e-10)
  expect_equal(table["age:Sex", "AIC"], AIC(smaller), tolerance = 1e-10)
  expect_equal(table["age:Sex", "LRT"], anova(ml, smaller)$Chisq[2L], tolerance = 1e-8)
  expect_equal(table["age:Sex", "Pr(Chi)"], anova(ml, smaller)[["Pr(>Chisq)"]][2L], tolerance = 1e-8)
  expect_named(drop1(fit, "age:Sex"), c("npar", "AIC"))
  expect_error(drop1(fit, "age"), "age", class = "mixest_input")
  expect_error(drop1(fit, test = "LRT"), class = "mixest_input")
})

test_that("F tests of single terms are lmerTest's", {
  skip_if_not_installed("lmerTest")
  table <- drop1(fit, ddf = "satterthwaite")
  peer <- drop1(as_peer(fit))
  expect_identical(dimnames(table), dimnames(peer))
  expect_close_relative(table[["F value"]], peer[["F value"]], 1e-5)
  expect_close_relative(table$DenDF, peer$DenDF, 1e-3)
  expect_equal(
    table["age:Sex", "F value"], contest(fit, as.numeric(names(fixef(fit)) == "age:SexFemale"))[["F value"]]
  )
})

test_that("without an intercept a dropped factor leaves the others coded in full", {
  oats <- lmm(yield ~ 0 + Variety + factor(nitro) + (1 | Block), nlme::Oats)
  smaller <- update(oats, . ~ . - Variety, REML = FALSE)
  expect_identical(drop1(oats, ddf = "satterthwaite")$NumDF, c(2L, 3L))
  expect_equal(drop1(oats)["Variety", "AIC"], AIC(smaller), tolerance = 1e-8)
})

test_that("the hypothesis of a smaller design is found whatever the units of its columns", {
  set.seed(1)
  X <- cbind(1, matrix(rnorm(40), 20) * rep(c(1e-4, 1e5), each = 20))
  smaller <- X %*% cbind(c(1, 0, 0), c(0, 1e4, 1e-5))
  L <- nested_contrasts(X, smaller)
  expect_identical(dim(L), c(1L, 3L))
  expect_close(L %*% cbind(c(1, 0, 0), c(0, 1e4, 1e-5)), c(0, 0), 1e-10, max(abs(L)))
  expect_null(nested_contrasts(X, cbind(rnorm(20))))
  expect_identical(nested_contrasts(X, X[, 0L]), diag(3))
})

test_that("models with a term more are found in the data", {
  small <- lmm(distance ~ age + (1 | Subject), Orthodont)
  table <- add1(small, . ~ . + Sex, test = "Chisq")
  larger <- update(small, . ~ . + Sex, REML = FALSE)
  expect_equal(table["Sex", "AIC"], AIC(larger), tolerance = 1e-10)
  expect_equal(table["Sex", "LRT"], suppressMessages(anova(small, larger))$Chisq[2L], tolerance = 1e-8)
  expect_error(add1(small), "scope", class = "mixest_input")
  expect_error(add1(small, . ~ age), class = "mixest_input")
})

test_that("extractAIC() is of the fit by maximum likelihood", {
  ml <- update(fit, REML = FALSE)
  expect_equal(extractAIC(fit), c(9, AIC(ml)))
  expect_equal(extractAIC(fit, k = log(108)), c(9, BIC(ml)))
})

test_that("step() selects by AIC and keeps the random part", {
  found <- step(fit, trace = 0)
  expect_s3_class(found, "mixest")
  expect_named(ngrps(found), "Subject")
  expect_false("I(age^2)" %in% names(fixef(found)))
  skip_if_not_installed("MASS")
  expect_identical(names(fixef(MASS::stepAIC(fit, trace = 0))), names(fixef(found)))
})
