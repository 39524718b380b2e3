#' Fit a linear mixed model
#'
#' Maximum likelihood (ML) or restricted maximum likelihood (REML) estimates for grouped data, with
#' one grouping factor or several that are nested or crossed. For the rows of group i of one factor,
#' \deqn{y_i = X_i \beta + U_i \gamma_i + \epsilon_i, \quad \gamma_i \sim N(0, D), \quad \epsilon_i
#' \sim N(0, \sigma^2 W_i^{-1}),}
#' with fixed effects \eqn{\beta}, random effects \eqn{\gamma_i} that vary between the groups, and
#' precision weights \eqn{W_i} (identity when there are none). Several factors add one such term
#' \eqn{U \gamma} each, independent of each other.
#'
#' @section Formula: The response, `~`, fixed effects as in [lm()], and random-effects terms
#' `(effects | group)` in parentheses, added with `+`, in the grammar of lme4:
#'
#' * `(1 | g)`: an intercept for each group;
#' * `(x | g)` or `(1 + x | g)`: an intercept and a slope of `x`, correlated; `(0 + x | g)`: the
#'   slope only;
#' * `(f | g)` with a factor `f`: an intercept and contrasts; `(0 + f | g)`: one effect for each
#'   level of `f`;
#' * `(x || g)`: intercept and slope, independent: the same as `diag(x | g)`;
#' * `(1 | g) + (0 + x | g)`: the same as two terms.
#'
#' `group` is a variable or an expression: `factor(g)`, `a:b` or `interaction(a, b)` (one group for
#' each combination that occurs).
#'
#' Terms with different groups make several grouping factors, any number of them, each term with
#' effects and a structure of its own:
#'
#' * *nested*, when each level of one lies within one level of the next, as classes in schools:
#'   `(1 | school/class)`, which stands for `(1 | class:school) + (1 | school)`. Labels of classes
#'   may be used again in every school. If they aren't, `(1 | school) + (1 | class)` is the same
#'   model: whether factors are nested is found from the data, not from the spelling. Without the
#'   slash a label is one level wherever it appears;
#' * *crossed*, when levels of one meet several levels of the other, as students who rate lecturers:
#'   `(1 | student) + (1 | lecturer)`. Not all combinations need to occur;
#' * both, with slopes at any level: `(x | school/class) + (1 | item)`.
#'
#' Grouping factors are identified by their names as written, so `a:b` and `b:a` are different
#' factors. They appear in results in the order of the formula (lme4 puts the factor with most
#' levels first). Two names for the same groups, both with the same effect, are an error of class
#' `mixest_unidentified`.
#'
#' A wrapper chooses the structure of D, here with its number of parameters for a term of q effects:
#' * `us(x | g)`, or no wrapper: unstructured, q (q + 1) / 2;
#' * `diag(x | g)`: independent effects, q; `homdiag(x | g)`: with equal variances, 1;
#' * `cs(x | g)`: compound symmetry, one correlation and own variances, q + 1; `homcs(x | g)`: with
#'   equal variances, 2;
#' * `ar1(0 + f | g)`: correlation \eqn{\rho^{|j - k|}} between the levels j and k of `f`, equal
#'   variances, 2;
#' * `toep(0 + f | g)`: one correlation for each lag, own variances, 2 q - 1.
#'
#' (With q = 1 all are the same; with q = 2 `cs` and `toep` are `us`, and `ar1` is `homcs`.)
#'
#' `(f || g)` with a factor `f` means `diag(f | g)`: independent effects for the columns of `f`'s
#' model matrix, here the intercept and the contrasts. (lme4 before version 2.0 leaves these
#' correlated.) What is independent depends on the coding: `(0 + f || g)` has independent effects of
#' the levels. As always with a diagonal structure, adding a constant to `x` changes the model
#' `(x || g)`.
#'
#' `offset(z)` and every kind of fixed term that [lm()] knows can be used; `.` stands for all other
#' variables of `data`, the grouping variable included (write `. - g`).
#'
#' @param formula two-sided formula, see the section Formula.
#' @param data data frame, list or environment with the variables. Those that it lacks, or all when
#'   it is `NULL` (default), are taken from where the formula was written, as in [lm()].
#' @param REML logical: maximise the restricted likelihood (default `TRUE`) or the likelihood?
#' @param weights precision weights, one non-negative number for each row:
#'   \eqn{Var(\epsilon_{ij}) = \sigma^2 / w_{ij}}. Rows of weight 0 don't count, but have fitted
#'   values; a group whose rows all have weight 0 is dropped. Default: 1. `weights`, `offset` and
#'   `subset` are evaluated like variables of the formula.
#' @param offset numeric, one value for each row in units of the response: a part of the mean that
#'   is known, added to any `offset()` in the formula. Default: 0.
#' @param subset rows to use: logical, row numbers or names. Default: all.
#' @param na.action function that handles missing values (including NaN): `na.omit`,
#'   `na.exclude`, `na.fail`. Default: option `na.action`.
#' @param contrasts `NULL` (default: option `contrasts`) or a list of the contrasts of factors in
#'   the fixed effects, see the `contrasts.arg` of [model.matrix()].
#' @param start where the search begins: `NULL` (default) for a moment estimate; numbers, or
#'   `list(theta = )`, as in `getME(fit, "theta")`; `list(D = )`, the covariance matrix of the
#'   random effects (a list of matrices when there are several terms; structures `us`, `diag` and
#'   `homdiag`); or an earlier fit with random-effects terms of the same shape.
#' @param control list of options made by [lmm_control()].
#' @param ... must be empty: unknown arguments are an error of class
#'   `mixest_argument`.
#'
#' @return An object of class `"mixest"`: a list that can be saved with [saveRDS()]. To read it, or
#'   to send it to a worker process (as of [parallel::makePSOCKcluster()]), loads the package there,
#'   so that its methods of `print()`, `predict()`, `summary()` and other generics work; its own
#'   functions are `mixest::fixef()` and so on until `library(mixest)` attaches them. Use the
#'   extractor functions ([fixef()], [ranef()], [VarCorr()], [vcov()], [predict()], [getME()], ...)
#'   rather than the elements:
#' * `call`, `formula`: as given;
#' * `coefficients`: named numeric, fixed effects without those of aliased columns; `aliased`: names
#'   of the columns that were dropped because they are linear combinations of earlier ones; `rank`:
#'   number of fixed effects;
#' * `terms`, `contrasts`, `xlevels`: of the fixed part, as in [lm()]; `na.action`: rows left out
#'   because of missing values;
#' * `df.residual`: rows of positive weight minus the number of parameters;
#' * `REML`: logical; `deviance`: -2 log-likelihood, or the REML criterion;
#' * `theta`: covariance parameters relative to `sigma`; `sigma`: residual standard deviation in
#'   units of the response; `lambda`: q x q factor with
#'   \eqn{D = \sigma^2 \Lambda \Lambda'}; `beta_factor`: F with
#'   \eqn{Var(\hat\beta) = \sigma^2 F F'};
#' * `random`: the random-effects terms, the levels of each grouping factor, and the order of the
#'   factors, outermost first, if they are nested;
#' * `stats`: the condensed data; `frame`: the model frame (`NULL` with `keep_data = FALSE`);
#' * `certificate`: see [convergence()]; `control`: the options; `arguments`: the values of
#'   `contrasts`, `na.action` and `start`; `new_response`: has [refit()] given the fit its response?
#' * `format`: the number of the format of this list. A fit that was saved by a version with another
#'   format is an error of class `mixest_format` wherever it is used: fit again.
#'
#' @section Conditions: Errors have class `mixest_error` and one of `mixest_formula`,
#' `mixest_input`, `mixest_argument` (an argument has a name that `lmm()` doesn't know),
#' `mixest_unidentified` (the data can't determine a parameter), `mixest_degenerate` (no variation
#' left to estimate) and `mixest_memory` (memory ran out). An estimate that is not certified as the
#' optimum gives a warning of class `mixest_not_converged`, `mixest_unidentified` or
#' `mixest_degenerate`. An estimate on the boundary of the parameter space gives a message of class
#' `mixest_singular`: it is an optimum like any other. Dropped columns give a message of class
#' `mixest_aliased`, contrasts of a factor that are replaced one of class `mixest_contrasts`.
#' Messages are signalled for every fit; on the screen the same call in a loop
#' shows one in two seconds, and how many were not shown.
#'
#' @references Laird, N. M. and Ware, J. H. (1982). Random-effects models for longitudinal data.
#' *Biometrics* 38, 963-974.
#'
#' Pinheiro, J. C. and Bates, D. M. (2000). *Mixed-Effects Models in S and S-PLUS*. Springer.
#'
#' Bates, D., Maechler, M., Bolker, B. and Walker, S. (2015). Fitting linear mixed-effects models
#' using lme4. *Journal of Statistical Software* 67(1), 1-48.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' fit
#' summary(fit)
#'
#' # independent intercepts and slopes, maximum likelihood
#' lmm(distance ~ age * Sex + (age || Subject), data = nlme::Orthodont, REML = FALSE)
#'
#' # nested grouping factors: varieties in blocks
#' oats <- lmm(yield ~ nitro + (1 | Block/Variety), data = nlme::Oats)
#' oats
#' ranef(oats)$Block
#' @export
lmm <- function(formula, data = NULL, REML = TRUE, weights, offset, subset, na.action, contrasts = NULL, start = NULL,
                control = lmm_control(), ...) {
  user <- environment()
  call <- written_call(match.call(), parent.frame())
  refuse_nlme(call, user)
  check_dots(refuse = TRUE)
  options <- list(
    REML = check_REML(REML, user), control = check_control(control, user), contrasts = contrasts,
    na.action = if (missing(na.action)) getOption("na.action") else na.action, start = start
  )
  arguments <- as.list(call)[intersect(c("subset", "weights", "offset"), names(call))]
  if (!missing(na.action)) arguments["na.action"] <- list(na.action)

  parsed <- parse_formula(formula, user)
  model <- build_model_frame(parsed, data, arguments, user)
  fits <- fit_model_frame(call, parsed, model, options, user)
  announce(fits, user)
  fits
}

