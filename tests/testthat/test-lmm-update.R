fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)

# Two fits are the same up to how they were called.
expect_same_fit <- function(one, other, tolerance = 1e-10) {
  for (part in c("coefficients", "theta", "sigma", "deviance", "beta_factor")) expect_equal(
    one[[part]], other[[part]], tolerance = tolerance
  )
}

test_that("refit() of the same response gives the same fit", {
  expect_same_fit(refit(fit), fit)
  expect_same_fit(refit(fit, nlme::Orthodont$distance), fit)
})

test_that("refit() equals a fresh fit of the new response", {
  data <- nlme::Orthodont
  data$new <- simulate(fit, seed = 3)$sim_1
  fresh <- suppressMessages(lmm(new ~ age + (age | Subject), data = data))
  expect_same_fit(suppressMessages(refit(fit, data$new)), fresh)
  again <- suppressMessages(refit(fit, simulate(fit, seed = 3)))
  expect_same_fit(again, fresh)
  expect_equal(unname(residuals(again)), unname(residuals(fresh)), tolerance = 1e-8)
})

test_that("refit() keeps weights, offset, dropped columns and padding", {
  data <- nlme::Orthodont
  data$w <- rep(c(0, 2, 3, 4), 27)
  data$o <- seq_len(108) / 50
  data$distance[7] <- NA
  first <- suppressMessages(lmm(
    distance ~ age + I(2 * age) + Sex + (age | Subject), data = data, weights = w, offset = o, na.action = na.exclude
  ))
  expect_same_fit(suppressMessages(refit(first)), first)
  drawn <- simulate(first, seed = 1)
  expect_identical(which(is.na(drawn$sim_1)), sort(c(7L, which(data$w == 0))))
  again <- suppressMessages(refit(first, drawn))
  expect_length(fitted(again), 108)
  expect_identical(again$aliased, "I(2 * age)")
})

test_that("refit() takes a list of responses, and new weights", {
  data <- transform(as.data.frame(nlme::Orthodont), w = rep(c(0, 2, 3, 4), 27), v = rep(c(2, 1, 0), 36))
  data$v[data$Subject == "F03"] <- 0
  drawn <- simulate(fit, 2, seed = 1)
  both <- suppressMessages(refit(fit, as.list(drawn)))
  expect_named(both, names(drawn))
  expect_same_fit(both[[2L]], suppressMessages(refit(fit, drawn[[2L]])))
  first <- lmm(distance ~ age + Sex + (1 | Subject), data, weights = w)
  weighted <- refit(first, newweights = data$v)
  expect_same_fit(weighted, lmm(distance ~ age + Sex + (1 | Subject), data, weights = v))
  expect_identical(ngrps(weighted), c(Subject = 26L))
  expect_same_fit(suppressMessages(refit(first, drawn[[1L]], newweights = data$v)), suppressMessages(
    lmm(drawn[[1L]] ~ age + Sex + (1 | Subject), data, weights = v)
  ))
  expect_error(refit(first, newweights = -data$w), "negative", class = "mixest_input")
  expect_error(refit(first, newweights = data$w[-1]), "newweights", class = "mixest_input")
  expect_error(refit(first, newweights = replace(data$w, 3, NA)), "newweights", class = "mixest_input")
})

test_that("a response that can't be one is refused", {
  y <- nlme::Orthodont$distance
  expect_error(refit(fit, y[-1]), "107", class = "mixest_input")
  expect_error(refit(fit, as.character(y)), class = "mixest_input")
  expect_error(refit(fit, cbind(y, replace(y, 3, Inf))), class = "mixest_input")
  expect_error(refit(fit, replace(y, 3, Inf)), "M01|3", class = "mixest_input")
  expect_error(refit(fit, replace(y, 3, NA)), class = "mixest_input")
  small <- lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_error(refit(small, y), "keep_data", class = "mixest_input")
})

test_that("update() of REML, start or control needs no rows", {
  small <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  by_ml <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont, REML = FALSE)
  expect_same_fit(update(small, REML = FALSE), by_ml)
  expect_false(isREML(update(small, REML = FALSE)))
  expect_same_fit(update(fit, start = by_ml), fit, tolerance = 1e-6)
  expect_identical(update(fit, REML = FALSE)$call$REML, FALSE)
  expect_error(update(fit, REML = 3), class = "mixest_input")
})

