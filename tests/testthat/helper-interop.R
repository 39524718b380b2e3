# Fits that the tests of other packages' functions share, and lmer's at the same variances, so that
# tolerances can be small.

interop_fit <- function(name) {
  switch(name,
    slopes = lmm(distance ~ age * Sex + (age | Subject), data = as.data.frame(nlme::Orthodont)),
    nested = lmm(yield ~ nitro + Variety + (1 | Block / Variety), data = as.data.frame(nlme::Oats)),
    weighted = lmm(
      distance ~ age + Sex + (1 | Subject), data = as.data.frame(nlme::Orthodont), weights = age / 10
    )
  )
}

# The same fit in lmerTest's class, which has Satterthwaite's degrees of freedom.
as_peer <- function(fit) lmerTest::as_lmerModLmerTest(as_lmerMod(fit))

skip_without <- function(...) for (package in c(...)) testthat::skip_if_not_installed(package)

# The same columns of two tables, in the same order of rows.
expect_columns <- function(object, expected, columns, tolerance = 1e-5) {
  object <- as.data.frame(object)
  expected <- as.data.frame(expected)
  testthat::expect_true(all(columns %in% names(object)))
  testthat::expect_identical(nrow(object), nrow(expected))
  for (column in columns) {
    values <- expected[[column]]
    if (!is.numeric(values)) {
      testthat::expect_identical(as.character(object[[column]]), as.character(values), info = column)
    } else if (any(is.finite(values))) {
      testthat::expect_identical(is.na(object[[column]]), is.na(values), info = column)
      shown <- is.finite(values)
      expect_close_relative(object[[column]][shown], values[shown], tolerance)
    }
  }
}
