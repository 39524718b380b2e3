#' The same fit in the class of lme4
#'
#' For tools that read the slots of lme4's fits and know no other class. Nothing is optimised: the
#' estimates are those of the fit.
#'
#' @param fit a fit returned by [lmm()] with unstructured terms, or diagonal ones of an intercept
#'   and numeric variables, that keeps its rows.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @return An object of class `"lmerMod"`. `lmerTest::as_lmerModLmerTest()` takes it. Its
#'   `update()` evaluates the call of lmer() with the data of the fit's own call.
#' @details Terms `diag(x | g)` and `(x || g)` become one term for each effect, which is the same
#'   model. Other structures of D there are not in lme4 before version 2.0: an error of class
#'   `mixest_input`. The terms of an `"lmerMod"` are in the order of their numbers of levels.
#' @examplesIf requireNamespace("lme4", quietly = TRUE)
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' lme4::VarCorr(as_lmerMod(fit))
#' @export
as_lmerMod <- function(fit, ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "as_lmerMod")
  rlang::check_installed("lme4", "to make a fit of its class.", call = user)
  pieces <- unlist(lapply(fit$random$terms, plain_terms, fit = fit, call = user), recursive = FALSE)
  bars <- lapply(pieces, function(piece) call("(", piece$bar))
  arguments <- arguments_of_lmer(fit, bars, user)
  control <- lme4::lmerControl(
    optimizer = NULL, calc.derivs = FALSE, check.nobs.vs.nRE = "ignore", check.nobs.vs.nlev = "ignore",
    check.nlev.gtr.1 = "ignore", check.rankX = "silent.drop.cols", check.scaleX = "ignore"
  )
  run <- function(fun, ...) {
    # `data` and the like may be names, which mean what they mean where the formula was written.
    called <- as.call(c(list(fun), arguments, list(...)))
    suppressMessages(suppressWarnings(eval(called, environment(fit$formula))))
  }
  parsed <- run(lme4::lFormula, control = control)
  again <- run(lme4::lmer, control = control, start = theta_in_order(pieces, parsed$reTrms$cnms))
  check_same_fit(fit, again, user)
  again@call <- lmer_call(fit, bars)
  again
}

# The unstructured terms that a term stands for: list of list(bar, label of its factor, names of its
# effects, theta).
plain_terms <- function(term, fit, call) {
  factor <- names(fit$random$groups)[[term$factor]]
  relative <- fit$lambda[term$columns, term$columns, drop = FALSE]
  if (is_unstructured(term$structure, term$size)) {
    root <- lower_root(relative)
    return(list(list(
      bar = term$bar, factor = factor, names = term$names, theta = root[lower.tri(root, diag = TRUE)]
    )))
  }
  plain <- term$names == "(Intercept)" | term$names %in% names(fit$frame)
  if (is_correlated(term$structure) || !all(plain)) {
    abort_mixest("input", c(
      "lme4's class knows unstructured terms, and diagonal ones of an intercept and numeric variables.",
      x = "The fit has {.code {deparse1(written_term(term))}}."
    ), call)
  }
  lapply(seq_along(term$names), function(j) {
    name <- term$names[j]
    effect <- if (name == "(Intercept)") 1 else call("+", 0, as.name(name))
    list(bar = call("|", effect, term$bar[[3L]]), factor = factor, names = name, theta = row_norms(relative)[j])
  })
}

# Lower triangular L with LL' = AA' and a diagonal that is not negative.
lower_root <- function(A) {
  root <- t(qr.R(qr(t(A))))
  root * rep(ifelse(diag(root) < 0, -1, 1), each = nrow(root))
}

# lme4 sorts terms by the number of levels of their factors. `cnms`: its list of effects, named by
# factor, or factor.1 for a second term.
theta_in_order <- function(pieces, cnms) {
  unlist(lapply(seq_along(cnms), function(t) {
    name <- names(cnms)[t]
    fits <- vapply(pieces, function(piece) {
      piece$factor %in% c(name, sub("[.][0-9]+$", "", name)) && identical(piece$names, cnms[[t]])
    }, NA)
    pieces[[which(fits)[1L]]]$theta
  }))
}

lmer_formula <- function(fit, bars, response) {
  formula <- formula(fit, fixed.only = TRUE)
  formula[[2L]] <- response
  formula[[3L]] <- Reduce(function(left, right) call("+", left, right), bars, formula[[3L]])
  formula
}

# From the stored rows where they have all variables; else the user's own arguments, evaluated
# again.
arguments_of_lmer <- function(fit, bars, call) {
  frame <- kept_frame(fit, call)
  contrasts <- eval(fit$call[["contrasts"]], environment(fit$formula))
  formula <- lmer_formula(fit, bars, as.name(names(frame)[1L]))
  if (all(all.vars(formula) %in% names(frame))) {
    return(list(
      formula = formula, data = structure(frame, terms = NULL), REML = fit$REML, contrasts = contrasts,
      weights = frame[["(weights)"]], offset = frame[["(offset)"]]
    ))
  }
  formula <- lmer_formula(fit, bars, fit$formula[[2L]])
  arguments <- as.list(fit$call)[-1L]
  arguments <- arguments[intersect(names(arguments), c("data", "weights", "offset", "subset", "na.action"))]
  c(list(formula = formula, REML = fit$REML, contrasts = contrasts), arguments)
}

# The criterion of a copy is that of the fit, unless the rows are others.
check_same_fit <- function(fit, copy, call) {
  theirs <- if (fit$REML) lme4::REMLcrit(copy) else -2 * as.numeric(stats::logLik(copy))
  if (abs(theirs - fit$deviance) <= 1e-6 * max(1, abs(fit$deviance))) return(invisible())
  abort_mixest("input", c(
    "The data must be those that the model was fitted to: the formula computes with variables that are not stored.",
    x = "The criterion of the fit is {signif(fit$deviance, 10L)}, with the data of now {signif(theirs, 10L)}."
  ), call)
}

lmer_call <- function(fit, bars) {
  call <- fit$call
  call[[1L]] <- quote(lme4::lmer)
  call$formula <- lmer_formula(fit, bars, fit$formula[[2L]])
  call[intersect(names(call), c("control", "start"))] <- NULL
  call
}
