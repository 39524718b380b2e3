test_that("offenders are listed up to five", {
  expect_equal(list_offenders(1), "1")
  expect_equal(list_offenders(1:2), "1 and 2")
  expect_equal(list_offenders(1:5), "1, 2, 3, 4 and 5")
  expect_equal(list_offenders(1:100), "1, 2, 3, 4, 5 and 95 more")
  expect_equal(list_names(c("a", "b")), "`a` and `b`")
})

test_that("a name is suggested when it differs in case or in few letters", {
  expect_equal(closest_name("dose", c("x", "Dose", "response")), "Dose")
  expect_equal(closest_name("dyas", c("Days", "Subject")), "Days")
  expect_null(closest_name("ww", c("Days", "Subject")))
  expect_null(closest_name("a", c("b", "c")))
  expect_null(closest_name("a", character()))
})

test_that("errors have both classes and the call of the user's function", {
  error <- tryCatch(lmm(1), error = identity)
  expect_s3_class(error, c("mixest_formula", "mixest_error"), exact = FALSE)
  expect_equal(error$call[[1]], quote(lmm))
})

test_that("the text of a message is built only for those who read it", {
  written <- 0
  speak <- function() say_mixest("mixest_singular", function() {
    written <<- written + 1
    c(i = "A text with {braces}.")
  }, environment())
  suppressMessages(speak())
  expect_identical(tryCatch(speak(), message = class)[1L], "mixest_singular")
  expect_identical(written, 0)
  expect_message(speak(), "A text with {braces}.", fixed = TRUE)
  expect_identical(tryCatch(speak(), message = function(m) m$message), "i A text with {braces}.\n")
})

test_that("the screen shows once what one call says again and again; handlers hear all of it", {
  speak <- function() say_mixest("mixest_singular", function() c(i = "On the boundary."), environment())
  heard <- 0
  shown <- capture.output(
    for (i in 1:5) withCallingHandlers(speak(), message = function(m) heard <<- heard + 1), type = "message"
  )
  expect_identical(heard, 5)
  expect_identical(shown, "i On the boundary.")
  say_again <- function() say_mixest("mixest_aliased", function() c(i = "Dropped."), environment())
  expect_identical(capture.output(say_again(), type = "message"), "i Dropped.")
})
