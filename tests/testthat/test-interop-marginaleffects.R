test_that("predictions, comparisons and slopes are those of lmer's fits", {
  skip_without("marginaleffects", "lmerTest")
  fit <- interop_fit("slopes")
  peer <- as_peer(fit)
  columns <- c("estimate", "std.error")
  of <- function(f) {
    list(
      marginaleffects::predictions(f, re.form = NA), marginaleffects::avg_slopes(f, re.form = NA),
      marginaleffects::avg_comparisons(f, variables = "Sex", re.form = NA), marginaleffects::hypotheses(f, "b2 = b4")
    )
  }
  own <- of(fit)
  other <- of(peer)
  for (i in seq_along(own)) expect_columns(own[[i]], other[[i]], columns, 1e-4)
  expect_equal(marginaleffects::get_vcov(fit, "CR2"), vcov(fit, type = "CR2"))
  expect_warning(marginaleffects::avg_predictions(fit), "fixed-effect")
})

test_that("the class is allowed without loading marginaleffects", {
  expect_true("mixest" %in% getOption("marginaleffects_model_classes"))
})
