fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
nested <- interop_fit("nested")
columns <- c("effect", "group", "term", "estimate", "std.error", "statistic", "df", "p.value")

test_that("tidy() has one row for each parameter, in the columns of broom.mixed", {
  rows <- tidy(fit)
  expect_s3_class(rows, c("tbl_df", "tbl", "data.frame"), exact = TRUE)
  expect_named(rows, columns)
  expect_identical(
    rows$term, c("(Intercept)", "age", "sd__(Intercept)", "sd__age", "cor__(Intercept).age", "sd__Observation")
  )
  expect_identical(rows$group, c(NA, NA, "Subject", "Subject", "Subject", "Residual"))
  expect_equal(rows$estimate, c(unname(fixef(fit)), as.data.frame(VarCorr(fit))$sdcor))
  expect_identical(rows$std.error[3:6], as.data.frame(VarCorr(fit))$std.error)
  expect_equal(rows$p.value[1:2], unname(coef(summary(fit))[, "Pr(>|t|)"]))
  expect_identical(tidy(fit, effects = "fixed"), rows[1:2, ])
  expect_error(tidy(fit, effects = "random"), class = "mixest_input")
})

test_that("variances, prefixes and exponents are as asked for", {
  rows <- tidy(fit, effects = "ran_pars", scales = "vcov")
  expect_identical(rows$term, c("var__(Intercept)", "var__age", "cov__(Intercept).age", "var__Observation"))
  expect_equal(rows$estimate, as.data.frame(VarCorr(fit))$vcov)
  expect_identical(tidy(fit, scales = c(NA, "vcov"))$estimate[3:6], rows$estimate)
  expect_match(tidy(fit, effects = "ran_pars", ran_prefix = c("SD", "Cor"))$term, "^(SD|Cor)__")
  expect_equal(tidy(fit, effects = "fixed", exponentiate = TRUE)$estimate, unname(exp(fixef(fit))))
  expect_error(tidy(fit, scales = "log"), "scales", class = "mixest_input")
})

test_that("confidence limits are those of the t tests, of confint() and of the random effects", {
  rows <- tidy(fit, conf.int = TRUE, conf.level = 0.9)
  table <- coef(summary(fit))
  expect_equal((rows$conf.high - rows$estimate)[1:2], unname(qt(0.95, table[, "df"]) * table[, "Std. Error"]))
  wald <- confint(fit, "theta_", level = 0.9, method = "Wald")
  expect_equal(rows$conf.low[3:6], unname(wald[c(1L, 3L, 2L, 4L), 1L]))
  variances <- tidy(fit, effects = "ran_pars", conf.int = TRUE, conf.level = 0.9, scales = "vcov")
  expect_equal(variances$conf.low, ifelse(c(TRUE, TRUE, FALSE, TRUE), rows$conf.low[3:6]^2, NA))
  profile <- tidy(fit, effects = "fixed", conf.int = TRUE, conf.method = "profile")
  expect_equal(profile$conf.low, unname(confint(fit, "beta_")[, 1L]))
  effects <- tidy(fit, effects = "ran_vals", conf.int = TRUE)
  expect_equal(effects$conf.high - effects$estimate, qnorm(0.975) * effects$std.error)
  expect_error(tidy(fit, conf.int = TRUE, conf.level = 90), "conf.level", class = "mixest_input")
  expect_error(tidy(fit, conf.method = "exact"), "conf.method", class = "mixest_input")
})

test_that("random effects and coefficients have a row for each level", {
  effects <- tidy(nested, effects = "ran_vals")
  expect_named(effects, c("effect", "group", "level", "term", "estimate", "std.error"))
  expect_equal(effects$estimate, as.data.frame(ranef(nested))$condval)
  coefficients <- tidy(nested, effects = "ran_coefs")
  expect_equal(
    coefficients$estimate[coefficients$group == "Block" & coefficients$term == "nitro"],
    rep(fixef(nested)[["nitro"]], 6)
  )
  expect_named(tidy(nested, effects = c("fixed", "ran_vals")), append(columns, "level", 2L))
})

test_that("a structure with common parameters has their limits in each row", {
  common <- fit_quietly(yield ~ nitro + homcs(0 + Variety | Block), data = as.data.frame(nlme::Oats))
  rows <- tidy(common, effects = "ran_pars", conf.int = TRUE)
  expect_false(anyNA(rows$conf.low))
  expect_length(unique(rows$conf.low[grepl("^cor", rows$term)]), 1L)
})

