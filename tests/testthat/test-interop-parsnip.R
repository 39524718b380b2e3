test_that("linear_reg() has an engine", {
  skip_without("parsnip")
  rows <- as.data.frame(nlme::Orthodont)
  model <- parsnip::set_engine(parsnip::linear_reg(), "lmm")
  fitted <- parsnip::fit(model, distance ~ age + (age | Subject), data = rows)
  direct <- lmm(distance ~ age + (age | Subject), data = rows)
  expect_equal(fixef(parsnip::extract_fit_engine(fitted)), fixef(direct))
  new <- rows[1:3, ]
  new$Subject <- c("M01", "M02", "new")
  expect_equal(predict(fitted, new)$.pred, unname(predict(direct, new, allow.new.levels = TRUE)))
  limits <- predict(fitted, new, type = "conf_int", level = 0.9)
  expected <- predict(direct, new, allow.new.levels = TRUE, interval = "confidence", level = 0.9)
  expect_equal(limits$.pred_upper, unname(expected[, "upr"]))
})
