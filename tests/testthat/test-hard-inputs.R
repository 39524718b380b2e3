# Hard and bad inputs, tried as a user would. In the tables of refusals the name of a call is what
# its message must say.

d <- as.data.frame(nlme::Orthodont)
d$Subject <- factor(as.character(d$Subject))
d$id <- as.integer(d$Subject)
d$w <- seq(0.5, 2, length.out = 108)
reference <- lmm(distance ~ age + Sex + (age | Subject), d)

one_line <- function(condition) gsub("\\s+", " ", conditionMessage(condition))

expect_reference <- function(cases, wanted = reference, env = parent.frame()) {
  for (i in seq_along(cases)) {
    other <- suppressMessages(eval(cases[[i]], env))
    expect_close(deviance(other), deviance(wanted), 1e-8)
    expect_close(sort(abs(predict(other))), sort(abs(predict(wanted))), 1e-5)
  }
}

expect_refused <- function(class, cases, env = parent.frame()) {
  for (i in seq_along(cases)) {
    condition <- tryCatch(suppressWarnings(suppressMessages(eval(cases[[i]], env))), error = identity)
    expect_s3_class(condition, class)
    if (inherits(condition, "error")) expect_match(one_line(condition), names(cases)[i], fixed = TRUE)
  }
}

# A fit that warns: `class` of the warning, what it says, and no certificate.
expect_not_certified <- function(class, cases, env = parent.frame()) {
  for (i in seq_along(cases)) {
    warned <- NULL
    fit <- withCallingHandlers(suppressMessages(eval(cases[[i]], env)), warning = function(warning) {
      warned <<- warning
      invokeRestart("muffleWarning")
    })
    expect_s3_class(warned, class)
    if (!is.null(warned)) expect_match(one_line(warned), names(cases)[i], fixed = TRUE)
    expect_false(convergence(fit)$converged)
  }
}

test_that("the container of the data does not matter", {
  expect_reference(alist(
    lmm(distance ~ age + Sex + (age | Subject), nlme::Orthodont),
    lmm(distance ~ age + Sex + (age | Subject), as.list(d)),
    lmm(distance ~ age + Sex + (age | Subject), list2env(d)),
    with(d, lmm(distance ~ age + Sex + (age | Subject))),
    lmm(d$distance ~ d$age + d$Sex + (d$age | d$Subject)),
    lmm(distance ~ age + Sex + (age | Subject), d[108:1, ]),
    lmm(
      `a response` ~ `größe` + Sex + (`größe` | Subject), stats::setNames(d, c("a response", "größe", names(d)[-(1:2)]))
    )
  ))
  skip_if_not_installed("tibble")
  skip_if_not_installed("dplyr")
  skip_if_not_installed("data.table")
  expect_reference(alist(
    lmm(distance ~ age + Sex + (age | Subject), tibble::as_tibble(d)),
    lmm(distance ~ age + Sex + (age | Subject), dplyr::group_by(d, Sex)),
    lmm(distance ~ age + Sex + (age | Subject), data.table::as.data.table(d))
  ))
})

test_that("the type of a variable does not matter where its values are the same", {
  types <- transform(d,
    text = as.character(Sex), yes = Sex == "Female", days = as.difftime(age, units = "days"),
    date = as.Date("2020-01-01") + age,
    time = as.POSIXct("2020-01-01", tz = "UTC") + age, whole = as.integer(age), single = I(cbind(distance)),
    series = stats::ts(distance)
  )
  expect_reference(alist(
    lmm(distance ~ age + text + (age | Subject), types),
    lmm(distance ~ age + yes + (age | Subject), types),
    lmm(distance ~ days + Sex + (days | Subject), types),
    lmm(distance ~ date + Sex + (date | Subject), types),
    lmm(distance ~ time + Sex + (time | Subject), types),
    lmm(distance ~ whole + Sex + (whole | Subject), types),
    lmm(single ~ age + Sex + (age | Subject), types),
    lmm(series ~ age + Sex + (age | Subject), types)
  ))
  dates <- lmm(distance ~ date + Sex + (date | Subject), types)
  expect_equal(predict(dates, types[1:9, ]), fitted(dates)[1:9])
})

