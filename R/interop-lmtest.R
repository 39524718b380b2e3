# lmtest: tests of the coefficients and of nested fits.

# t tests with degrees of freedom of their own for each coefficient. With the name of a robust
# covariance matrix as `vcov.` these are Bell and McCaffrey's.
coeftest.mixest <- function(x, vcov. = NULL, df = NULL, ...) {
  lmtest::coeftest(fixed_part(x, vcov.), df = if (is.null(df)) df_of_coefficients(x, vcov.) else df, ...)
}

coefci.mixest <- function(x, parm = NULL, level = 0.95, vcov. = NULL, df = NULL, ...) {
  check_dots()
  limits <- t_limits(x, vcov., level, df = df)
  if (is.null(parm)) limits else limits[parm, , drop = FALSE]
}

# Likelihood-ratio tests by anova(): fits by REML whose fixed effects differ are fitted again by
# maximum likelihood.
lrtest.mixest <- function(object, ...) {
  fits <- c(list(object), lapply(list(...), nested_fit, larger = object))
  if (length(fits) == 1L) fits <- c(fits, list(null_model.mixest(object)))
  table <- likelihood_ratio_table(fits, as.character(seq_along(fits)), TRUE)
  models <- vapply(fits, function(fit) deparse1(formula(fit)), "")
  structure(
    data.frame(
      `#Df` = table$npar, LogLik = table$logLik, Df = table$Df, Chisq = table$Chisq,
      `Pr(>Chisq)` = table[["Pr(>Chisq)"]], check.names = FALSE
    ),
    heading = c("Likelihood ratio test\n", paste0("Model ", seq_along(fits), ": ", models, collapse = "\n")),
    class = c("anova", "data.frame")
  )
}

# What lmtest allows as a further model: a fit, a change of the formula, a term to leave out.
nested_fit <- function(other, larger) {
  if (inherits(other, "formula")) return(update(larger, other))
  if (is.character(other)) return(update(larger, stats::as.formula(paste(". ~ . -", paste(other, collapse = " - ")))))
  other
}

# A Wald test of the coefficients that the smaller model lacks; `test = "F"` with Satterthwaite's
# degrees of freedom.
waldtest.mixest <- function(object, ..., vcov = NULL, test = c("Chisq", "F")) {
  user <- environment()
  test <- check_choice(test[1L], "test", c("Chisq", "F"))
  others <- list(...)
  if (length(others) != 1L) {
    abort_mixest("input", c(
      "{.fn waldtest} must be given one smaller model, as a fit, a formula or names of terms.",
      x = "There are {length(others)}."
    ), user)
  }
  dropped <- dropped_terms(object, others[[1L]], user)
  assign <- attr(fixed_matrix(object), "assign")
  p <- length(assign)
  L <- diag(1, p, p)[assign %in% dropped, , drop = FALSE]
  covariance <- covariance_given(object, vcov, "vcov")
  row <- if (test == "Chisq") {
    chi_squared(object, L, covariance)[c("Df", "Chisq", "Pr(>Chisq)")]
  } else {
    F_of_hypothesis(df_method(object, "satterthwaite"), L)[c("Df", "F", "Df.res", "Pr(>F)")]
  }
  table <- rbind(NA, row)
  structure(table, heading = c("Wald test\n", paste0(
    "Model 1: ", deparse1(object$formula), "\nModel 2: without ",
    paste(attr(object$terms, "term.labels")[dropped], collapse = ", ")
  )), class = c("anova", "data.frame"))
}

# Numbers of the terms of `fit` that the smaller model `other` has not.
dropped_terms <- function(fit, other, call) {
  labels <- attr(fit$terms, "term.labels")
  smaller <- if (inherits(other, "formula")) {
    stats::update(formula(fit, fixed.only = TRUE), other)
  } else if (is.character(other)) {
    return(check_terms(match(other, labels), other, labels, call))
  } else {
    stats::terms(other)
  }
  left <- attr(stats::terms(smaller), "term.labels")
  dropped <- which(!labels %in% left)
  if (length(dropped) && all(left %in% labels)) return(dropped)
  abort_mixest("input", c(
    "The other model must have fewer terms than the fit, and no others.",
    x = "The fit has {list_names(labels)}, the other {list_names(left)}."
  ), call)
}

check_terms <- function(numbers, given, labels, call) {
  if (!anyNA(numbers)) return(numbers)
  abort_mixest("input", c(
    "The terms to leave out must be terms of the fit.", x = "Can't find {list_names(given[is.na(numbers)])}.",
    i = "The fit has {list_names(labels)}."
  ), call)
}
