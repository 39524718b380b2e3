fit <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
new <- data.frame(age = c(9, 15, 9), Sex = c("Male", "Male", "Female"), Subject = c("M01", "M16", "F03"))

test_that("predictions are x'beta + u'gamma, population predictions x'beta", {
  X <- cbind(1, new$age, new$Sex == "Female")
  population <- drop(X %*% fixef(fit))
  gamma <- as.matrix(ranef(fit)$Subject)[new$Subject, ]
  expect_equal(unname(predict(fit, new, re.form = NA)), population, tolerance = 1e-12)
  expect_equal(unname(predict(fit, new, re.form = ~0)), population, tolerance = 1e-12)
  expect_equal(unname(predict(fit, new)), population + unname(rowSums(cbind(1, new$age) * gamma)), tolerance = 1e-12)
  expect_equal(unname(predict(fit, new, re.form = ~ (1 | Subject))), population + unname(gamma[, 1]), tolerance = 1e-12)
  expect_equal(predict(fit, new, re.form = ~ (age | Subject)), predict(fit, new))
  expect_equal(unname(
    predict(fit, new, re.form = ~ (0 + age | Subject))
  ), population + new$age * unname(gamma[, 2]), tolerance = 1e-12)
})

test_that("the rows of the fit are the default", {
  expect_equal(predict(fit), fitted(fit))
  expect_equal(unname(predict(fit)), unname(predict(fit, nlme::Orthodont)), tolerance = 1e-12)
})

test_that("one row, labels instead of factors and missing columns of the response serve", {
  expect_equal(unname(predict(fit, new[2, ])), unname(predict(fit, new)[2]))
  as_factor <- transform(new, Subject = factor(Subject), Sex = factor(Sex))
  expect_equal(predict(fit, as_factor), predict(fit, new))
  expect_length(predict(fit, new[c("age", "Sex")], re.form = NA), 3)
})

test_that("a missing value gives a missing prediction", {
  new$age[2] <- NA
  expect_identical(is.na(unname(predict(fit, new))), c(FALSE, TRUE, FALSE))
})

test_that("unknown levels of the group are an error, or get the population prediction when asked for", {
  new$Subject[2] <- "M99"
  expect_error(predict(fit, new), "M99", class = "mixest_input")
  allowed <- predict(fit, new, allow.new.levels = TRUE)
  expect_equal(allowed[[2]], predict(fit, new, re.form = NA)[[2]])
  expect_equal(allowed[[3]], predict(fit, new[3, ])[[1]])
  new$Subject[2] <- NA
  expect_error(predict(fit, new), "Missing in row 2", class = "mixest_input")
  expect_equal(predict(fit, new, allow.new.levels = TRUE), allowed)
})

test_that("an unknown level of a fixed factor is an error that names it", {
  new$Sex[1] <- "Unknown"
  expect_error(predict(fit, new), "Unknown", class = "mixest_input")
  expect_error(predict(fit, new, allow.new.levels = TRUE), "Unknown", class = "mixest_input")
})

test_that("offsets, poly(), contrasts and user functions are those of the fit", {
  data <- nlme::Orthodont
  data$o <- seq_len(nrow(data)) / 10
  half <- function(x) x / 2
  fit <- lmm(
    distance ~ poly(half(age), 2) + Sex + offset(o) + (1 | Subject), data = data, offset = 2 * o,
    contrasts = list(Sex = "contr.sum")
  )
  expect_equal(unname(predict(fit, data[7:8, ])), unname(fitted(fit)[7:8]), tolerance = 1e-10)
  expect_equal(
    predict(fit, transform(data, o = o + 1)) - predict(fit, data), rep(3, 108), tolerance = 1e-10, ignore_attr = TRUE
  )
})

test_that("dropped columns are dropped in new data too", {
  both <- suppressMessages(lmm(distance ~ age + I(2 * age) + Sex + (age | Subject), data = nlme::Orthodont))
  expect_equal(predict(both, new), predict(fit, new), tolerance = 1e-8)
  expect_equal(predict(both, new, se.fit = TRUE), predict(fit, new, se.fit = TRUE), tolerance = 1e-6)
})