test_that("groups with odd labels are found again in new data", {
  odd <- d
  labels <- list(
    empty = replace(as.character(d$Subject), d$Subject == "M01", ""),
    na_text = replace(as.character(d$Subject), d$Subject == "M01", "NA"),
    na_level = addNA(replace(d$Subject, d$Subject == "M01", NA)), space = paste(" ", d$id, " "), large = d$id * 1e5,
    tenths = d$id / 10,
    infinite = replace(d$id, d$id == 1L, Inf), date = as.Date("2020-01-01") + d$id,
    time = as.POSIXct("2020-01-01", tz = "UTC") + 3600 * d$id
  )
  for (g in labels) {
    odd$g <- g
    fit <- lmm(distance ~ age + Sex + (age | g), odd)
    expect_close(deviance(fit), deviance(reference), 1e-8)
    expect_equal(ngrps(fit), c(g = 27L))
    expect_equal(predict(fit, odd[c(1, 50, 100), ]), fitted(fit)[c(1, 50, 100)])
  }
  odd$a <- ifelse(d$id < 10, "a:b", "a")
  odd$b <- ifelse(d$id < 10, "c", "b:c")
  odd$both <- addNA(replace(factor(labels$na_text), d$Subject == "M02", NA))
  odd$same <- structure(d$id, levels = c("s", "s", paste("s", 3:27)), class = "factor")
  expect_refused("mixest_input", alist(
    '"a:b:c" is the label of several levels of `a:b`' = lmm(distance ~ age + (1 | a:b), odd),
    '"NA" is the label of several levels of `both`' = lmm(distance ~ age + (1 | both), odd),
    '"s" is the label of several levels of `same`' = lmm(distance ~ age + (1 | same), odd)
  ))
})

test_that("the fixed part is that of lm(), for the rows of the fit and for new ones", {
  centred <- function(x) x - 11
  formulas <- list(
    distance ~ I(age^2) + age, log(distance) ~ log(age), distance ~ poly(age, 2), distance ~ splines::ns(age, 3),
    distance ~ splines::bs(age, df = 4),
    distance ~ scale(age), distance ~ Sex * age - Sex, distance ~ Sex * age - age, distance ~ (age + Sex)^2,
    distance ~ age %in% Sex, distance ~ Sex / age,
    distance ~ 0 + Sex + age, distance ~ age - 1, distance ~ factor(age), distance ~ age + I(2 * age), distance ~ 1,
    distance ~ age:Sex - 1,
    distance ~ stats::poly(age, 2, raw = TRUE):Sex, distance ~ C(Sex, contr.sum), distance ~ centred(age),
    distance ~ Sex:factor(age), distance ~ cut(age, 2),
    distance ~ offset(age) + Sex + offset(2 * centred(age)), distance ~ ordered(age),
    distance ~ pmin(age, 12) + (age > 10), distance ~ 0
  )
  for (formula in formulas) {
    ols <- lm(formula, d)
    mixed <- formula
    mixed[[3L]] <- call("+", formula[[3L]], quote((1 | Subject)))
    fit <- suppressMessages(lmm(mixed, d))
    expect_equal(
      model.matrix(fit), model.matrix(ols)[, !is.na(coef(ols)), drop = FALSE], ignore_attr = TRUE,
      label = deparse1(formula)
    )
    expect_setequal(as.character(c(names(fixef(fit)), fit$aliased)), as.character(names(coef(ols))))
    expect_equal(predict(fit, d[5:9, ]), fitted(fit)[5:9], label = deparse1(formula))
  }
  dot <- d[c("distance", "age", "Sex", "Subject")]
  expect_reference(alist(
    lmm(distance ~ . - Subject + (age | Subject), dot),
    lmm(distance ~ centred(age) + Sex + (centred(age) | Subject), d),
    lmm(distance ~ age + Sex + (scale(age) | Subject), d),
    lmm(distance ~ age + Sex + (poly(age, 1) | Subject), d)
  ))
})

test_that("a formula that can't be meant is refused by its own words", {
  expect_refused("mixest_formula", alist(
    "Use `lm()`" = lmm(distance ~ age, d),
    "must have a response" = lmm(~ age + (1 | Subject), d),
    "must be in parentheses" = lmm(distance ~ age + 1 | Subject, d),
    "Found `(0 | Subject)`" = lmm(distance ~ age + (0 | Subject), d),
    "Found `(1 | 1)`" = lmm(distance ~ age + (1 | 1), d),
    "`(1 | Subject)` is part of `age * (1 | Subject)`" = lmm(distance ~ age * (1 | Subject), d),
    "asks for `dig`" = lmm(distance ~ dig(age | Subject), d),
    "can't be a grouping variable too" = lmm(distance ~ age + (1 | distance), d),
    "Found `(. | Subject)`" = lmm(distance ~ (. | Subject), d)
  ))
  expect_refused("mixest_unidentified", alist("`age` is in `(age | age)`" = lmm(distance ~ (age | age), d)))
})

