fit <- interop_fit("slopes")

test_that("contests have lmerTest's columns and numbers", {
  skip_without("lmerTest")
  peer <- as_peer(fit)
  own <- lmerTest::contest1D(fit, c(0, 1, 0, 1))
  other <- lmerTest::contest1D(peer, c(0, 1, 0, 1))
  expect_named(own, names(other))
  expect_columns(own, other, names(other), 1e-4)
  own <- lmerTest::contestMD(fit, diag(4)[3:4, ])
  other <- lmerTest::contestMD(peer, diag(4)[3:4, ])
  expect_columns(own, other, names(other), 1e-4)
  expect_error(lmerTest::contest1D(fit, diag(4)), "4 rows", class = "mixest_input")
})

test_that("lmerTest's step() eliminates, and get_model() gives what is left", {
  skip_without("lmerTest")
  found <- lmerTest::step(fit, reduce.random = FALSE)
  expect_s3_class(found, "mixest_step")
  expect_s3_class(lmerTest::get_model(found), "mixest")
})

test_that("means of factor levels and their differences are lmerTest's", {
  skip_without("lmerTest", "emmeans")
  nested <- interop_fit("nested")
  peer <- as_peer(nested)
  for (f in list(lmerTest::ls_means, lmerTest::difflsmeans)) {
    expect_columns(f(nested), f(peer), c("term", "levels", "Estimate", "Std. Error", "df", "lower", "Pr(>|t|)"), 1e-4)
  }
  expect_output(print(lmerTest::ls_means(nested)), "VarietyVictory")
  expect_error(lmerTest::ls_means(nested, which = "nitro"), class = "mixest_input")
})