# The fit of a model frame, or the list of fits of several responses, nothing said. Responses that
# lack the same rows have one design.
#
# options  as of new_mixest(), `start` as the user gave it
fit_model_frame <- function(call, parsed, model, options, user) {
  responses <- model$frame[[1L]]
  if (NCOL(responses) == 1L) return(fit_design(call, parsed, model, options, user)[[1L]])
  fits <- vector("list", ncol(responses))
  patterns <- response_patterns(responses)
  for (columns in patterns) {
    fits[columns] <- tryCatch(
      fit_design(call, parsed, rows_of_responses(model, columns, user), options, user),
      mixest_error = function(error) if (length(patterns) == 1L) rlang::cnd_signal(error) else list(error)
    )
  }
  new_fits(fits, responses, parsed$formula[[2L]])
}

# List of one fit for each column of the response, which all rows have.
fit_design <- function(call, parsed, model, options, user) {
  design <- build_design(model, options$contrasts, user)
  stats <- condense_design(design, options$control$threads, keeps_leftovers(design, options$control), user)
  theta <- start_parameters(options$start, design$random$terms, stats[[1L]], user)
  options["start"] <- list(if (!is.null(theta)) list(theta = theta))
  fit_each(stats, model$frame, function(stats, frame) {
    estimates <- fit_model(stats, design$random$terms, options$REML, theta, options$control, user)
    new_mixest(call, parsed, frame, design, stats, estimates, options)
  })
}

# The call as it was written. In `f <- function(...) suppressMessages(lmm(...))` match.call() knows
# an argument only as `..3`: what it stands for is in f's dots, which may be those of f's caller.
written_call <- function(call, caller) {
  for (name in names(call)[-1L]) call[name] <- list(expression_behind_dots(call[[name]], caller))
  call
}

expression_behind_dots <- function(expr, caller) {
  while (is.symbol(expr) && grepl("^[.][.][0-9]+$", expr)) {
    dots <- tryCatch(eval(quote(substitute(list(...))), caller), error = function(error) NULL)
    position <- as.integer(sub("^[.][.]", "", expr)) + 1L
    if (position > length(dots)) break
    expr <- dots[[position]]
    number <- which(vapply(sys.frames(), identical, NA, caller))
    if (!length(number)) break
    caller <- sys.frame(sys.parents()[number[1L]])
  }
  expr
}
