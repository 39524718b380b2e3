# The random-effects terms of a fit: their sizes, names, columns of U and grouping factors.

term_sizes <- function(fit) vapply(fit$random$terms, function(term) length(term$columns), 0L)

# A list over the terms, named by their grouping factors.
by_term <- function(fit, FUN) {
  stats::setNames(lapply(fit$random$terms, FUN), vapply(fit$random$terms, `[[`, "", "label"))
}

# Names of the columns of U over all terms, q of them. Terms on different factors may have effects
# of the same name.
column_names <- function(fit) unlist(lapply(fit$random$terms, `[[`, "names"))

# The same, told apart by the term where that is needed: "(Intercept)|g".
effect_names <- function(fit) {
  names <- column_names(fit)
  labels <- rep(vapply(fit$random$terms, `[[`, "", "label"), term_sizes(fit))
  twice <- names %in% names[duplicated(names)]
  ifelse(twice, paste(names, labels, sep = "|"), names)
}

named_by_effect <- function(x, fit) {
  dimnames(x) <- list(effect_names(fit), effect_names(fit))
  x
}

# The factor whose levels are the independent groups when the factors are nested; else the one with
# the fewest levels.
outer_factor <- function(random) which.min(lengths(random$groups))

# List named by the factors: the columns of U of each, in the order of the formula.
factor_columns <- function(random) {
  of <- rep(vapply(random$terms, `[[`, 0L, "factor"), vapply(random$terms, `[[`, 0L, "size"))
  lapply(stats::setNames(seq_along(random$groups), names(random$groups)), function(f) which(of == f))
}

# The first term of a grouping factor: it knows the factor's variables.
first_term <- function(fit, factor) {
  of <- vapply(fit$random$terms, `[[`, 0L, "factor")
  fit$random$terms[[match(factor, of)]]
}

# Numbers of the grouping factors whose effects are among the columns `effects` of U.
factors_of <- function(fit, effects) {
  which(vapply(factor_columns(fit$random), function(columns) any(columns %in% effects), NA))
}

# Names and lower bounds of theta. Unstructured terms: the triangle of the factor, named as in lme4,
# group.effect on the diagonal and group.row.column below it. Other structures: standard deviations,
# then correlations (src/core/covariance/factory.h).
theta_names <- function(fit) unlist(lapply(fit$random$terms, function(term) names(term_bounds(term))))

theta_lower <- function(fit) unlist(lapply(fit$random$terms, term_bounds))

term_bounds <- function(term) {
  bounds <- parameter_bounds(term$structure, term$names)
  stats::setNames(bounds, paste(term$label, names(bounds), sep = "."))
}

# The random terms as lme4 tells them apart, where (x || g) is (1 | g) + (0 + x | g).
shown_terms <- function(fit) {
  parts <- unlist(lapply(fit$random$terms, function(term) {
    if (!isTRUE(term$separate)) return(list(term))
    lapply(seq_len(term$size), function(j) {
      effect <- if (term$names[j] == "(Intercept)") 1 else call("+", 0, str2lang(term$names[j]))
      utils::modifyList(term, list(
        names = term$names[j], columns = term$columns[j], size = 1L, structure = default_structure,
        bar = call("|", effect, term$bar[[3L]])
      ))
    })
  }), recursive = FALSE)
  labels <- make.unique(vapply(parts, `[[`, "", "group"))
  Map(function(part, label) replace(part, "label", label), parts, labels, USE.NAMES = FALSE)
}

# Of each of these terms the label of the term as it was written, whose parameters have it in their
# names.
written_labels <- function(fit) {
  parts <- vapply(fit$random$terms, function(term) if (isTRUE(term$separate)) term$size else 1L, 0L)
  labels <- rep(vapply(fit$random$terms, `[[`, "", "label"), parts)
  stats::setNames(labels, vapply(shown_terms(fit), `[[`, "", "label"))
}

# The fit with these terms; those that its condensed data have stay beside them.
with_shown_terms <- function(fit) {
  fit$random$fitted_terms <- fit$random$terms
  fit$random$terms <- shown_terms(fit)
  fit
}

fitted_terms <- function(fit) if (is.null(fit$random$fitted_terms)) fit$random$terms else fit$random$fitted_terms

row_norms <- function(x) sqrt(rowSums(x^2))

is_aliased <- function(fit) fit$fixed_names %in% fit$aliased

# Coefficients of all columns of X in their order, NA for dropped ones.
all_coefficients <- function(fit) {
  stats::setNames(fit$coefficients[fit$fixed_names], fit$fixed_names)
}

# The formula as it was given. stats::step() writes the terms of the fixed part over it: then with
# the fit's random part.
full_formula <- function(fit) {
  if (!inherits(fit$formula, "terms")) return(fit$formula)
  formula <- stats::formula(fit$formula)
  formula[[3L]] <- call("+", formula[[3L]], random_formula(fit)[[2L]])
  formula
}

# One-sided formula of the bars, in the environment of the fit's formula.
random_formula <- function(fit) {
  bars <- lapply(fit$random$terms, written_term)
  sum_of_bars <- Reduce(function(left, right) call("+", left, right), bars)
  stats::as.formula(call("~", sum_of_bars), env = environment(fit$formula))
}

response_name <- function(fit) deparse1(fit$formula[[2L]])
