# car: tests and diagnostics of the fixed effects.

# Wald tests of the terms, chi-squared or F (Kenward and Roger's, as car has it for lmer's fits, or
# Satterthwaite's by `ddf`). Type II: the coefficients of a term, adjusted for all terms but those
# that contain its variables; type III: the coefficients as they are, which depend on the coding.
Anova.mixest <- function(mod, type = c("II", "III", 2, 3), test.statistic = c("Chisq", "F"), vcov. = NULL,
                         ddf = "kenward-roger", ...) {
  check_dots()
  user <- environment()
  type <- match_type(as.character(type)[1L], user)
  if (type == "I") check_choice("I", "type", c("II", "III"), user)
  test <- check_choice(test.statistic[1L], "test.statistic", c("Chisq", "F"), user)
  if (test == "F" && !is.null(vcov.)) {
    abort_mixest("input", c(
      "The F tests have their own covariance matrix, by the method of their degrees of freedom.",
      x = "There is {.arg vcov.} too.",
      i = "Leave it out, or use {.code test.statistic = \"Chisq\"}, or {.fn contest} with {.code vcov = \"CR2\"}."
    ), user)
  }
  method <- df_method(mod, if (test == "F") match_ddf(ddf, user) else "none")
  covariance <- if (is.null(vcov.)) covariance_of_estimates(method) else covariance_given(mod, vcov.)
  rows <- lapply(wald_hypotheses(mod, type, covariance), function(L) {
    if (test == "F") F_of_hypothesis(method, L) else chi_squared(mod, L, covariance)
  })
  structure(do.call(rbind, rows),
    heading = c(
      paste0(
        "Analysis of Deviance Table (Type ", type, " Wald ", if (test == "F") "F" else "chisquare", " tests",
        if (test == "F") df_phrase(method$ddf), ")\n"
      ),
      paste("Response:", deparse1(mod$formula[[2L]]))
    ),
    class = c("anova", "data.frame")
  )
}

F_of_hypothesis <- function(method, L) {
  test <- joint_test(method, L)
  data.frame(
    F = test$F, Df = test$NumDF, Df.res = test$DenDF,
    `Pr(>F)` = stats::pf(test$F, test$NumDF, test$DenDF, lower.tail = FALSE), check.names = FALSE
  )
}

chi_squared <- function(fit, L, covariance, rhs = 0) {
  distance <- L %*% fit$coefficients - rhs
  statistic <- drop(crossprod(distance, solve(L %*% covariance %*% t(L), distance)))
  data.frame(
    Chisq = statistic, Df = nrow(L), `Pr(>Chisq)` = stats::pchisq(statistic, nrow(L), lower.tail = FALSE),
    check.names = FALSE
  )
}

# Named list of matrices L with L beta = 0, one for each term (type III: the intercept too).
wald_hypotheses <- function(fit, type, covariance) {
  assign <- attr(fixed_matrix(fit), "assign")
  labels <- attr(fit$terms, "term.labels")
  present <- labels[seq_along(labels) %in% assign]
  unit <- diag(1, length(assign), length(assign))
  rows_of <- function(terms) unit[assign %in% match(terms, labels), , drop = FALSE]
  if (type == "III") {
    intercept <- if (any(assign == 0L)) list(`(Intercept)` = unit[assign == 0L, , drop = FALSE])
    return(c(intercept, lapply(stats::setNames(nm = present), rows_of)))
  }
  variables <- attr(fit$terms, "factors") > 0
  lapply(stats::setNames(nm = present), function(term) {
    contains <- colSums(variables[variables[, term], , drop = FALSE]) == sum(variables[, term])
    adjusted_rows(rows_of(term), rows_of(setdiff(labels[contains], term)), covariance)
  })
}

# The combinations of the rows of `own` and `others` that are uncorrelated with those of `others`.
adjusted_rows <- function(own, others, covariance) {
  if (!nrow(others)) return(own)
  all <- rbind(others, own)
  parts <- qr(all %*% covariance %*% t(others))
  t(qr.Q(parts, complete = TRUE)[, -seq_len(parts$rank), drop = FALSE]) %*% all
}

linearHypothesis.mixest <- function(model, hypothesis.matrix, rhs = NULL, test = c("Chisq", "F"), vcov. = NULL,
                                    ddf = "kenward-roger", ...) {
  test <- check_choice(test[1L], "test", c("Chisq", "F"))
  view <- fixed_part(model, vcov.)
  table <- car::linearHypothesis(view, hypothesis.matrix, rhs = rhs, test = "Chisq", ...)
  if (test == "Chisq") return(table)
  names <- names(model$coefficients)
  L <- hypothesis.matrix
  if (is.character(L)) {
    L <- rbind(car::makeHypothesis(names, L, rhs))
    rhs <- L[, ncol(L)]
    L <- L[, -ncol(L), drop = FALSE]
  }
  method <- df_method(model, match_ddf(ddf))
  tested <- joint_test(method, contrast_matrix(L, model), if (is.null(rhs)) 0 else rhs)
  p <- stats::pf(tested$F, tested$NumDF, tested$DenDF, lower.tail = FALSE)
  structure(
    data.frame(
      Res.Df = tested$DenDF + c(tested$NumDF, 0), Df = c(NA, tested$NumDF), F = c(NA, tested$F), `Pr(>F)` = c(NA, p),
      check.names = FALSE
    ),
    heading = attr(table, "heading"), class = c("anova", "data.frame")
  )
}

vif.mixest <- function(mod, ...) car::vif(fixed_part(mod), ...)

matchCoefs.mixest <- function(model, pattern, ...) {
  check_dots()
  grep(pattern, names(model$coefficients), value = TRUE)
}

deltaMethod.mixest <- function(object, g., vcov. = NULL, parameterNames = names(object$coefficients), ...) {
  covariance <- structure(covariance_given(object, vcov.), dimnames = list(parameterNames, parameterNames))
  car::deltaMethod(stats::setNames(object$coefficients, parameterNames), g., vcov. = covariance, ...)
}

# Estimates and confidence limits of the fixed effects, from t distributions.
Confint.mixest <- function(object, estimate = TRUE, level = 0.95, vcov. = NULL, ddf = "satterthwaite", ...) {
  check_dots()
  limits <- t_limits(object, vcov., level, ddf)
  if (estimate) cbind(Estimate = object$coefficients, limits) else limits
}

influencePlot.mixest <- function(model, ...) {
  utils::getS3method("influencePlot", "lm", envir = asNamespace("car"))(fixed_part(model), ...)
}

outlierTest.mixest <- function(model, ...) {
  utils::getS3method("outlierTest", "lm", envir = asNamespace("car"))(fixed_part(model, df = model$df.residual), ...)
}

infIndexPlot.mixest <- function(model, ...) {
  utils::getS3method("infIndexPlot", "lm", envir = asNamespace("car"))(fixed_part(model), ...)
}
