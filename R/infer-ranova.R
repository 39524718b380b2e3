#' Tests of random-effects terms
#'
#' Each random-effects term is reduced by one effect, or removed, and the smaller model is compared
#' with the fit by a likelihood-ratio test whose p-value accounts for the boundary at zero variance.
#'
#' @param model a fit returned by [lmm()]. (Other objects are passed on to lmerTest's function of
#'   that name, which is no generic: with lmerTest attached after mixest write `mixest::ranova()`.)
#' @param reduce.terms logical: reduce terms of several effects (default `TRUE`), or remove whole
#'   terms only?
#' @param exact logical: simulate the exact finite-sample distribution of the test statistic?
#'   Default `FALSE`. For models with one random effect in all.
#' @param nsim integer: number of simulated values with `exact = TRUE`. Default 10000.
#' @param seed integer, or `NULL` (default) to go on with the random number generator as it is.
#' @param ... must be empty: an argument that is not known gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @section Which models are compared: As in lmerTest's `ranova()`: from a term `(f1 + f2 | g)` with
#' structure `us`, `diag` or `cs` each of `f1` and `f2` is removed in turn (not what an interaction
#' in the term contains); the intercept stays, and `(1 | g)` is removed whole. `(0 + f | g)` with a
#' factor `f`, unstructured, is reduced to `(1 | g)`; other terms without intercept and with one
#' variable are removed whole, as are terms of the structures `homdiag`, `homcs`, `ar1` and `toep`,
#' of which no smaller one is a special case. If no random effect is left, the model is that of
#' [lm()]. Fits with several grouping factors must have kept their rows.
#'
#' A REML fit is compared by REML criteria (the fixed effects are the same), an ML fit by
#' likelihoods.
#' @section p-values: Under the smaller model the statistic is asymptotically a mixture of
#' chi-squared distributions (Self and Liang 1987). The p-value is that of the mixture of
#' \eqn{\chi^2_{d-1}} and \eqn{\chi^2_d} in equal parts, d the number of parameters removed
#' (\eqn{\chi^2_0} is zero). It is
#' * exact asymptotically when one effect is removed: one variance (d = 1), or from an unstructured
#'   term of q effects one variance and its q - 1 covariances (d = q), as in Stram and Lee (1994);
#' * an upper bound when several effects are removed at once. (The covariance matrices allowed form
#'   a cone in d dimensions that lies on one side of a plane; the statistic is the squared length of
#'   a normal vector projected onto the cone, which is at most its projection onto that half-space,
#'   and that has this mixture as distribution.) For the structures `cs`, `ar1` and `toep` of more
#'   than two effects, removed whole, d is the dimension of the space their matrices span.
#'
#' Both take variances of the smaller model to be positive and the number of groups to be large.
#' With few groups the asymptotic p-value is too large. `exact = TRUE` simulates the exact
#' distribution of the (restricted) likelihood-ratio statistic for one variance component, by the
#' spectral decomposition of Crainiceanu and Ruppert (2004), from the condensed data; its Monte
#' Carlo error is about \eqn{\sqrt{p (1 - p) / nsim}}{sqrt(p (1 - p) / nsim)}.
#' @return Object of class `c("anova.mixest", "anova", "data.frame")`, the fit in the first row,
#'   then one row for each smaller model, with lmerTest's columns: `npar` (number of parameters),
#'   `logLik` (restricted for a REML fit), `AIC`, `LRT` (statistic), `Df` (parameters removed),
#'   `Pr(>Chisq)`. A statistic at rounding level is 0, with a p-value of 1. It is 0, too, where the
#'   smaller model fits better: from `cs` with q >= 3 effects, whose correlation is at least -1/(q -
#'   1), one of q - 1 effects is no special case, since its correlation may go down to -1/(q - 2).
#'   `exact = TRUE` for a model with more than one random effect is an error of class
#'   `mixest_input`.
#' @references Self, S. G. and Liang, K.-Y. (1987). Asymptotic properties of maximum likelihood
#' estimators and likelihood ratio tests under nonstandard conditions. *Journal of the American
#' Statistical Association* 82, 605-610.
#'
#' Stram, D. O. and Lee, J. W. (1994). Variance components testing in the longitudinal mixed effects
#' model. *Biometrics* 50, 1171-1177.
#'
#' Crainiceanu, C. M. and Ruppert, D. (2004). Likelihood ratio tests in linear mixed models with one
#' variance component. *Journal of the Royal Statistical Society B* 66, 165-185.
#' @examples
#' fit <- lmm(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' ranova(fit)
#' ranova(lmm(distance ~ age + (1 | Subject), data = nlme::Orthodont), exact = TRUE, seed = 1)
#' @name ranova
NULL

#' @rdname ranova
#' @export
ranova <- function(model, ...) UseMethod("ranova")

#' @rdname ranova
#' @export
ranova.mixest <- function(model, reduce.terms = TRUE, exact = FALSE, nsim = 10000L, seed = NULL, ...) {
  check_dots()
  user <- environment()
  check_flag(reduce.terms, "reduce.terms")
  check_flag(exact, "exact")
  check_seed_of_R(seed, user)
  if (exact) check_one_effect(model, user)
  reductions <- random_reductions(model, reduce.terms)
  smaller <- lapply(reductions, smaller_criterion, fit = model, call = user)
  df <- vapply(smaller, `[[`, 0, "df")
  criteria <- c(model$deviance, vapply(smaller, `[[`, 0, "criterion"))
  statistic <- ratio_statistic(criteria)
  p <- if (exact) {
    simulated_p_value(model, statistic, nsim, seed)
  } else {
    half_space_p_value(statistic, vapply(smaller, `[[`, 0, "dimension"))
  }
  npar <- n_estimated(model) - c(0, df)
  logLik <- -criteria / 2
  structure(
    data.frame(
      npar = npar, logLik = logLik, AIC = 2 * (npar - logLik), LRT = c(NA, statistic), Df = c(NA, df),
      `Pr(>Chisq)` = c(NA, p),
      row.names = c("<none>", make.unique(vapply(reductions, `[[`, "", "label"))), check.names = FALSE
    ),
    heading = c(ranova_heading(exact, model$REML), paste0("Model: ", deparse1(model$formula), "\n")),
    class = test_table_class
  )
}