test_that("update() uses the rows of the fit, whatever became of the data", {
  gone <- nlme::Orthodont
  first <- lmm(distance ~ age + Sex + (age | Subject), data = gone)
  rm(gone)
  expect_same_fit(update(first, . ~ . - Sex), fit)
  expect_equal(formula(update(first, . ~ . - Sex)), distance ~ age + (age | Subject), ignore_formula_env = TRUE)
  expect_identical(update(first, . ~ . - Sex)$call$data, quote(gone))
  expect_error(update(first, . ~ . + nothing))
})

test_that("update() works on a fit that was made in another function or read from a file", {
  make <- function(formula, frame) lmm(formula, data = frame)
  first <- make(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_same_fit(update(first, . ~ . + Sex, data = nlme::Orthodont), lmm(
    distance ~ age + Sex + (1 | Subject), data = nlme::Orthodont
  ))
  expect_same_fit(update(first, . ~ . - (1 | Subject) + (age | Subject)), fit)
  file <- tempfile(fileext = ".rds")
  saveRDS(first, file)
  expect_same_fit(update(readRDS(file), . ~ . - age), lmm(distance ~ 1 + (1 | Subject), data = nlme::Orthodont))
})

test_that("update() keeps subset, weights, offset and padding", {
  data <- nlme::Orthodont
  data$w <- rep(1:4, 27)
  data$o <- seq_len(108) / 50
  data$distance[7] <- NA
  first <- lmm(
    distance ~ age + Sex + (1 | Subject), data = data, weights = w, offset = o, subset = age > 8, na.action = na.exclude
  )
  direct <- lmm(
    distance ~ age + (1 | Subject), data = data, weights = w, offset = o, subset = age > 8, na.action = na.exclude
  )
  shorter <- update(first, . ~ . - Sex)
  expect_same_fit(shorter, direct)
  expect_equal(fitted(shorter), fitted(direct))
  unweighted <- update(first, . ~ . - Sex, weights = NULL)
  expect_same_fit(unweighted, lmm(distance ~ age + (1 | Subject), data = data, offset = o, subset = age > 8))
  narrower <- update(first, subset = age > 10)
  expect_same_fit(
    narrower, lmm(distance ~ age + Sex + (1 | Subject), data = data, weights = w, offset = o, subset = age > 10)
  )
})

test_that("a variable that the frame has only inside a call is taken from the original data", {
  first <- lmm(distance ~ log(age) + (1 | Subject), data = nlme::Orthodont)
  expect_same_fit(update(first, . ~ . + Sex), lmm(distance ~ log(age) + Sex + (1 | Subject), data = nlme::Orthodont))
})

test_that("update() after refit() keeps the new response, also where the formula computes it", {
  data <- as.data.frame(nlme::Orthodont)
  first <- lmm(log(distance) ~ age + Sex + (1 | Subject), data, na.action = na.exclude)
  data$new <- simulate(first, seed = 1)$sim_1
  again <- suppressMessages(refit(first, data$new))
  wanted <- suppressMessages(lmm(new ~ age + (1 | Subject), data))
  shorter <- suppressMessages(update(again, . ~ . - Sex))
  expect_same_fit(shorter, wanted)
  expect_equal(formula(shorter), log(distance) ~ age + (1 | Subject), ignore_formula_env = TRUE)
  expect_same_fit(suppressMessages(update(shorter, . ~ . - age)), suppressMessages(lmm(new ~ 1 + (1 | Subject), data)))
  expect_same_fit(suppressMessages(update(shorter, REML = FALSE)), suppressMessages(
    lmm(new ~ age + (1 | Subject), data, REML = FALSE)
  ))
  expect_equal(predict(shorter, data[5:6, ]), predict(wanted, data[5:6, ]), tolerance = 1e-10)
  expect_same_fit(
    suppressMessages(update(again, . ~ . - Sex, data = data)), lmm(log(distance) ~ age + (1 | Subject), data)
  )
  expect_same_fit(suppressMessages(update(shorter, . ~ . + Sex)), suppressMessages(
    lmm(new ~ age + Sex + (1 | Subject), data)
  ))
  expect_error(update(shorter, subset = age > 8), NA)
  narrow <- suppressMessages(refit(update(first, subset = age > 8), data$new[data$age > 8]))
  expect_error(update(narrow, subset = age > 10), "refit", class = "mixest_input")
  expect_same_fit(
    suppressMessages(update(shorter, age ~ . - age)), suppressMessages(lmm(age ~ 1 + (1 | Subject), data))
  )
})

test_that("evaluate = FALSE gives the call", {
  call <- update(fit, . ~ . + Sex, REML = FALSE, evaluate = FALSE)
  expect_true(is.call(call))
  expect_identical(call$REML, FALSE)
  expect_equal(call$formula, distance ~ age + (age | Subject) + Sex, ignore_formula_env = TRUE)
})

test_that("fits of several grouping factors are refitted and updated", {
  oats <- lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats)
  expect_equal(deviance(refit(oats)), deviance(oats), tolerance = 1e-10)
  expect_equal(ranef(refit(oats, 2 * nlme::Oats$yield + 1))$Block[[1]], 2 * ranef(oats)$Block[[1]], tolerance = 1e-6)
  expect_equal(deviance(update(oats, REML = FALSE)), deviance(
    lmm(yield ~ nitro + (1 | Block / Variety), nlme::Oats, REML = FALSE)
  ), tolerance = 1e-10)
  expect_equal(deviance(
    update(oats, . ~ . - (1 | Block / Variety) + (1 | Block))
  ), deviance(lmm(yield ~ nitro + (1 | Block), nlme::Oats)), tolerance = 1e-10)
  expect_equal(deviance(update(oats, start = oats)), deviance(oats), tolerance = 1e-10)
  expect_equal(deviance(update(oats, start = list(D = list(100, 200)))), deviance(oats), tolerance = 1e-9)
})