test_that("data that can't be used name the variable and the row", {
  bad <- transform(
    d, inf = replace(age, 7, Inf), nothing = NA_real_, one = "a", none = age - 8, wide = I(cbind(age, w))
  )
  bad$list <- as.list(d$age)
  expect_refused("mixest_input", alist(
    "`inf` is infinite in row 7" = lmm(distance ~ inf + (1 | Subject), bad),
    "`log(none)` is infinite in rows 1, 5, 9, 13, 17 and 22 more" = lmm(distance ~ log(none) + (1 | Subject), bad),
    "`I(1/none)` is infinite" = lmm(distance ~ (I(1 / none) | Subject), bad),
    "`I(1e+200 * age):I(1e+200 * w)` is infinite" = lmm(distance ~ I(1e200 * age):I(1e200 * w) + (1 | Subject), bad),
    "Every value of `nothing` is missing" = lmm(distance ~ nothing + (1 | Subject), bad),
    '`one` has the level "a" only' = lmm(distance ~ one + (1 | Subject), bad),
    "`list` is a list" = lmm(distance ~ list + (1 | Subject), bad),
    "`wide` is a matrix" = lmm(distance ~ (1 | wide), bad),
    "`weights` is infinite in row 7" = lmm(distance ~ (1 | Subject), bad, weights = inf),
    "rows 3 and 9" = lmm(distance ~ (1 | Subject), bad, weights = replace(w, c(3, 9), -1)),
    "Found in `weights`, row 3" = lmm(distance ~ (1 | Subject), bad, weights = replace(w, 3, NaN), na.action = na.fail),
    "`weights` has 3" = lmm(distance ~ (1 | Subject), bad, weights = 1:3),
    "It is a character vector" = lmm(distance ~ (1 | Subject), bad, weights = one),
    "`offset` is a character vector" = lmm(distance ~ (1 | Subject), bad, offset = one),
    "`offset` is infinite in row 7" = lmm(distance ~ (1 | Subject), bad, offset = inf),
    "`subset` selects no row" = lmm(distance ~ (1 | Subject), bad, subset = age > 99),
    "`distance` is a character vector" = lmm(distance ~ age + (1 | Subject), transform(d, distance = "a"))
  ))
  expect_warning(expect_error(
    lmm(log(none - 2) ~ (1 | Subject), bad), "infinite in rows 2, 6, 10", class = "mixest_input"
  ), "NaNs produced")
})

test_that("missing values, subset, weights and offset act together", {
  holes <- d
  holes$distance[3] <- NA
  holes$age[15] <- NaN
  holes$Subject[30] <- NA
  holes$w[40] <- NA
  fit <- lmm(
    distance ~ age + Sex + (age | Subject), holes, subset = id < 20, weights = w, offset = age / 2,
    na.action = na.exclude
  )
  by_hand <- na.omit(holes[holes$id < 20, ])
  by_hand$distance <- by_hand$distance - by_hand$age / 2
  expect_close(deviance(fit), deviance(lmm(distance ~ age + Sex + (age | Subject), by_hand, weights = w)), 1e-9)
  expect_length(fitted(fit), sum(holes$id < 20, na.rm = TRUE))
  expect_identical(is.na(unname(fitted(fit))), !stats::complete.cases(holes[which(holes$id < 20), ]))
})

test_that("rows of weight zero are rows that are not there", {
  zero <- d$Subject == "M01" | d$age == 8 & d$id < 9
  there <- lmm(distance ~ age + Sex + (age | Subject), d[!zero, ], weights = w)
  weighted <- lmm(distance ~ age + Sex + (age | Subject), d, weights = ifelse(zero, 0, w))
  for (part in c("deviance", "coefficients", "sigma", "theta", "df.residual", "beta_factor")) expect_equal(
    weighted[[part]], there[[part]], tolerance = 1e-8
  )
  expect_equal(nobs(weighted), nobs(there))
  expect_equal(fitted(weighted)[!zero], fitted(there), tolerance = 1e-8)
  expect_equal(as.data.frame(ranef(weighted)), as.data.frame(ranef(there)), tolerance = 1e-8)
  expect_equal(
    fitted(weighted)[d$Subject == "M01"], predict(there, d[d$Subject == "M01", ], re.form = NA), tolerance = 1e-8
  )
  large <- lmm(distance ~ age + Sex + (age | Subject), d, weights = 1e300 * w)
  small <- lmm(distance ~ age + Sex + (age | Subject), d, weights = 1e-300 * w)
  for (other in list(large, small)) expect_close(
    deviance(other), deviance(lmm(distance ~ age + Sex + (age | Subject), d, weights = w)), 1e-7
  )
})

