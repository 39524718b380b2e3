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