test_that("update() finds variables in the data as they were, wherever the fit was made", {
  data <- transform(as.data.frame(nlme::Orthodont), z = sin(seq_len(108)))
  make <- function() {
    other <- data
    lmm(distance ~ age + (1 | Subject), other)
  }
  wanted <- lmm(distance ~ age + z + (1 | Subject), data)
  expect_same_fit(update(make(), . ~ . + z), wanted)
  other <- transform(data[1:10, ], z = 1:10)
  expect_same_fit(update(make(), . ~ . + z), wanted)
  behind <- function(...) lmm(...)
  twice_behind <- function(formula, ...) behind(formula, ...)
  expect_same_fit(update(twice_behind(distance ~ age + (1 | Subject), data = data), . ~ . + z), wanted)
  in_function <- function(fit) {
    z <- sin(seq_len(108))
    k <- 3
    update(fit, . ~ . - age + z + I(age^k))
  }
  data$z <- NULL
  found <- in_function(make())
  same <- lmm(distance ~ sin(seq_len(108)) + I(age^3) + (1 | Subject), data)
  expect_equal(unname(fixef(found)), unname(fixef(same)), tolerance = 1e-10)
  expect_error(predict(found, transform(data[1:2, ], z = 0)), NA)
})

test_that("rows that no longer match are noticed", {
  data <- transform(as.data.frame(nlme::Orthodont), z = sin(seq_len(108)))
  first <- lmm(distance ~ age + (1 | Subject), data)
  wanted <- update(first, . ~ . + z)
  data <- data[sample(108), ]
  expect_same_fit(update(first, . ~ . + z), wanted)
  data$age <- data$age + 1
  expect_error(update(first, . ~ . + z), "age", class = "mixest_input")
  data <- data[-1, ]
  expect_error(update(first, . ~ . + z), "number of rows", class = "mixest_input")
  rm(data)
  expect_error(update(first, . ~ . + zz), "Can't find `zz`", class = "mixest_input")
})

