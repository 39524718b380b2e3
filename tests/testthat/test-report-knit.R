skip_if_not_installed("knitr")

schools <- lmm(mathach ~ meanses + sector + cses + (cses | school), MathAchieve)
knitted <- function(x) unclass(knitr::knit_print(x))
lines_of_table <- function(x) grep("^[|]", strsplit(as.character(knitted(x)), "\n", fixed = TRUE)[[1L]], value = TRUE)

test_that("a summary becomes tables with the numbers that journals want", {
  expect_s3_class(knitr::knit_print(summary(schools)), "knit_asis")
  expect_snapshot(cat(knitted(summary(schools))))
})

test_that("fits, variances, random effects and tests become tables of their own size", {
  # A header and the line below it come before the rows.
  expect_length(lines_of_table(schools), 4L + 4L + 3L)
  expect_length(lines_of_table(VarCorr(schools)), 2L + 3L)
  orthodont <- as.data.frame(nlme::Orthodont)
  three <- suppressMessages(lmm(distance ~ age + Sex + (age + I(age^2) | Subject), orthodont))
  expect_match(lines_of_table(VarCorr(three))[1L], "Corr *[|] *[|]$")
  expect_length(lines_of_table(ranef(schools)), 2L + 6L)
  expect_match(knitted(ranef(schools)), "the first 6 of 160 levels", fixed = TRUE)
  expect_length(lines_of_table(ranef(schools, drop = TRUE, condVar = FALSE)), 2L + 6L)
  expect_length(lines_of_table(anova(schools)), 2L + 3L)
  smaller <- update(schools, . ~ . - sector)
  expect_length(lines_of_table(suppressMessages(anova(smaller, schools))), 2L + 2L)
  none <- lmm(mathach ~ 0 + (1 | school), MathAchieve)
  expect_match(knitted(summary(none)), "Estimates of fixed effects.*: none")
})

test_that("an estimate has the decimals that two digits of its error need; no p-value is 0", {
  expect_identical(format_estimates(c(12.3456, -0.001, 1234.5, 2), c(0.0345, 0.3, 250, 0)), c(
    "12.346", "0.00", "1,234", "2.00"
  ))
  expect_identical(format_p(c(0, 0.0009999, 0.001, 0.0456, 1, NA)), c("< .001", "< .001", ".001", ".046", "1.000", ""))
  expect_identical(format_decimals(c(NA, -0.004, 1e-9), c(2, 2, 10)), c("", "0.00", "1.00e-09"))
})

test_that("names that Markdown would read as its own are shown as they are", {
  data <- data.frame(y = as.numeric(1:12) + c(0, .5, 2), g = rep(1:4, 3), x_1 = sin(1:12))
  text <- knitted(lmm(y ~ x_1 + I(x_1^2) + (1 | g), data))
  expect_match(text, "I(x\\_1\\^2)", fixed = TRUE)
  expect_identical(markdown_text("a*b|c"), "a\\*b&#124;c")
})

test_that("options(mixest.knit = \"text\") gives the printed text", {
  old <- options(mixest.knit = "text")
  on.exit(options(old))
  text <- capture.output(knitr::knit_print(summary(schools)))
  expect_identical(text, capture.output(print(summary(schools))))
})

test_that("an argument that nobody knows is warned about", {
  for (x in list(schools, summary(schools), VarCorr(schools), ranef(schools), anova(schools))) {
    expect_warning(knitr::knit_print(x, digit = 2), class = "mixest_argument")
    expect_silent(knitr::knit_print(x, options = list(), inline = TRUE))
  }
})