# [X U] sigma^2 C^{-1} [X U]' of the mixed model equations, dense.
dense_error_covariance <- function(fit) {
  T <- cbind(getME(fit, "X"), as.matrix(getME(fit, "U")))
  G <- as.matrix(getME(fit, "G"))
  p <- length(fixef(fit))
  C <- crossprod(T, T * getME(fit, "weights")) / sigma(fit)^2
  C[-(1:p), -(1:p)] <- C[-(1:p), -(1:p)] + solve(G)
  T %*% solve(C, t(T))
}

test_that("standard errors are those of the mixed model equations", {
  expect_equal(
    unname(predict(fit, se.fit = TRUE)$se.fit), unname(sqrt(diag(dense_error_covariance(fit)))), tolerance = 1e-6
  )
  data <- nlme::Orthodont
  data$w <- rep(1:4, 27)
  weighted <- lmm(distance ~ I(age - 11) + (age | Subject), data = data, weights = w)
  expect_equal(unname(predict(weighted, se.fit = TRUE)$se.fit), unname(
    sqrt(diag(dense_error_covariance(weighted)))
  ), tolerance = 1e-6)
})

test_that("population standard errors are those of x'beta", {
  X <- cbind(1, new$age, new$Sex == "Female")
  expect_equal(unname(
    predict(fit, new, re.form = NA, se.fit = TRUE)$se.fit
  ), sqrt(diag(X %*% vcov(fit) %*% t(X))), tolerance = 1e-10, ignore_attr = TRUE)
})

test_that("an unknown level varies with D", {
  new$Subject[1] <- "M99"
  se <- predict(fit, new, allow.new.levels = TRUE, se.fit = TRUE)$se.fit
  u <- c(1, 9)
  population <- predict(fit, new, re.form = NA, se.fit = TRUE)$se.fit
  expect_equal(se[[1]]^2, population[[1]]^2 + drop(u %*% getME(fit, "D") %*% u), tolerance = 1e-10)
  expect_equal(se[[3]], predict(fit, new[3, ], se.fit = TRUE)$se.fit[[1]], tolerance = 1e-10)
})

test_that("intervals have the shapes of predict.lm(), those of a new level the variance of all effects", {
  both <- predict(fit, new, se.fit = TRUE, interval = "confidence", level = 0.9)
  expect_named(both, c("fit", "se.fit", "df"))
  expect_identical(colnames(both$fit), c("fit", "lwr", "upr"))
  expect_equal(both$se.fit, predict(fit, new, se.fit = TRUE)$se.fit)
  known <- predict(fit, new, interval = "prediction", ddf = "none")
  expect_equal(known[, "upr"] - known[, "fit"], qnorm(0.975) * sqrt(both$se.fit^2 + sigma(fit)^2), tolerance = 1e-12)
  of_new_level <- predict(fit, new, re.form = NA, interval = "prediction")
  of_unknown <- predict(fit, transform(new, Subject = "M99"), allow.new.levels = TRUE, interval = "prediction")
  expect_equal(of_new_level, of_unknown, tolerance = 1e-12)
  expect_error(predict(fit, new, interval = "prediction", ddf = "kr2"), class = "mixest_input")
})

test_that("predictions of a fit without rows need new data only", {
  small <- lmm(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont, control = lmm_control(keep_data = FALSE))
  expect_equal(predict(small, new, se.fit = TRUE), predict(fit, new, se.fit = TRUE))
  expect_error(predict(small), class = "mixest_input")
})

test_that("predict() computes from `coefficients`", {
  moved <- fit
  moved$coefficients["age"] <- moved$coefficients["age"] + 1
  expect_equal(predict(moved, new, re.form = NA) - predict(fit, new, re.form = NA), new$age, ignore_attr = TRUE)
})