test_that("update() has the options of the fit as they were", {
  data <- as.data.frame(nlme::Orthodont)
  make <- function(reml, how, rows) {
    lmm(distance ~ Sex + age + (1 | Subject), data, REML = reml, contrasts = how, na.action = rows)
  }
  data$distance[4] <- NA
  first <- make(FALSE, list(Sex = "contr.sum"), na.exclude)
  reml <- TRUE
  how <- NULL
  rows <- na.omit
  shorter <- update(first, . ~ . - age)
  expect_false(isREML(shorter))
  expect_named(fixef(shorter), c("(Intercept)", "Sex1"))
  expect_length(fitted(shorter), 108)
  expect_named(fixef(update(first, . ~ . - age, contrasts = NULL)), c("(Intercept)", "SexFemale"))
  sums <- withr::with_options(list(contrasts = c("contr.sum", "contr.poly")), make(TRUE, NULL, na.omit))
  expect_named(fixef(update(sums, . ~ . - age)), c("(Intercept)", "Sex1"))
  expect_true(isREML(update(first, REML = NULL)))
  few <- suppressWarnings(lmm(distance ~ age + (age | Subject), data, control = lmm_control(max_iterations = 1)))
  expect_identical(suppressWarnings(update(few, REML = FALSE))$control$max_iterations, 1L)
  expect_identical(update(few, control = NULL)$control$max_iterations, 200L)
  started <- lmm(distance ~ age + (age | Subject), data, start = list(theta = c(1, 0, 1)))
  expect_same_fit(
    update(started, . ~ . - (age | Subject) + (1 | Subject)), lmm(distance ~ age + (1 | Subject), data)
  )
})

test_that("`subset` is replaced, and `na.action` is honoured", {
  data <- transform(as.data.frame(nlme::Orthodont), w = rep(1:4, 27))
  data$distance[3] <- NA
  late <- lmm(distance ~ age + (1 | Subject), data, weights = w, subset = age > 8)
  expect_same_fit(
    update(late, subset = age < 14), lmm(distance ~ age + (1 | Subject), data, weights = w, subset = age < 14)
  )
  all_rows <- lmm(distance ~ age + (1 | Subject), data, weights = w)
  expect_same_fit(update(late, subset = NULL), all_rows)
  expect_length(fitted(all_rows), 107)
  padded <- update(all_rows, na.action = na.exclude)
  expect_length(fitted(padded), 108)
  expect_length(fitted(update(padded, na.action = na.omit)), 107)
  expect_error(update(all_rows, na.action = na.fail), "distance", class = "mixest_input")
  expect_identical(nobs(update(lmm(distance ~ age + (1 | Subject), data[-3, ]), subset = 1:50)), 50L)
  expect_error(update(lmm(age ~ Sex + (1 | Subject), data), subset = 1:500), "subset", class = "mixest_input")
  data$z <- replace(data$age, 9, NA)
  expect_same_fit(update(all_rows, . ~ . + z - age), lmm(distance ~ z + (1 | Subject), data, weights = w))
  expect_identical(unname(c(update(padded, . ~ . + z)$na.action)), c(3L, 9L))
  data$w <- 1
  expect_error(update(late, subset = NULL), "weights", class = "mixest_input")
})

test_that("a fit without rows is updated from its data, if they have as many rows", {
  data <- as.data.frame(nlme::Orthodont)
  small <- lmm(distance ~ age + (1 | Subject), data, control = lmm_control(keep_data = FALSE))
  expect_same_fit(update(small, . ~ . + Sex), lmm(distance ~ age + Sex + (1 | Subject), data))
  data <- data[-1, ]
  expect_error(update(small, . ~ . + Sex), "number of rows", class = "mixest_input")
})

test_that("the call that update() returns after refit() has the new response", {
  data <- as.data.frame(nlme::Orthodont)
  for (formula in list(distance ~ age + Sex + (1 | Subject), log(distance) ~ age + Sex + (1 | Subject))) {
    first <- lmm(formula, data, weights = age)
    again <- suppressMessages(refit(first, simulate(first, seed = 1)))
    expect_same_fit(eval(update(again, . ~ . - age, evaluate = FALSE)), update(again, . ~ . - age))
  }
})

test_that("update() to several responses leaves each its own rows", {
  data <- transform(as.data.frame(nlme::Orthodont), other = replace(sqrt(distance), 5, NA), third = replace(age, 9, NA))
  both <- update(lmm(distance ~ 1 + (1 | Subject), data), cbind(distance, other) ~ . + third)
  expect_identical(unname(nobs(both)), c(107L, 106L) + 0)
  expect_equal(deviance(both)[["other"]], deviance(lmm(other ~ third + (1 | Subject), data)), tolerance = 1e-10)
})
