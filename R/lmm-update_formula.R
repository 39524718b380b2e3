# The formula that update() makes of the fit's and of a change such as `. ~ . - (1 | g)`.

updated_formula <- function(fit, change, call) {
  old <- without_dot(fit, call)
  change <- stats::as.formula(change)
  right <- change[[length(change)]]
  for (term in subtracted_terms(right)) {
    found <- find_term(old, term, fit, call)
    if (is.null(found)) refuse_absent_term(fit, term, call)
    old <- found$formula
    right <- replace_term(right, term, found$term)
  }
  change[[length(change)]] <- right
  formula <- stats::update.formula(old, change)
  environment(formula) <- environment(fit$formula)
  formula
}

# `y ~ . - g + (1 | g)` with the variables that the dot stood for.
without_dot <- function(fit, call) {
  formula <- full_formula(fit)
  if (!"." %in% all.vars(formula[[3L]])) return(formula)
  random <- split_random(formula[[3L]], environment(formula), call)$random
  fixed <- stats::formula(stats::delete.response(fit$terms))[[2L]]
  formula[[3L]] <- Reduce(function(left, right) call("+", left, right), random, fixed)
  formula
}

# Random-effects terms that are taken away in a sum, as written.
subtracted_terms <- function(expr) {
  if (!call_name(expr) %in% c("+", "-")) return(NULL)
  left <- if (length(expr) == 3L) subtracted_terms(expr[[2L]])
  last <- expr[[length(expr)]]
  own <- if (call_name(expr) == "+") subtracted_terms(last) else if (is_written_term(last)) list(last)
  c(left, own)
}

is_written_term <- function(expr) {
  inside <- strip_parentheses(expr)
  is_bar(inside) || call_name(inside) %in% names(covariance_structures) && is_bar(strip_parentheses(inside[[2L]]))
}

# list(formula, term): the formula with `term` among its terms, spelt as there; NULL when it is
# none. Terms of several grouping factors or of independent effects are written out if it is one of
# them.
find_term <- function(formula, term, fit, call) {
  random <- split_random(formula[[3L]], environment(formula), call)$random
  bare <- function(written) deparse1(strip_parentheses(written))
  literal <- Find(function(written) bare(written) == bare(term), random)
  if (!is.null(literal)) return(list(formula = formula, term = literal))
  key <- key_of_term(parse_random_term(term, environment(formula), call)[[1L]])
  for (written in random) {
    whole <- parse_random_term(written, environment(formula), call)
    factors <- lapply(whole, written_term)
    effects <- unlist(lapply(whole, independent_terms, fit), recursive = FALSE)
    for (parts in list(list(written), factors, effects)) {
      keys <- vapply(parts, function(part) {
        several <- parse_random_term(part, environment(formula), call)
        if (length(several) == 1L) key_of_term(several[[1L]]) else ""
      }, "")
      if (!key %in% keys) next
      sum_of_parts <- Reduce(function(left, right) call("+", left, right), parts)
      formula[[3L]] <- replace_term(formula[[3L]], written, sum_of_parts)
      return(list(formula = formula, term = parts[[match(key, keys)]]))
    }
  }
  NULL
}

# What a term means, whatever its spelling.
key_of_term <- function(term) {
  paste(c(
    term$structure, attr(term$terms, "intercept"), sort(attr(term$terms, "term.labels")), "|", sort(term$variables)
  ), collapse = " ")
}

# (x || g) -> (1 | g), (0 + x | g), the same model when x is one column.
independent_terms <- function(term, fit) {
  own <- Find(function(fitted) key_of_term(fitted) == key_of_term(term), fit$random$terms)
  labels <- attr(term$terms, "term.labels")
  plain <- !is.null(own) && all(own$names %in% c("(Intercept)", labels))
  if (term$structure != independent_structure || !plain) return(list(written_term(term)))
  effects <- lapply(labels, function(label) call("+", 0, str2lang(label)))
  if (attr(term$terms, "intercept")) effects <- c(list(1), effects)
  lapply(effects, function(effect) call("(", call("|", effect, term$bar[[3L]])))
}

replace_term <- function(expr, term, by) {
  if (identical(expr, term)) return(by)
  if (!call_name(expr) %in% c("+", "-", "(")) return(expr)
  for (side in seq_along(expr)[-1L]) expr[[side]] <- replace_term(expr[[side]], term, by)
  expr
}

refuse_absent_term <- function(fit, term, call) {
  had <- split_random(fit$formula[[3L]], environment(fit$formula), call)$random
  abort_mixest("formula", c(
    "A random-effects term that is taken away must be one of the model.",
    x = "{.code {deparse1(term)}} is none of {.code {vapply(had, deparse1, '')}}."
  ), call)
}
