# Predictions that the data can't determine: the same for every coding of the model.

cells <- with_seed(101, {
  d <- expand.grid(f1 = letters[1:3], f2 = LETTERS[1:3], rep = 1:12)
  d$g <- factor(sample(10, nrow(d), TRUE))
  d$y <- rnorm(nrow(d)) + 10 * (d$f1 == "c") + 5 * (d$f2 == "C") + rnorm(10)[d$g]
  subset(d, !(f1 == "a" & f2 == "A"))
})

test_that("an empty cell is NA with a warning, the others are what they are, for every coding", {
  new <- expand.grid(f1 = letters[1:3], f2 = LETTERS[1:3])
  empty <- new$f1 == "a" & new$f2 == "A"
  reference <- fit_quietly(y ~ 0 + cell + (1 | g), transform(cells, cell = interaction(f1, f2, drop = TRUE)))
  wanted <- replace(rep(NA_real_, 9), !empty, predict(reference, transform(
    new, cell = interaction(f1, f2)
  )[!empty, ], re.form = NA))
  for (formula in list(
    y ~ f1 * f2 + (1 | g), y ~ f2 * f1 + (1 | g), y ~ 0 + f1:f2 + (1 | g), y ~ f1:f2 + (1 | g), y ~ f1 / f2 + (1 | g)
  )) for (contrasts in list(NULL, list(f1 = "contr.sum", f2 = "contr.helmert"))) {
    fit <- fit_quietly(formula, cells, contrasts = contrasts)
    expect_warning(found <- predict(fit, new, re.form = NA, se.fit = TRUE), "Row 1", class = "mixest_unidentified")
    expect_close(found$fit[!empty], wanted[!empty], 1e-8)
    expect_identical(which(is.na(found$fit)), 1L, ignore_attr = TRUE)
    expect_identical(which(is.na(found$se.fit)), 1L, ignore_attr = TRUE)
    expect_warning(interval <- predict(fit, new, re.form = NA, interval = "prediction"), class = "mixest_unidentified")
    expect_true(all(is.na(interval[1, ])))
    expect_warning(drawn <- simulate(fit, newdata = cbind(new, g = "1")), class = "mixest_unidentified")
    expect_identical(which(is.na(drawn$sim_1)), 1L)
    expect_silent(predict(fit, new[!empty, ], re.form = NA))
    expect_silent(fitted(fit))
  }
})

test_that("new data that break the relation of a dropped column are NA", {
  for (origin in c(0, 1e6)) for (unit in c(1, 1e-9, 1e9)) {
    d <- transform(nlme::Orthodont, x = unit * (age + origin))
    d$twice <- 2 * d$x - unit
    fit <- fit_quietly(distance ~ x + twice + (1 | Subject), d)
    reference <- fit_quietly(distance ~ x + (1 | Subject), d)
    new <- data.frame(x = unit * (c(8, 9, 10, NA) + origin))
    new$twice <- 2 * new$x - unit
    expect_silent(kept <- predict(fit, new, re.form = NA))
    expect_close(kept[1:3], predict(reference, new, re.form = NA)[1:3], 1e-6)
    new$twice[2] <- new$twice[2] + 0.01 * unit
    expect_warning(broken <- predict(fit, new, re.form = NA), "`twice`", class = "mixest_unidentified")
    expect_identical(is.na(unname(broken)), c(FALSE, TRUE, FALSE, TRUE))
    expect_identical(length(suppressWarnings(predict(fit, new, re.form = NA, na.action = na.omit))), 3L)
  }
})

test_that("a level whose rows all have weight 0 is NA, whichever it is", {
  for (level in letters[1:3]) {
    d <- transform(cells, w = as.numeric(f1 != level))
    fit <- fit_quietly(y ~ f1 + f2 + (1 | g), d, weights = w)
    without <- fit_quietly(y ~ f1 + f2 + (1 | g), droplevels(subset(d, f1 != level)))
    expect_warning(found <- fitted(fit), class = "mixest_unidentified")
    expect_identical(unname(is.na(found)), d$f1 == level)
    expect_close(found[d$f1 != level], fitted(without), 1e-8)
    expect_warning(h <- hatvalues(fit), class = "mixest_unidentified")
    expect_identical(unname(h == 0), d$f1 == level)
    expect_warning(shift <- dfbeta(fit), class = "mixest_unidentified")
    expect_identical(unname(rowSums(abs(shift)) == 0), d$f1 == level)
    new <- data.frame(f1 = letters[1:3], f2 = "B")
    expect_warning(found <- predict(fit, new, re.form = NA), class = "mixest_unidentified")
    expect_identical(unname(is.na(found)), letters[1:3] == level)
  }
})
