fit <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont)

test_that("other packages find what they look for", {
  expect_equal(as.character(attr(fit, "cluster")), as.character(nlme::Orthodont$Subject))
  expect_equal(fit$rank, 3L)
  expect_equal(fit$df.residual, 108 - 3 - 4)
  expect_equal(fit$xlevels, list(Sex = c("Male", "Female")))
  expect_named(fit$coefficients, c("(Intercept)", "age", "SexFemale"))
  expect_equal(rownames(fit$beta_factor), names(fit$coefficients))
  expect_identical(fit$call$formula, quote(distance ~ age + Sex + (age | Subject)))
})

test_that("no element is taken for another by partial matching", {
  reserved <- c("model", "weights", "data", "family")
  expect_false(any(vapply(reserved, function(name) any(startsWith(names(fit), name)), NA)))
})

test_that("a term knows its columns of U and its group", {
  several <- suppressMessages(lmm(distance ~ age + (1 | Subject) + (0 + age | Subject), nlme::Orthodont))
  expect_equal(lapply(several$random$terms, `[[`, "columns"), list(1L, 2L))
  expect_equal(vapply(several$random$terms, `[[`, "", "label"), c("Subject", "Subject.1"))
  expect_equal(several$random$groups, list(Subject = levels(nlme::Orthodont$Subject)))
})

test_that("the fit carries no environment but that of its formula and the package's", {
  small <- function() {
    d <- as.data.frame(nlme::Orthodont)
    lmm(distance ~ age + (poly(age, 2) | Subject), d, weights = rep(1, 108))
  }
  large <- function() {
    ballast <- rnorm(1e6)
    formula <- distance ~ age + (poly(age, 2) | Subject)
    environment(formula) <- globalenv()
    lmm(formula, as.data.frame(nlme::Orthodont))
  }
  expect_lt(length(serialize(suppressWarnings(suppressMessages(large())), NULL)), 2e5)
  environments <- function(x) {
    own <- c(attr(x, ".Environment"), if (is.environment(x)) x, if (inherits(x, "formula")) environment(x))
    inside <- if (is.list(x)) lapply(x, environments)
    unique(c(own, unlist(inside, recursive = TRUE), unlist(
      lapply(attributes(x)[setdiff(names(attributes(x)), "names")], environments)
    )))
  }
  from_function <- suppressWarnings(suppressMessages(small()))
  found <- environments(unclass(from_function))
  allowed <- list(environment(from_function$formula), asNamespace("mixest"))
  expect_true(all(vapply(found, function(one) Position(function(x) identical(x, one), allowed, nomatch = 0L) > 0L, NA)))
})

test_that("a fit survives saving", {
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(fit, file)
  restored <- readRDS(file)
  estimates <- c("coefficients", "theta", "sigma", "deviance", "lambda", "stats", "certificate")
  expect_identical(restored[estimates], fit[estimates])
  expect_equal(predict(restored, nlme::Orthodont[5:1, ]), predict(fit, nlme::Orthodont[5:1, ]))
})

test_that("the rows can be left out", {
  light <- lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_null(light$frame)
  expect_equal(light$coefficients, fit$coefficients)
})

test_that("a fit of another format is refused, with what to do, wherever it enters", {
  for (format in list(NULL, 0L)) {
    old <- fit
    old$format <- format
    doors <- list(print, summary, predict, anova, confint, refit, update, VarCorr, bootstrap, df_for)
    for (enter in doors) expect_error(enter(old), "Fit again", class = "mixest_format")
  }
})

test_that("a fit that comes from elsewhere loads the package: methods are there", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  file <- tempfile(fileext = ".rds")
  saveRDS(fit, file)
  script <- sprintf(
    ".libPaths(%s); fit <- readRDS('%s'); print(fit); cat(isNamespaceLoaded('mixest'), predict(fit)[[1]])",
    deparse1(.libPaths()), file
  )
  printed <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", "-e", shQuote(script)), stdout = TRUE)
  expect_lt(length(printed), 25L)
  expect_true("A fit of package mixest: library(mixest) attaches its functions." %in% printed)
  expect_identical(printed[length(printed)], paste("TRUE", format(predict(fit)[[1L]], digits = 7)))
})

test_that("worker processes have methods for a fit that they are given", {
  skip_on_cran()
  cluster <- parallel::makePSOCKcluster(1L)
  withr::defer(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  found <- parallel::clusterApply(cluster, list(fit), function(fit) stats::predict(fit))
  expect_identical(found[[1L]], predict(fit))
})
