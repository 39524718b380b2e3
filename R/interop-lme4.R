# Methods for generics of lme4 that this package has no function of its own for. What the others are
# for is said with ours: getME(), refit(), isREML(), isSingular(), ngrps().

isLMM.mixest <- function(x, ...) TRUE

isGLMM.mixest <- function(x, ...) FALSE

isNLMM.mixest <- function(x, ...) FALSE

refitML.mixest <- function(x, ...) {
  check_dots()
  by_ML(x)
}

# The principal components of the random effects of each grouping factor, relative to sigma, in the
# shape of lme4: the terms of one factor together.
rePCA.mixest <- function(x) {
  factors <- lapply(factor_columns(x$random), function(columns) {
    parts <- svd(x$lambda[columns, columns, drop = FALSE])
    structure(list(sdev = parts$d, rotation = parts$u, center = FALSE, scale = FALSE), class = "prcomp")
  })
  structure(factors, class = "prcomplist")
}