test_that("tables are those of broom.mixed", {
  skip_without("broom.mixed", "lmerTest")
  for (one in list(fit, nested)) {
    peer <- as_peer(one)
    expect_columns(tidy(one, effects = "fixed"), broom.mixed::tidy(peer, effects = "fixed"), columns[3:8], 1e-3)
    ours <- as.data.frame(tidy(one, effects = "ran_pars"))
    theirs <- as.data.frame(broom.mixed::tidy(peer, effects = "ran_pars"))
    at <- match(paste(ours$group, ours$term), paste(theirs$group, theirs$term))
    expect_equal(ours$estimate, theirs$estimate[at], tolerance = 1e-6)
    expect_columns(glance(one), broom.mixed::glance(peer), names(broom.mixed::glance(peer)), 1e-6)
    expect_columns(augment(one), broom.mixed::augment(peer), c(".fitted", ".resid", ".hat", ".fixed"), 1e-5)
  }
})

test_that("glance() is one row", {
  row <- glance(fit)
  expect_s3_class(row, "tbl_df")
  expect_identical(nrow(row), 1L)
  expect_equal(row$AIC, AIC(fit))
  expect_equal(row$REMLcrit, deviance(fit))
  expect_equal(glance(update(fit, REML = FALSE))$deviance, deviance(update(fit, REML = FALSE)))
})

test_that("scales = \"vcov\" gives variances and covariances with delta-method standard errors", {
  fit <- lmm(distance ~ age + (age | Subject), nlme::Orthodont)
  table <- tidy(fit, effects = "ran_pars", scales = "vcov")
  D <- VarCorr(fit)$Subject
  expect_equal(table$estimate, c(D[1, 1], D[2, 2], D[1, 2], sigma(fit)^2))
  expect_identical(table$term, c("var__(Intercept)", "var__age", "cov__(Intercept).age", "var__Observation"))

  # cov = sd_1 sd_2 cor, from the joint covariance matrix of these three
  joint <- vcov(fit, full = TRUE)[3:6, 3:6]
  sd <- attr(D, "stddev")
  cor <- attr(D, "correlation")[1, 2]
  slope <- c(sd[2] * cor, sd[1] * sd[2], sd[1] * cor)   # sd_1, cor, sd_2
  variance <- slope %*% joint[1:3, 1:3] %*% slope
  error <- sqrt(c((2 * sd)^2 * diag(joint)[c(1, 3)], variance, 4 * sigma(fit)^2 * joint[4, 4]))
  expect_equal(table$std.error, unname(error))

  expect_identical(tidy(fit, scales = c(NA, "vcov"))$estimate, c(unname(fixef(fit)), table$estimate))
  expect_identical(tidy(fit, scales = "sdcor"), tidy(fit))
  expect_error(tidy(fit, scales = "sd"), "scales", class = "mixest_input")
  expect_error(tidy(fit, scales = c("vcov", "vcov")), "scales", class = "mixest_input")
})

test_that("augment() adds columns to the rows of the fit, to its data or to new ones", {
  rows <- as.data.frame(nlme::Orthodont)
  rows$distance[3] <- NA
  rows$note <- "kept"
  for (action in c("na.omit", "na.exclude")) {
    some <- lmm(distance ~ age + (1 | Subject), rows, na.action = action)
    own <- augment(some)
    expect_identical(nrow(own), 107L)
    expect_equal(own$.resid, own$distance - own$.fitted)
    whole <- augment(some, data = rows)
    expect_identical(whole$note, rows$note)
    expect_identical(which(is.na(whole$.fitted)), 3L)
    expect_equal(whole$.fitted[-3], own$.fitted)
  }
  new <- augment(some, newdata = rows[1:4, ], se_fit = TRUE, interval = "prediction")
  expected <- predict(some, rows[1:4, ], se.fit = TRUE, interval = "prediction")
  expect_equal(new$.se.fit, unname(expected$se.fit))
  expect_equal(new$.upper, unname(expected$fit[, "upr"]))
  expect_false(".resid" %in% names(new))
  expect_error(augment(some, data = rows[1:9, ]), "must be the data", class = "mixest_input")
})
