parse <- function(formula) parse_formula(formula, environment())

terms_of <- function(formula) {
  vapply(parse(formula)$random, function(term) paste0(term$structure, "(", deparse1(term$bar), ")"), "")
}

test_that("random terms are found where they are added, in order", {
  expect_equal(terms_of(y ~ x + (x | g)), "us(x | g)")
  expect_equal(terms_of(y ~ (1 | g) + x + ((0 + x | g)) + z), c("us(1 | g)", "us(0 + x | g)"))
  expect_equal(terms_of(y ~ x + (z + (1 | g))), "us(1 | g)")
})

test_that("the fixed part is what remains", {
  fixed <- function(formula) parse(formula)$fixed
  expect_equal(fixed(y ~ x + (x | g)), y ~ x, ignore_formula_env = TRUE)
  expect_equal(fixed(y ~ (1 | g)), y ~ 1, ignore_formula_env = TRUE)
  expect_equal(fixed(y ~ 0 + (1 | g)), y ~ 0, ignore_formula_env = TRUE)
  expect_equal(fixed(y ~ (1 | g) - 1), y ~ -1, ignore_formula_env = TRUE)
  expect_equal(fixed(y ~ (1 | g) + a * b - a), y ~ a * b - a, ignore_formula_env = TRUE)
  expect_equal(fixed(y ~ (a + b)^2 + (1 | g)), y ~ (a + b)^2, ignore_formula_env = TRUE)
})

test_that("environments are kept", {
  formula <- local(y ~ x + (x | g))
  parsed <- parse(formula)
  expect_identical(environment(parsed$fixed), environment(formula))
  expect_identical(environment(parsed$random[[1]]$terms), environment(formula))
})

test_that("structures are wrappers, and || is diag", {
  expect_equal(
    terms_of(y ~ us(x | g) + diag(x | g) + homdiag(x | g) + cs(x | g) + homcs(x | g) + ar1(x | g) + toep((x | g))),
    paste0(names(covariance_structures), "(x | g)")
  )
  expect_equal(terms_of(y ~ (x || g)), "diag(x | g)")
  expect_equal(terms_of(y ~ diag(x || g)), "diag(x | g)")
})

test_that("grouping factors are expressions of variables", {
  group_of <- function(formula) lapply(parse(formula)$random, function(term) term[c("group", "variables")])
  expect_equal(group_of(y ~ (1 | a:b)), list(list(group = "a:b", variables = c("a", "b"))))
  expect_equal(group_of(y ~ (1 | factor(a))), list(list(group = "factor(a)", variables = "factor(a)")))
  expect_equal(
    group_of(y ~ (1 | interaction(a, b))), list(list(group = "interaction(a, b)", variables = "interaction(a, b)"))
  )
  expect_equal(group_of(y ~ (1 | `a b`)), list(list(group = "a b", variables = "a b")))
  expect_equal(
    group_of(y ~ (1 | a / factor(b))),
    list(list(group = "factor(b):a", variables = c("factor(b)", "a")), list(group = "a", variables = "a"))
  )
  names_of <- function(formula) vapply(parse(formula)$random, `[[`, "", "group")
  expect_equal(names_of(y ~ (1 | a / b / c)), c("c:(b:a)", "b:a", "a"))
  expect_equal(names_of(y ~ (1 | a / (b / c))), c("c:(b:a)", "b:a", "a"))
  expect_equal(names_of(y ~ (1 | a / b:c)), c("b:c:a", "a"))
  expect_equal(names_of(y ~ (1 | (a + b))), c("a", "b"))
  expect_equal(parse(y ~ (1 | a / b / c))$random[[1L]]$variables, c("c", "b", "a"))
})

test_that("a bar inside a function call is R's or", {
  expect_equal(
    parse(y ~ I(a | b) + as.numeric(a | b) + (1 | g))$fixed, y ~ I(a | b) + as.numeric(a | b), ignore_formula_env = TRUE
  )
})

test_that("strings and calls are formulas in the environment of the caller", {
  x <- "here"
  fit <- function(formula) parse_formula(formula, environment())
  text <- "y ~ x + (1 | g)"
  expect_equal(fit(text)$fixed, y ~ x, ignore_formula_env = TRUE)
  expect_equal(get("x", environment(fit(text)$fixed)), "here")
  expect_equal(fit(quote(y ~ x + (1 | g)))$fixed, y ~ x, ignore_formula_env = TRUE)
})

test_that("a formula that is no mixed model says why", {
  d <- data.frame(y = 1, x = 1, g = 1)
  expect_snapshot(error = TRUE, {
    lmm(y ~ x, d)
    lmm(~ x + (1 | g), d)
    lmm(data = d)
    lmm(d)
    lmm("y ~~", d)
    lmm(y ~ x + 1 | g, d)
    lmm(y ~ x * (1 | g), d)
    lmm(y ~ x - (1 | g), d)
    lmm(y ~ (1 | g) - (x - (1 | g)), d)
    lmm(y ~ uns(x | g), d)
    lmm(y ~ exp(x | g), d)
    lmm(y ~ cs(x | g, hom = TRUE), d)
    lmm(y ~ cs(x || g), d)
    lmm(y ~ (0 | g), d)
    lmm(y ~ (. | g), d)
    lmm(y ~ (1 | x | g), d)
    lmm(y ~ (x + offset(x) | g), d)
    lmm(y ~ (1 | 1), d)
    lmm(y ~ (1 | "g"), d)
    lmm(y ~ (g | g), d)
    lmm(y ~ (1 | y), d)
  })
})

test_that("errors of the formula have a class", {
  expect_error(lmm(y ~ x), class = "mixest_formula")
  expect_error(lmm(y ~ (g | g)), class = "mixest_unidentified")
})

test_that("one bar needs no parentheses, in formulas and in re.form", {
  d <- as.data.frame(nlme::Orthodont)
  expect_silent(bare <- lmm(distance ~ 1 | Subject, d))
  fit <- lmm(distance ~ (1 | Subject), d)
  expect_identical(fixef(bare), fixef(fit))
  expect_identical(formula(bare), formula(fit))
  expect_identical(fixef(update(bare, . ~ . + age)), fixef(lmm(distance ~ age + (1 | Subject), d)))
  sum <- lmm(distance ~ (1 + age) | Subject, d)
  expect_identical(deviance(sum), deviance(lmm(distance ~ (age | Subject), d)))
  expect_error(lmm(distance ~ age + 1 | Subject, d), class = "mixest_formula")   # age was hardly meant as random
  slopes <- lmm(distance ~ age + (age | Subject), d)
  for (form in list(~ age | Subject, ~ 1 + age | Subject)) {
    expect_identical(predict(slopes, re.form = form), predict(slopes, re.form = NULL))
  }
  expect_identical(predict(slopes, re.form = ~ 1 | Subject), predict(slopes, re.form = ~ (1 | Subject)))
  expect_error(lmm(distance ~ age + (1 | Subject) | Sex, d), class = "mixest_formula")
})
