# lmerTest: tests of contrasts under its names, in its columns.

contest1D.mixest <- function(model, L, rhs = 0, ddf = "satterthwaite", confint = FALSE, level = 0.95, ...) {
  check_dots()
  L <- contrast_matrix(L, model)
  if (nrow(L) != 1L) {
    abort_mixest("input", c(
      "{.arg L} must be one contrast.", x = "It has {nrow(L)} rows.", i = "Use {.fn contestMD}."
    ), environment())
  }
  contest(model, L, rhs = rhs, joint = FALSE, ddf = ddf, confint = confint, level = level)
}

contestMD.mixest <- function(model, L, rhs = 0, ddf = "satterthwaite", ...) {
  check_dots()
  contest(model, L, rhs = rhs, joint = TRUE, ddf = ddf)
}
