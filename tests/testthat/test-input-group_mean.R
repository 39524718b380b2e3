orthodont <- as.data.frame(nlme::Orthodont)
orthodont$load <- with_seed(1, rnorm(108)) + as.integer(orthodont$Subject) / 10
formula <- distance ~ group_mean(load, Subject) + Sex + group_center(load, Subject) +
  (group_center(load, Subject) | Subject)

# The columns made by hand, from the rows that the fit has.
by_hand <- function(data, ...) {
  data$between <- ave(data$load, data$Subject, FUN = function(x) mean(x, na.rm = TRUE))
  data$within <- data$load - data$between
  suppressMessages(lmm(distance ~ between + Sex + within + (within | Subject), data, ...))
}

expect_same_fit <- function(fit, peer) {
  expect_equal(unname(fixef(fit)), unname(fixef(peer)), tolerance = 1e-8)
  expect_equal(fit$deviance, peer$deviance, tolerance = 1e-10)
  expect_equal(as.vector(fitted(fit)), as.vector(fitted(peer)), tolerance = 1e-8)
}

test_that("means and deviations of vectors are those of ave()", {
  x <- c(1, 2, 6, NA, 5)
  g <- c("a", "a", "b", "b", NA)
  expect_equal(group_mean(x, g), c(1.5, 1.5, 6, 6, NA))
  expect_equal(group_center(x, g), c(-0.5, 0.5, 0, NA, NA))
  expect_equal(group_mean(x, factor(g), means = c(b = 9, a = 3)), c(3, 3, 9, 9, NA))
  expect_equal(group_mean(1e8 + 1:4, rep(1, 4)), rep(1e8 + 2.5, 4))
  expect_error(group_mean(1:3, 1:2), "length 3", class = "mixest_input")
  expect_error(group_center("a", "b"), "numeric", class = "mixest_input")
})

test_that("the fit is that of the columns made by hand", {
  expect_same_fit(suppressMessages(lmm(formula, orthodont)), by_hand(orthodont))
})

test_that("means are those of the rows of the fit", {
  gaps <- orthodont
  gaps$distance[c(2, 9, 30)] <- NA
  gaps$load[c(5, 40)] <- NA
  used <- gaps[!is.na(gaps$distance), ]
  expect_same_fit(suppressMessages(lmm(formula, gaps)), by_hand(used))
  chosen <- orthodont$age > 8
  expect_same_fit(suppressMessages(lmm(formula, orthodont, subset = age > 8)), by_hand(orthodont[chosen, ]))
  weighted <- cbind(orthodont, w = replace(rep(1, 108), c(7, 50), 0))
  fit <- suppressMessages(lmm(formula, weighted, weights = w))
  peer <- by_hand(orthodont[-c(7, 50), ])
  expect_equal(unname(fixef(fit)), unname(fixef(peer)), tolerance = 1e-8)
})

test_that("a group without a value in the rows of the fit is an error", {
  gaps <- orthodont
  gaps$load[2:4] <- NA
  gaps$distance[1] <- NA
  expect_error(lmm(distance ~ group_mean(load, Subject) + (1 | Subject), gaps), "M01", class = "mixest_input")
})

test_that("a group of rows of weight 0 has fitted values by the mean of its rows", {
  weighted <- cbind(orthodont, w = as.numeric(orthodont$Subject != "M01"))
  fit <- lmm(distance ~ group_mean(load, Subject) + (1 | Subject), weighted, weights = w)
  own <- mean(orthodont$load[orthodont$Subject == "M01"])
  expect_equal(as.vector(fitted(fit)[1:4]), rep(sum(fixef(fit) * c(1, own)), 4))
})

test_that("update() takes the means of the rows that it fits", {
  fit <- suppressMessages(lmm(formula, orthodont))
  expect_same_fit(suppressMessages(update(fit, subset = age > 8)), by_hand(orthodont[orthodont$age > 8, ]))
})

test_that("predictions use the remembered means", {
  fit <- suppressMessages(lmm(formula, orthodont))
  expect_equal(as.vector(predict(fit, orthodont[c(3, 50), ])), as.vector(fitted(fit)[c(3, 50)]))
  means <- tapply(orthodont$load, orthodont$Subject, mean)
  new <- data.frame(load = c(2, 3), Subject = c("M01", "F02"), Sex = c("Male", "Female"))
  between <- means[new$Subject]
  by_formula <- cbind(1, between, c(0, 1), new$load - between) %*% fixef(fit)
  expect_equal(as.vector(predict(fit, new, re.form = NA)), as.vector(by_formula))
})

test_that("a new group has the mean of its own rows, said once", {
  fit <- suppressMessages(lmm(formula, orthodont))
  new <- data.frame(load = c(2, 4, 1), Subject = c("new one", "new one", "M01"), Sex = "Male")
  expect_message(first <- predict(fit, new, re.form = NA), "new one", class = "mixest_new_group")
  expect_no_message(expect_identical(predict(fit, new, re.form = NA), first))
  expect_equal(first[[1L]], sum(fixef(fit) * c(1, 3, 0, -1)))
})

test_that("a mean inside of a function is refused, and interactions are not", {
  expect_error(
    lmm(distance ~ log(group_mean(load, Subject)) + (1 | Subject), orthodont), "log", class = "mixest_formula"
  )
  fit <- lmm(distance ~ group_mean(load, Subject) * Sex + (1 | Subject), orthodont)
  data <- transform(orthodont, between = ave(load, Subject))
  peer <- lmm(distance ~ between * Sex + (1 | Subject), data)
  expect_equal(unname(fixef(fit)), unname(fixef(peer)), tolerance = 1e-8)
})

test_that("a saved fit predicts without the functions at hand", {
  fit <- lmm(distance ~ group_center(load, Subject) + (1 | Subject), orthodont)
  calls <- as.list(attr(fit$terms, "predvars"))
  expect_identical(calls[[3L]][[1L]], quote(mixest::group_center))
  expect_named(calls[[3L]]$means, unique(as.character(orthodont$Subject)))
})