test_that("what the data can't determine is an error, or a warning that names the parameter", {
  singles <- d[d$age == 8, ]
  d$constant <- 1
  d$zero <- 0
  expect_refused("mixest_unidentified", alist(
    '`Subject` has the level "M01" only' = lmm(distance ~ (1 | Subject), d, subset = Subject == "M01"),
    "There are 4 rows" = lmm(distance ~ factor(age) * id + (1 | id), d[c(1, 2, 7, 8), ]),
    "`constant` is" = lmm(distance ~ (constant | Subject), d),
    "`zero` is" = lmm(distance ~ (zero || Subject), d),
    "`I(2 * age)` is" = lmm(distance ~ (age + I(2 * age) | Subject), d)
  ))
  expect_not_certified("mixest_unidentified", alist(
    "parameter Subject.(Intercept)." = lmm(distance ~ Sex + (1 | Subject), singles),
    "parameters Subject.(Intercept) and Subject.constant" = lmm(distance ~ (constant || Subject), d),
    "parameter Subject.(Intercept)" = lmm(distance ~ Subject + (1 | Subject), d),
    "Subject.(Intercept), Subject.age.(Intercept) and Subject.age" = lmm(distance ~ Subject * age + (age | Subject), d),
    "parameter Subject.(Intercept)" = lmm(distance ~ Subject + age + (age || Subject), d),
    "Subject.(Intercept) and Subject.1.(Intercept)" = lmm(distance ~ age + (1 | Subject) + (1 | Subject), d),
    "Subject.SexFemale" = lmm(distance ~ age + (Sex | Subject), d),
    "age.factor(age)10 and 5 more" = lmm(distance ~ (factor(age) | age), d)
  ))
})

test_that("no variation left is a condition of its own, never a number", {
  x <- d$age
  perfect <- transform(
    d, line = 3 + 2 * x, groups = 3 + 2 * x + id, lines = 3 + sqrt(2) * x + id + sin(id) * x, constant = 5, nothing = 0
  )
  expect_not_certified("mixest_degenerate", alist(
    "sigma is 0" = lmm(line ~ age + (age | Subject), perfect),
    "sigma is 0" = lmm(constant ~ age + (1 | Subject), perfect),
    "sigma is 0" = lmm(nothing ~ age + (1 | Subject), perfect),
    "sigma is 0" = lmm(I(line * (1 + 1e-15 * sin(1:108))) ~ age + (1 | Subject), perfect)
  ))
  expect_refused("mixest_degenerate", alist(
    "no variation within the groups" = lmm(groups ~ age + (1 | Subject), perfect),
    "no variation within" = lmm(lines ~ age + (age | Subject), perfect),
    "no variation" = lmm(id ~ 1 + (1 | Subject), perfect),
    "The residual variance" = lmm(distance ~ age + (distance | Subject), perfect)
  ))
  noise <- with_seed(1, rnorm(108))
  small <- fit_quietly(I(line + 1e-10 * noise) ~ age + (1 | Subject), perfect)
  expect_close(sigma(small), 1e-10, 2e-11)
})

test_that("groups whose rows repeat each other leave their differences to sigma", {
  data <- with_seed(3, data.frame(y = rnorm(40), g = gl(20, 2), x = rep(c(0, 1, 0, 1, 1, 1, 0, 0), 5)))
  for (REML in c(TRUE, FALSE)) {
    fit <- fit_quietly(y ~ x + (x | g), data, REML = REML)
    expect_true(convergence(fit)$converged)
    oracle <- function(theta) dense_criterion(dense_model(y ~ x, ~x, data), psi_of(theta, "us", 2L), REML)
    expect_close(oracle(fit$theta), deviance(fit), 1e-8)
    expect_gt(nlminb(c(1, 0, 1), oracle)$objective, deviance(fit) - 1e-8)
  }
})

test_that("dependent columns are no obstacle to a structure that tells them apart", {
  data <- random_data(5, m = 40L, sizes = 3:6, q = 2L)
  data$z2 <- 1 + 3 * data$z1
  fit <- fit_quietly(y ~ x1 + diag(z1 + z2 | g), data)
  expect_true(convergence(fit)$converged)
  model <- dense_model(y ~ x1, ~ z1 + z2, data)
  expect_close(dense_criterion(model, psi_of(fit$theta, "diag", 3L)), deviance(fit), 1e-8)
  expect_error(lmm(y ~ x1 + (z1 + z2 | g), data), class = "mixest_unidentified")
})

