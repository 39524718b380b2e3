# A fit is plain data: it can be saved, sent to other processes and made anywhere; and R stays
# usable whatever stops a fit.

fresh_session <- function(code, ...) {
  script <- tempfile(fileext = ".R")
  on.exit(unlink(script))
  libraries <- sprintf(".libPaths(c(%s))", paste(encodeString(.libPaths(), quote = "\""), collapse = ", "))
  writeLines(c(libraries, code), script)
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(c(script, ...))), stdout = TRUE, stderr = TRUE)
}

orthodont <- as.data.frame(nlme::Orthodont)

test_that("a fit is the same in a session that has never seen its data", {
  skip_on_cran()
  fit <- local({
    data <- orthodont
    centre <- 11
    lmm(distance ~ poly(age, 2) + Sex + (I(age - centre) | Subject), data, weights = rep(1:2, 54))
  })
  file <- tempfile(fileext = ".rds")
  answers <- tempfile(fileext = ".rds")
  on.exit(unlink(c(file, answers)))
  saveRDS(fit, file)
  said <- fresh_session(c(
    "suppressPackageStartupMessages(library(mixest))",
    "files <- commandArgs(TRUE)",
    "fit <- readRDS(files[1])",
    "invisible(capture.output(print(fit), print(summary(fit))))",
    "new <- as.data.frame(nlme::Orthodont)[c(3, 77), ]",
    "refitted <- refit(fit, simulate(fit, seed = 1))",
    "saveRDS(list(vcov = vcov(fit), ranef = as.data.frame(ranef(fit)),",
    "  predict = predict(fit, new, se.fit = TRUE), fitted = fitted(fit),",
    "  devfun = devfun(fit)(getME(fit, 'theta'), deriv = 2), refit = deviance(refitted)), files[2])"
  ), file, answers)
  expect_identical(said, character())
  new <- orthodont[c(3, 77), ]
  expect_equal(readRDS(answers), list(
    vcov = vcov(fit), ranef = as.data.frame(ranef(fit)), predict = predict(fit, new, se.fit = TRUE),
    fitted = fitted(fit),
    devfun = devfun(fit)(getME(fit, "theta"), deriv = 2), refit = deviance(refit(fit, simulate(fit, seed = 1)))
  ))
})

test_that("a saved fit carries what lm() carries: the environment of its formula", {
  formula <- distance ~ age + (age | Subject)
  environment(formula) <- globalenv()
  from_function <- function() {
    large <- rnorm(1e6)
    lmm(formula, orthodont, subset = distance > 0, weights = rep(1, 108), offset = rep(0, 108))
  }
  size <- function(fit) length(serialize(fit, NULL))
  expect_lt(size(from_function()), 1.01 * size(
    lmm(formula, orthodont, subset = distance > 0, weights = rep(1, 108), offset = rep(0, 108))
  ))
  expect_lt(size(summary(from_function())), 1e5)
  rows <- nrow(orthodont) * (ncol(from_function()$frame) + 1)
  expect_lt(size(from_function()), 8 * rows + 4e4)

  local_formula <- function() {
    large <- rnorm(1e6)
    list(lmm = lmm(distance ~ age + (age | Subject), orthodont), lm = lm(distance ~ age, orthodont))
  }
  fits <- local_formula()
  expect_lt(size(fits$lmm), size(fits$lm) + 1e5)
})

test_that("without the rows the size of a fit does not depend on their number", {
  data <- data.frame(y = sin(1:1e5), x = cos(1:1e5), g = rep(1:10, 1e4))
  formula <- y ~ x + (x | g)
  environment(formula) <- globalenv()
  fit <- fit_quietly(formula, data, control = lmm_control(keep_data = FALSE))
  expect_lt(length(serialize(fit, NULL)), 5e4)
})

test_that("fits are made in functions, lapply(), do.call() and by() like anywhere", {
  wanted <- lmm(distance ~ age + (1 | Subject), orthodont, subset = Sex == "Male")
  same <- function(fit) expect_close(c(deviance(fit), fixef(fit)), c(deviance(wanted), fixef(wanted)), 1e-9)
  males <- orthodont[orthodont$Sex == "Male", ]
  prior <- rep(1, nrow(males))
  same((function(table, w) lmm(distance ~ age + (1 | Subject), data = table, weights = w))(males, prior))
  same(lapply(split(orthodont, orthodont$Sex), function(part) lmm(distance ~ age + (1 | Subject), part))$Male)
  same(by(orthodont, orthodont$Sex, lmm, formula = distance ~ age + (1 | Subject))$Male)
  same(do.call(lmm, list(distance ~ age + (1 | Subject), males, weights = prior)))
  same(do.call("lmm", list(quote(distance ~ age + (1 | Subject)), data = quote(males))))
  same(Map(function(formula, data) lmm(formula, data), list(distance ~ age + (1 | Subject)), list(males))[[1L]])
  same(eval(bquote(lmm(.(wanted$formula), males))))
})

