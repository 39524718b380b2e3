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

# Means of the factors' levels and their differences, in lmerTest's columns, from emmeans.
ls_means.mixest <- function(model, which = NULL, level = 0.95, ddf = "satterthwaite", pairwise = FALSE, ...) {
  check_dots()
  rlang::check_installed("emmeans", "for means of factor levels.")
  check_flag(pairwise, "pairwise")
  factors <- names(model$xlevels)
  labels <- attr(model$terms, "term.labels")
  parts <- strsplit(labels, ":", fixed = TRUE)
  of_factors <- labels[vapply(parts, function(part) all(part %in% factors), NA)]
  if (is.null(which)) which <- of_factors
  for (term in which) check_choice(term, "which", of_factors)
  found <- lapply(which, means_of_term, model = model, level = level, ddf = ddf, pairwise = pairwise)
  if (!length(found)) abort_mixest("input", "The fixed part must have a factor.", environment())
  structure(do.call(rbind, lapply(found, `[[`, "table")),
    heading = paste0(if (pairwise) "Differences of least" else "Least", " Squares Means table:\n"),
    hypotheses = stats::setNames(lapply(found, `[[`, "L"), which), response = deparse1(model$formula[[2L]]),
    confidence_level = level, ddf = match_ddf(ddf), class = c("ls_means", "data.frame")
  )
}

difflsmeans.mixest <- function(model, ...) ls_means.mixest(model, ..., pairwise = TRUE)

# list(table, L): means at the means of numeric variables, with equal weights over other factors.
means_of_term <- function(term, model, level, ddf, pairwise) {
  parts <- strsplit(term, ":", fixed = TRUE)[[1L]]
  means <- emmeans::emmeans(model, parts, ddf = ddf)
  grid <- as.data.frame(means)
  label <- do.call(paste, c(lapply(parts, function(part) paste0(part, as.character(grid[[part]]))), sep = ":"))
  L <- means@linfct
  if (pairwise) {
    pair <- utils::combn(length(label), 2L)
    L <- L[pair[1L, ], , drop = FALSE] - L[pair[2L, ], , drop = FALSE]
    label <- paste(label[pair[1L, ]], label[pair[2L, ]], sep = " - ")
  }
  L <- L[, !is_aliased(model), drop = FALSE]
  rownames(L) <- label
  tests <- contest(model, L, joint = FALSE, ddf = ddf, level = level)
  columns <- c("Estimate", "Std. Error", "df", "t value", "lower", "upper", "Pr(>|t|)")
  list(table = structure(tests[columns], row.names = label), L = L)
}
