orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (age | Subject), orthodont)
crossed <- with_seed(4, {
  data <- expand.grid(a = factor(1:8), b = factor(letters[1:6]))
  transform(data, y = rnorm(8)[a] + rnorm(6)[b] + rnorm(48), x = rnorm(48))
})
two_factors <- lmm(y ~ x + (1 | a) + (1 | b), crossed)

test_that("residuals and their scale are those of the accessors", {
  weighted <- lmm(distance ~ age + (1 | Subject), orthodont, weights = age)
  rows <- plot_data(weighted, "residuals")
  expect_equal(rows$fitted, as.vector(fitted(weighted)))
  expect_equal(rows$residual, as.vector(residuals(weighted, type = "pearson")))
  expect_identical(rows$row, names(fitted(weighted)))
  expect_equal(plot_data(fit, "scale")$root, as.vector(sqrt(abs(rstandard(fit)))))
  expect_equal(plot_data(fit, "qq")$sample, sort(as.vector(rstandard(fit))))
})

test_that("rows left out by na.exclude are in no picture", {
  gaps <- replace(orthodont, "age", replace(orthodont$age, c(3, 50), NA))
  excluded <- lmm(distance ~ age + (1 | Subject), gaps, na.action = na.exclude)
  omitted <- lmm(distance ~ age + (1 | Subject), gaps, na.action = na.omit)
  for (type in c("residuals", "scale", "qq")) {
    expect_equal(plot_data(excluded, type), plot_data(omitted, type), info = type)
  }
})

test_that("rows of weight 0 are in no picture of residuals", {
  without <- lmm(distance ~ age + (1 | Subject), orthodont, weights = replace(rep(1, 108), 5:6, 0))
  for (type in c("residuals", "scale", "qq")) {
    rows <- plot_data(without, type)
    expect_setequal(rows$row, as.character(1:108)[-(5:6)])
  }
})

test_that("random effects are standardized by Var(gamma^), from the dense matrices", {
  for (one in list(fit, two_factors)) {
    X <- model.matrix(one)
    Z <- as.matrix(getME(one, "Z"))
    G <- as.matrix(getME(one, "G"))
    V <- Z %*% G %*% t(Z) + diag(sigma(one)^2, nrow(X))
    P <- solve(V) - solve(V, X) %*% solve(t(X) %*% solve(V, X), t(X) %*% solve(V))
    gamma <- drop(G %*% t(Z) %*% P %*% getME(one, "y"))
    sds <- sqrt(diag(G %*% t(Z) %*% P %*% Z %*% G))
    expect_equal(sort(standardized_effects(one)$value), sort(gamma / sds), tolerance = 1e-8)
  }
})

test_that("the caterpillar plot has the intervals of ranef(), in the order of the first effect", {
  rows <- plot_data(fit, "ranef", level = 0.9)
  table <- as.data.frame(ranef(fit))
  expect_equal(rows$upper - rows$condval, qnorm(0.95) * table$condsd)
  first <- rows[rows$term == "(Intercept)", ]
  expect_identical(order(first$position), order(first$condval))
  slopes <- rows[rows$term == "age", ]
  expect_identical(slopes$position, first$position[match(slopes$grp, first$grp)])
  expect_equal(plot_data(ranef(fit), "ranef"), plot_data(fit, "ranef"))
  expect_identical(unique(plot_data(two_factors, "ranef", group = "b")$grpvar), "b")
  expect_error(plot_data(two_factors, "ranef", group = "c"), "group", class = "mixest_input")
})

test_that("lines of groups are those of per_group(), of coef() and of the fixed effects", {
  rows <- plot_data(fit, "groups", groups = 27)
  line <- function(series, subject) rows[rows$series == series & rows$Subject == subject, ]
  for (subject in c("M03", "F10")) {
    own <- unlist(per_group(fit)[subject, ])
    at <- line("least squares", subject)
    expect_equal(at$distance, own[["(Intercept)"]] + own[["age"]] * at$age)
    at <- line("model", subject)
    new <- data.frame(age = at$age, Sex = if (startsWith(subject, "M")) "Male" else "Female", Subject = subject)
    expect_equal(at$distance, as.vector(predict(fit, new)))
    expect_equal(line("population", subject)$distance, as.vector(predict(fit, new, re.form = NA)))
    expect_equal(line("data", subject)$distance, orthodont$distance[orthodont$Subject == subject])
  }
})

test_that("groups are drawn from each value of `by`, the same for a seed", {
  both <- plot_data(fit, "groups", groups = 4, by = ~Sex, seed = 1)
  expect_named(both, c("Male", "Female"))
  for (sex in names(both)) {
    drawn <- unique(as.character(both[[sex]]$Subject))
    expect_length(drawn, 4L)
    expect_true(all(startsWith(drawn, substr(sex, 1, 1))))
  }
  expect_identical(both, plot_data(fit, "groups", groups = 4, by = ~Sex, seed = 1))
  chosen <- plot_data(fit, "groups", groups = c("M01", "F02"))
  expect_setequal(as.character(unique(chosen$Subject)), c("M01", "F02"))
  expect_error(plot_data(fit, "groups", groups = "Z1"), "Z1", class = "mixest_input")
  expect_error(plot_data(fit, "groups", groups = 1.5), "groups", class = "mixest_input")
  expect_error(plot_data(fit, "groups", by = ~size), "by", class = "mixest_input")
  expect_error(plot_data(fit, "groups", covariate = ~Sex), "covariate", class = "mixest_input")
})

