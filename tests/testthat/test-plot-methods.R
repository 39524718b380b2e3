orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (age | Subject), orthodont)
singular <- suppressMessages(lmm(travel ~ 1 + (1 | Rail), transform(nlme::Rail, travel = rep(c(1, 2, 3), 6))))
arguments <- list(bootstrap = list(nsim = 20, seed = 1), groups = list(by = ~Sex, seed = 1))
with_arguments <- function(draw, type, ...) do.call(draw, c(list(fit, ...), arguments[[type]]))

test_that("every picture is drawn in base graphics without a warning, and leaves par() as it was", {
  withr::local_pdf(NULL, width = 6, height = 4)
  before <- graphics::par(no.readonly = TRUE)
  for (type in names(picture_types)) expect_no_warning(with_arguments("plot", type, which = type))
  expect_no_warning(plot(fit))
  expect_no_warning(plot(fit, which = "effects", at = list(Sex = c("Male", "Female"))))
  expect_no_warning(plot(fit, which = "profile", density = TRUE))
  expect_no_warning(plot(fit, which = "influence", measure = "dfbetas"))
  expect_no_warning(plot(ranef(fit)))
  expect_no_warning(plot(influence(fit)))
  after <- graphics::par(no.readonly = TRUE)
  kept <- c("mar", "oma", "mfrow", "mgp", "las", "tcl", "cex")
  expect_identical(after[kept], before[kept])
})

test_that("plot() returns the data of the picture", {
  withr::local_pdf(NULL)
  expect_identical(plot(fit, which = "coef"), plot_data(fit, "coef"))
  expect_named(plot(fit, which = 1:2), c("residuals", "scale"))
})

test_that("every picture is drawn in ggplot2 without a warning", {
  skip_if_not_installed("ggplot2")
  withr::local_pdf(NULL, width = 6, height = 4)
  for (type in c("check", names(picture_types))) {
    drawn <- with_arguments(ggplot2::autoplot, type, type = type)
    expect_no_warning(print(drawn))
    if (!type %in% c("check", "groups")) expect_true(inherits(drawn, "ggplot"), info = type)
  }
  pages <- ggplot2::autoplot(fit, type = "groups", by = ~Sex)
  expect_length(pages, 2L)
  expect_true(all(vapply(pages, inherits, NA, "ggplot")))
  replicates <- bootstrap(fit, nsim = 9, seed = 1, progress = FALSE)
  for (one in list(ranef(fit), influence(fit), profile(fit, "age"), replicates)) {
    expect_no_warning(print(ggplot2::autoplot(one)))
  }
})

test_that("a fit whose random effects have no variance has pictures", {
  expect_true(isSingular(singular))
  withr::local_pdf(NULL)
  expect_no_warning(plot(singular))
  expect_identical(nrow(plot_data(singular, "qq_ranef")), 0L)
  skip_if_not_installed("ggplot2")
  expect_no_warning(print(ggplot2::autoplot(singular)))
})

test_that("a formula is drawn by lattice with its own columns", {
  skip_if_not_installed("lattice")
  withr::local_pdf(NULL)
  drawn <- plot(fit, resid(., scaled = TRUE) ~ fitted(.) | Sex, abline = 0, id = 0.05, main = "a title")
  expect_s3_class(drawn, "trellis")
  expect_no_warning(print(drawn))
  expect_identical(drawn$main, "a title")
  male <- orthodont$Sex == "Male"
  expect_equal(drawn$panel.args[[1L]]$y, unname(resid(fit, scaled = TRUE)[male]), ignore_attr = TRUE)
  expect_no_warning(print(plot(fit, Subject ~ resid(.))))
  expect_no_warning(print(plot(fit, ~ resid(.))))
  expect_no_warning(print(plot(fit, distance ~ fitted(.), abline = c(0, 1), grid = FALSE)))
  expect_error(plot(fit, 7), "formula", class = "mixest_input")
  expect_error(plot(fit, size ~ fitted(.)), "size", class = "mixest_input")
  expect_error(plot(fit, resid(.) ~ sigma(.)), "108", class = "mixest_input")
  expect_error(plot(fit, resid(.) ~ fitted(.), abline = "a"), "abline", class = "mixest_input")
  expect_error(plot(fit, resid(.) ~ fitted(.), id = 2), "id", class = "mixest_input")
  expect_error(plot(fit, resid(.) ~ fitted(.), id = 0.1, idLabels = 1:3), "idLabels", class = "mixest_input")
})

test_that("outliers are the rows beyond the normal quantile", {
  names <- names_of_outliers(fit, list(id = 0.05, labels = ~Subject), environment())
  far <- abs(resid(fit, type = "pearson", scaled = TRUE)) > qnorm(0.975)
  expect_identical(names, ifelse(far, as.character(orthodont$Subject), ""), ignore_attr = TRUE)
})

test_that("pictures that there are not are refused", {
  expect_error(plot(fit, which = 20), "which", class = "mixest_input")
  expect_error(plot(fit, which = "hist"), "which", class = "mixest_input")
  withr::local_pdf(NULL)
  expect_warning(plot(fit, which = "coef", levle = 0.9), "level", class = "mixest_argument")
})