test_that("update() works inside the function that made the fit, and after it has returned", {
  make <- function(drop) {
    table <- orthodont
    first <- lmm(distance ~ age + Sex + (1 | Subject), table)
    if (drop) update(first, . ~ . - Sex) else first
  }
  wanted <- fixef(lmm(distance ~ age + (1 | Subject), orthodont))
  expect_equal(fixef(make(TRUE)), wanted)
  expect_equal(fixef(update(make(FALSE), . ~ . - Sex)), wanted)
  expect_equal(fixef(lapply(list(make(FALSE)), update, . ~ . - Sex)[[1L]]), wanted)
})

test_that("fits are made in forked processes, with threads too", {
  skip_on_os("windows")
  skip_on_cran()
  formulas <- list(distance ~ age + (1 | Subject), distance ~ Sex + (age | Subject))
  fit_with <- function(threads) function(formula) fit_quietly(
    formula, orthodont, control = lmm_control(threads = threads)
  )
  here <- lapply(formulas, fit_with(2L))
  forked <- parallel::mclapply(formulas, fit_with(2L), mc.cores = 2L)
  for (i in seq_along(formulas)) expect_identical(
    forked[[i]][c("theta", "coefficients", "deviance")], here[[i]][c("theta", "coefficients", "deviance")]
  )
})

# The interrupt is there before the call, so nothing depends on time. `left` stays FALSE when the
# core gave way: R by itself would notice only when the result is there. (A time limit reaches C++
# as an interrupt. R looks at the clock now and then only, so the fit must not be a short one.)
test_that("an interrupt or a time limit ends whatever the core does, and leaves R and the package usable", {
  skip_on_os("windows")
  skip_on_cran()
  said <- fresh_session(c(
    "suppressPackageStartupMessages(library(mixest))",
    "internal <- function(name) get(name, asNamespace('mixest'))",
    "set.seed(1)",
    "design_of <- function(groups) {",
    "  data <- data.frame(y = rnorm(4 * groups), x = rnorm(4 * groups), g = rep(seq_len(groups), 4))",
    "  parsed <- internal('parse_formula')(y ~ x + (x | g), environment())",
    "  model <- internal('build_model_frame')(parsed, data, list(), environment())",
    "  internal('build_design')(model, NULL, environment())",
    "}",
    "design <- design_of(5000)",
    "condense <- function(threads) internal('condense_design')(design, threads)[[1]]",
    "stats <- condense(1L)",
    "estimate <- function(threads) {",
    "  internal('cpp_fit')(stats, design$random$terms, FALSE, NULL, lmm_control(threads = threads))",
    "}",
    "fit <- estimate(1L)",
    "tasks <- list(",
    "  condense = function() condense(1L), condense_threads = function() condense(2L),",
    "  fit = function() estimate(1L), fit_threads = function() estimate(2L),",
    "  evaluate = function() internal('cpp_evaluate')(stats, design$random$terms, FALSE, fit$theta, 2L),",
    "  blups = function() internal('cpp_blups')(stats, design$random$terms, FALSE, fit$lambda),",
    "  moves = function() internal('cpp_vcov_moves')(stats, design$random$terms, TRUE, fit$theta, 'expected', TRUE),",
    "  information = function() internal('cpp_variance_information')(stats, design$random$terms, FALSE, fit$theta),",
    "  profile = function() {",
    "    internal('cpp_profile_intervals')(stats, design$random$terms, fit$theta, list(list(kind = 'sigma')), 1.96)",
    "  }",
    ")",
    "run <- function(task, limit = NULL) suspendInterrupts({",
    "  left <- FALSE",
    "  if (is.null(limit)) tools::pskill(Sys.getpid(), tools::SIGINT) else setTimeLimit(elapsed = limit)",
    "  stopped <- function(condition) 'stopped'",
    "  ended <- tryCatch(allowInterrupts({task(); left <- TRUE}), interrupt = stopped, error = stopped)",
    "  setTimeLimit()",
    "  tryCatch(allowInterrupts(for (i in 1:1e5) NULL), interrupt = identity)",
    "  if (left) 'not stopped' else ended",
    "})",
    "for (name in names(tasks)) cat(name, run(tasks[[name]]), '\\n')",
    "again <- estimate(2L)",
    "stats <- internal('condense_design')(design_of(2e5), 1L)[[1]]",
    "cat('limit', run(tasks$fit, limit = 1e-6), '\\n')",
    "cat('same', identical(again, fit), '\\n')"
  ))
  # R itself prints an empty line for an interrupt, and the error of a time limit that C++ has
  # noticed.
  tasks <- c(
    "condense", "condense_threads", "fit", "fit_threads", "evaluate", "blups", "moves", "information", "profile",
    "limit"
  )
  expect_identical(grep("(stopped|TRUE|FALSE) $", said, value = TRUE), c(paste(tasks, "stopped "), "same TRUE "))
})

test_that("more rows than R's integers count are refused before anything is computed", {
  many <- .Machine$integer.max + 1
  expect_error(lmm(
    y ~ 1 + (1 | g), list(y = seq_len(many), g = seq_len(many))
  ), "can't have more than 2147483647 rows", class = "mixest_input")
})