test_that("variables of any size are fitted like variables of order one", {
  n <- 108
  for (scale in c(1e300, 1e-300)) {
    fit <- lmm(I(scale * distance) ~ age + Sex + (age | Subject), d)
    expect_close(deviance(fit) - 2 * (n - 3) * log(scale), deviance(reference), 1e-7)
    expect_equal(fixef(fit) / scale, fixef(reference), tolerance = 1e-9)
    fit <- lmm(distance ~ I(scale * age) + Sex + (I(scale * age) | Subject), d)
    expect_close(deviance(fit) - 2 * log(scale), deviance(reference), 1e-7)
  }
})

test_that("new data come as the user has them", {
  rows <- c(1, 50, 100)
  wanted <- unname(fitted(reference)[rows])
  new <- d[rows, ]
  for (other in list(droplevels(new), transform(
    new, Sex = as.character(Sex), Subject = as.character(Subject)
  ), transform(new, age = as.integer(age)), as.list(new))) {
    expect_equal(unname(predict(reference, other)), wanted)
  }
  expect_length(predict(reference, new[0, ]), 0)
  expect_equal(unname(predict(reference, transform(new, age = replace(age, 2, NA)))), replace(wanted, 2, NA))
  expect_equal(
    unname(predict(reference, transform(new, Subject = c("M01", NA, "nobody")), allow.new.levels = TRUE)),
    unname(c(predict(reference, transform(new, Subject = "M01"))[1], predict(reference, new, re.form = NA)[2:3]))
  )
  with_offset <- lmm(distance ~ age + (1 | Subject), d, offset = w)
  new$w <- NULL
  expect_refused("mixest_input", alist(
    '`Sex` has "Other"' = predict(reference, transform(new, Sex = "Other")),
    "It has not seen \"1\"" = predict(reference, transform(new, Subject = 1)),
    "Missing in row 2" = predict(reference, transform(new, Subject = replace(Subject, 2, NA))),
    "Can't find `age`" = predict(reference, new["Sex"]),
    "`age` was numeric, now it is a character vector" = predict(reference, transform(new, age = "8")),
    "must be a data frame" = predict(reference, as.matrix(new)),
    "Can't find `w`" = predict(with_offset, new),
    "`allow.new.levels` must be" = predict(reference, new, allow.new.levels = "yes")
  ))
})

test_that("every method answers for fits at the edge", {
  quiet <- function(...) suppressWarnings(suppressMessages(lmm(...)))
  fits <- list(
    quiet(I(3 + 2 * age) ~ age + (age | Subject), d), quiet(I(0 * age) ~ 1 + (1 | Subject), d),
    quiet(distance ~ Subject + (1 | Subject), d),
    quiet(distance ~ Sex + (1 | Subject), d[d$age == 8, ]), quiet(distance ~ 0 + (age | Subject), d),
    quiet(distance ~ age + I(2 * age) + (1 | Subject), d),
    quiet(I(distance - ave(distance, Subject)) ~ age + (age | Subject), d),
    quiet(distance ~ age + (1 | Subject), d, weights = as.numeric(age > 8))
  )
  methods <- list(
    print, summary, fixef, vcov, ranef, coef, VarCorr, sigma, logLik, AIC, BIC, nobs, ngrps, df.residual, fitted,
    residuals, hatvalues, isSingular, convergence,
    model.matrix, getVarCov, function(fit) print(summary(fit)), function(fit) as.data.frame(ranef(fit)),
    function(fit) as.data.frame(VarCorr(fit)),
    function(fit) predict(fit, d[1:2, ], se.fit = TRUE, interval = "prediction"), function(fit) simulate(fit, seed = 1),
    function(fit) getME(fit, "V"),
    function(fit) residuals(fit, type = "pearson"), function(fit) vcov(fit, complete = TRUE)
  )
  for (fit in fits) for (method in methods) utils::capture.output(expect_no_error(suppressWarnings(method(fit))))
  expect_true(all(is.na(coef(summary(fits[[1L]]))[, "t value"])))
})

test_that("a coefficient that no number can hold is an error, not Inf", {
  data <- transform(as.data.frame(nlme::Orthodont), x = age * 1e-310)
  expect_error(lmm(distance ~ x + (1 | Subject), data), class = "mixest_degenerate")
})