test_that("an expression as group takes its variables from new data", {
  data <- nlme::Orthodont
  data$number <- as.integer(factor(data$Subject, levels = unique(data$Subject))) + 0
  by_number <- lmm(distance ~ age + Sex + (age | factor(number)), data = data)
  expect_equal(unname(predict(by_number, data)), unname(fitted(fit)), tolerance = 1e-8)
  cells <- lmm(distance ~ age + (1 | Sex:Subject), data = data)
  expect_equal(unname(predict(cells, data[3:4, ])), unname(fitted(cells)[3:4]), tolerance = 1e-12)
  expect_error(predict(cells, transform(data[1, ], Sex = "Female")), "Female:M01", class = "mixest_input")
})

test_that("bad arguments are refused", {
  expect_error(predict(fit, new, re.form = ~ (1 | Sex)), "Sex", class = "mixest_input")
  expect_error(predict(fit, new, re.form = ~ (Sex | Subject)), class = "mixest_input")
  expect_error(predict(fit, new, re.form = ~age), class = "mixest_input")
  expect_error(predict(fit, new, re.form = "none"), class = "mixest_input")
  expect_error(predict(fit, new, interval = "both"), class = "mixest_input")
  expect_error(predict(fit, new, interval = "confidence", level = 95), class = "mixest_input")
  expect_error(predict(fit, new, re.form = ~ (1 | Subject), interval = "prediction"), class = "mixest_input")
  expect_error(predict(fit, new[c("Sex", "Subject")]), "age", class = "mixest_input")
})

oats <- lmm(yield ~ nitro + (1 | Block / Variety), data = nlme::Oats)
plots <- data.frame(nitro = c(0, 0.3, 0.6), Block = c("I", "II", "I"), Variety = c("Victory", "Marvellous", "New"))

test_that("re.form chooses among the grouping factors", {
  population <- fixef(oats)[[1]] + fixef(oats)[[2]] * plots$nitro
  block <- ranef(oats)$Block[plots$Block, 1]
  plot <- ranef(oats)$`Variety:Block`[paste(plots$Variety, plots$Block, sep = ":"), 1]
  known <- plots[1:2, ]
  expect_equal(unname(predict(oats, known)), (population + block + plot)[1:2], tolerance = 1e-12)
  expect_equal(
    unname(predict(oats, known, re.form = ~ (1 | Variety:Block))), (population + plot)[1:2], tolerance = 1e-12
  )
  expect_equal(predict(oats, known, re.form = ~ (1 | Block / Variety)), predict(oats, known))
  # factors that are not asked for are not needed
  expect_equal(
    unname(predict(oats, plots[c("nitro", "Block")], re.form = ~ (1 | Block))), population + block, tolerance = 1e-12
  )
})

test_that("a new level of one factor keeps the effects of the others", {
  expect_error(predict(oats, plots), "New:I", class = "mixest_input")
  both <- predict(oats, plots, allow.new.levels = TRUE, se.fit = TRUE)
  block <- predict(oats, plots, re.form = ~ (1 | Block), se.fit = TRUE)
  expect_equal(both$fit[[3]], block$fit[[3]], tolerance = 1e-12)
  expect_equal(both$se.fit[[3]]^2, block$se.fit[[3]]^2 + getME(oats, "D")[1, 1], tolerance = 1e-8)
  expect_equal(both$se.fit[1:2], predict(oats, plots[1:2, ], se.fit = TRUE)$se.fit, tolerance = 1e-10)
  interval <- predict(oats, plots, re.form = ~ (1 | Block), interval = "prediction")
  as_new <- predict(oats, plots[3, ], allow.new.levels = TRUE, interval = "prediction")
  expect_equal(interval[3, ], as_new[1, ], tolerance = 1e-8)
})

test_that("standard errors with two factors are those of the mixed model equations", {
  expect_equal(
    unname(predict(oats, se.fit = TRUE)$se.fit), unname(sqrt(diag(dense_error_covariance(oats)))), tolerance = 1e-6
  )
})

test_that("nlme's level may be used where there is no interval", {
  expect_equal(predict(oats, plots[1:2, ], level = 1), predict(oats, plots[1:2, ], re.form = ~ (1 | Block)))
  expect_equal(predict(oats, plots, level = 0), predict(oats, plots, re.form = NA))
  expect_error(predict(oats, plots, level = 3), class = "mixest_input")
  expect_error(predict(oats, plots, level = 1, interval = "confidence"), class = "mixest_input")
})