test_that("curves of transformed covariates are drawn along the covariate", {
  curved <- lmm(distance ~ poly(age, 2) + (1 | Subject), orthodont)
  rows <- plot_data(curved, "groups", groups = "M01")
  model <- rows[rows$series == "model", ]
  expect_equal(model$distance, as.vector(predict(curved, data.frame(age = model$age, Subject = "M01"))))
  own <- rows[rows$series == "least squares", ]
  dense <- lm(distance ~ poly(age, 2), orthodont, orthodont$Subject == "M01")
  expect_equal(own$distance, as.vector(predict(dense, data.frame(age = own$age))))
})

test_that("a nested factor's line has the effects of the factors around it", {
  oats <- lmm(yield ~ nitro + (1 | Block/Variety), as.data.frame(nlme::Oats))
  level <- oats$random$groups[["Variety:Block"]][1L]
  rows <- plot_data(oats, "groups", groups = level, group = "Variety:Block")
  model <- rows[rows$series == "model", ]
  parts <- strsplit(level, ":", fixed = TRUE)[[1L]]
  new <- data.frame(nitro = model$nitro, Variety = parts[1L], Block = parts[2L])
  expect_equal(model$yield, as.vector(predict(oats, new)))
})

test_that("a predicted curve is predict() at typical values of the others", {
  rows <- plot_data(fit, "effects", covariate = ~age, at = list(Sex = c("Male", "Female")), level = 0.9)
  wanted <- predict(fit, rows[c("age", "Sex")], re.form = NA, interval = "confidence", level = 0.9)
  expect_equal(as.matrix(rows[c("fit", "lwr", "upr")]), wanted, ignore_attr = TRUE)
  factor_rows <- plot_data(fit, "effects", covariate = ~Sex)
  expect_identical(as.character(factor_rows$Sex), c("Male", "Female"))
  new <- data.frame(age = mean(orthodont$age), Sex = c("Male", "Female"))
  expect_equal(factor_rows$fit, as.vector(predict(fit, new, re.form = NA)))
  expect_error(plot_data(fit, "effects", at = list(size = 1)), "size", class = "mixest_input")
  expect_error(plot_data(fit, "effects", covariate = ~size), "covariate", class = "mixest_input")
})

test_that("coefficients have t intervals", {
  rows <- plot_data(fit, "coef", intercept = TRUE)
  wanted <- confint(fit, "beta_", method = "Wald", ddf = "satterthwaite")
  expect_equal(cbind(rows$conf.low, rows$conf.high), unname(wanted))
  expect_identical(plot_data(fit, "coef")$term, c("age", "SexFemale"))
})

test_that("the density of a profile is the derivative of the distribution function of zeta", {
  rows <- plot_data(fit, "profile", which = "age", density = TRUE)
  slope <- diff(pnorm(rows$zeta)) / diff(rows$value)
  middle <- (rows$density[-1L] + rows$density[-nrow(rows)]) / 2
  expect_equal(slope, middle, tolerance = 1e-3)
  # The trapezoid rule over the whole profile: what lies between its ends.
  expect_equal(sum(middle * diff(rows$value)), diff(pnorm(range(rows$zeta))), tolerance = 1e-3)
})

test_that("influence and bootstrap are those of the objects", {
  without <- influence(fit)
  expect_equal(plot_data(fit, "influence")$value, unname(cooks.distance(without)))
  changes <- plot_data(without, "influence", measure = "dfbetas")
  expect_equal(changes$value[changes$term == "age"], unname(dfbetas(without)[, "age"]))
  expect_error(plot_data(without, "influence", measure = "hat"), "measure", class = "mixest_input")
  replicates <- bootstrap(fit, nsim = 20, seed = 1, progress = FALSE)
  rows <- plot_data(replicates, "bootstrap", which = "age")
  expect_equal(rows$value, unname(replicates$t[, match("age", names(replicates$t0))]))
  expect_equal(rows, plot_data(fit, "bootstrap", which = "age", nsim = 20, seed = 1))
})

test_that("plot_data() says what is wrong", {
  expect_error(plot_data(fit, "histogram"), "type", class = "mixest_input")
  expect_error(plot_data(ranef(fit), "profile"), "fit", class = "mixest_input")
  expect_error(plot_data(fit), "type", class = "mixest_input")
  expect_warning(plot_data(fit, "coef", lvel = 0.9), "level", class = "mixest_argument")
  expect_named(plot_data(fit, "check"), c("residuals", "scale", "qq", "qq_ranef"))
})

test_that("influence that can't be computed for any group is no picture", {
  two <- with_seed(1, data.frame(g = gl(2, 10), y = rnorm(20)))
  measures <- suppressWarnings(influence(suppressMessages(lmm(y ~ 1 + (1 | g), two))))
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  expect_error(plot(measures), "an estimate without some", class = "mixest_input")
})