ranova_heading <- function(exact, REML) {
  distribution <- if (exact) "simulated exact distribution" else "mixture of chi-squared distributions"
  sprintf(
    "Single term deletions of random effects, %s test, %s", if (REML) "REML likelihood-ratio" else "likelihood-ratio",
    distribution
  )
}

# Of the models behind the first. What the optimiser leaves and rounding are zero, whatever their
# sign: a variance estimated as 0 gives no statistic of 1e-13, which would halve the p-value.
ratio_statistic <- function(criteria) {
  statistic <- criteria[-1L] - criteria[1L]
  statistic[statistic <= max(1e-8, 1e-12 * abs(criteria))] <- 0
  statistic
}

# The statistic is zero with probability 1/2 when d = 1.
half_space_p_value <- function(statistic, d) {
  upper <- function(df) ifelse(
    df == 0, as.double(statistic <= 0), stats::pchisq(statistic, pmax(df, 1), lower.tail = FALSE)
  )
  (upper(d - 1) + upper(d)) / 2
}

# What to take away: list of list(term, columns = effects that stay (NULL: the constant), whole =
# nothing stays, label).
random_reductions <- function(fit, reduce) {
  unlist(lapply(seq_along(fit$random$terms), function(t) {
    term <- fit$random$terms[[t]]
    bar <- deparse1(written_term(term))
    smaller <- if (reduce && is_reducible(term$structure)) term_reductions(fit, term)
    if (!length(smaller)) return(list(list(term = t, whole = TRUE, label = bar)))
    unname(Map(function(columns, label) {
      list(term = t, columns = columns, whole = FALSE, label = paste(label, "in", bar))
    }, smaller, names(smaller)))
  }), recursive = FALSE)
}

# Named by the label that is removed: the effects that stay, NULL for the constant alone.
term_reductions <- function(fit, term) {
  labels <- attr(term$terms, "term.labels")
  if (!length(labels)) return(NULL)
  assign <- effect_labels(fit, term)
  stay <- lapply(
    stats::setNames(nm = stats::drop.scope(term$terms)), function(label) which(assign != match(label, labels))
  )
  empty <- lengths(stay) == 0L
  if (!any(empty)) return(stay)
  constant <- fit$stats$basis$u$constant[term$columns]
  if (is_triangle(term$structure) && term$size > 1L && any(constant != 0)) return(lapply(stay, function(columns) NULL))
  NULL
}

# For each effect of a term the label it belongs to; 0: intercept.
effect_labels <- function(fit, term) {
  labels <- attr(term$terms, "term.labels")
  plain <- match(term$names, labels, nomatch = 0L)
  if (all(term$names == "(Intercept)" | plain > 0L)) return(plain)
  attr(stats::model.matrix(term$terms, kept_frame(fit, quote(ranova())), contrasts.arg = term$contrasts), "assign")
}

# list(criterion, df, dimension) of the model without what `reduction` takes away.
smaller_criterion <- function(reduction, fit, call) {
  terms <- fit$random$terms
  own <- terms[[reduction$term]]
  if (reduction$whole) {
    choose <- lapply(seq_along(terms)[-reduction$term], function(t) list(term = t, columns = seq_len(terms[[t]]$size)))
    left <- terms[-reduction$term]
    df <- n_theta(own$structure, own$size)
    dimension <- spanned_dimension(own$structure, own$size)
  } else {
    choose <- lapply(seq_along(terms), function(t) list(term = t, columns = seq_len(terms[[t]]$size)))
    choose[[reduction$term]]["columns"] <- list(reduction$columns)
    left <- terms
    left[[reduction$term]]$size <- max(1L, length(reduction$columns))
    left[[reduction$term]]$names <- if (is.null(reduction$columns)) "(Intercept)" else own$names[reduction$columns]
    dimension <- df <- n_theta(own$structure, own$size) - n_theta(own$structure, left[[reduction$term]]$size)
  }
  list(criterion = criterion_with(fit, choose, left, call), df = df, dimension = dimension)
}

criterion_with <- function(fit, choose, terms, call) {
  if (!length(terms)) return(cpp_evaluate(fit$stats, fit$random$terms, fit$REML, 0 * fit$theta, 0L)$value)
  fit_model(condensed_with(fit, choose, call), terms, fit$REML, NULL, fit$control, call)$deviance
}

# Condensed data with fewer columns of U: from those of the fit, or with several grouping factors,
# of which one may go, from the rows.
condensed_with <- function(fit, choose, call) {
  if (length(fit$random$groups) == 1L) return(choose_random_columns(fit$stats, fit$random$terms, choose))
  frame <- kept_frame(fit, call)
  design <- stored_design(fit, frame)
  design$U <- select_rows(random_matrix(fit), rows_that_count(frame))
  condense_design(design_with(design, choose), fit$control$threads)[[1L]]
}

#' @export
ranova.default <- function(model, ...) call_elsewhere("lmerTest", "ranova", model, ..., asks = "contest")