test_that("several levels at once give nlme's data frame", {
  peer <- nlme::lme(yield ~ nitro, random = ~ 1 | Block / Variety, data = nlme::Oats, control = nlme::lmeControl(
    msTol = 1e-12, tolerance = 1e-10
  ))
  for (level in list(0:2, 1:2, c(2, 0))) {
    ours <- predict(oats, plots[1:2, ], level = level)
    theirs <- predict(peer, plots[1:2, ], level = level)
    expect_identical(names(ours), names(theirs))
    values <- grepl("predict", names(ours))
    expect_equal(ours[values], theirs[values], tolerance = 1e-5, ignore_attr = TRUE)
    expect_identical(lapply(ours[!values], as.character), lapply(theirs[!values], as.character))
  }
  whole <- predict(oats, level = 0:1)
  expect_identical(whole$predict.Block, unname(fitted(oats, level = 1)))
  expect_identical(as.character(whole$Block), as.character(nlme::Oats$Block))
  expect_error(predict(oats, plots, level = 0:1, se.fit = TRUE), class = "mixest_input")
  expect_error(predict(oats, plots, level = c(0.5, 1)), class = "mixest_input")
  expect_error(predict(oats, plots, level = 0:3), class = "mixest_input")
})

test_that("the random part alone is what the population lacks", {
  expect_equal(predict(fit, new, random.only = TRUE), predict(fit, new) - predict(fit, new, re.form = NA))
  expect_equal(unname(predict(fit, new, random.only = TRUE, re.form = NA)), numeric(3))
  with_offset <- lmm(distance ~ age + offset(2 * age) + (1 | Subject), data = nlme::Orthodont)
  expect_equal(
    unname(predict(with_offset, new, random.only = TRUE)), ranef(with_offset)$Subject[new$Subject, 1], tolerance = 1e-12
  )
})

test_that("rows with missing values are treated as na.action wants", {
  new$age[2] <- NA
  expect_identical(predict(fit, new, na.action = na.exclude), predict(fit, new))
  expect_identical(predict(fit, new, na.action = na.omit), predict(fit, new)[c(1, 3)])
  expect_identical(
    predict(fit, new, na.action = "na.omit", interval = "confidence"),
    predict(fit, new, interval = "confidence")[c(1, 3), ]
  )
  expect_error(predict(fit, new, na.action = na.fail), "row 2", class = "mixest_input")
})

test_that("a random term as re.form needs no parentheses", {
  expect_identical(predict(fit, new, re.form = ~ age | Subject), predict(fit, new))
})

test_that("missing groups point to the population", {
  expect_error(predict(fit, new[c("age", "Sex")], interval = "prediction"), "re.form = NA", class = "mixest_input")
  expect_error(predict(fit, new[c("age", "Sex")]), "Subject", class = "mixest_input")
})

test_that("prediction intervals are for observations of the weights that are given", {
  width <- function(...) unname(apply(predict(fit, new, interval = "prediction", ...)[, -1], 1, diff))
  expect_true(all(width() > width(weights = 4)))
  expect_equal(width(weights = c(1, 2, 3)), width(weights = ~ c(1, 2, 3)))
  expect_equal(width(weights = ~ age / 9)[c(1, 3)], width()[c(1, 3)])
})

test_that("a covariate far from zero costs several factors' errors no more digits than the data have", {
  d <- random_data(1, m = 12, sizes = 8:12, p = 2, q = 2)
  d$h <- factor(rep_len(1:5, nrow(d)))
  d$far <- 2^-30 * (d$z1 + 2^20)
  near <- fit_quietly(y ~ z1 + (z1 | g) + (1 | h), d)
  far <- fit_quietly(y ~ far + (far | g) + (1 | h), d)
  expect_close(predict(far, se.fit = TRUE)$se.fit, predict(near, se.fit = TRUE)$se.fit, 1e-7)
  expect_close(hatvalues(far), hatvalues(near), 1e-7)
  expect_close(rstandard(far), rstandard(near), 1e-6)
  expect_close(cooks.distance(far), cooks.distance(near), 1e-6)
})
