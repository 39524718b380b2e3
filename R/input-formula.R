# The formula language: y ~ fixed + (terms | group) + structure(terms | group).
#
# value: list
#   formula  as given, two-sided; a single bar without parentheses has got them
#   fixed    the formula without its random terms, same environment
#   random   list, one element for each random term and grouping factor in the order of the formula,
#            of
#              structure  "us", "diag", ...
#              bars       "|" or "||", as written
#              terms      terms object of the left-hand side of the bar, one-sided
#              bar        the call `terms | group`, one grouping factor (a/b has been expanded)
#              group      its name, "a:b"
#              variables  the names of its variables as columns of the model frame, c("a", "b")
parse_formula <- function(formula, call) {
  formula <- check_formula(formula, call)
  env <- environment(formula)
  formula[[3L]] <- bar_in_parentheses(formula[[3L]], call)
  parts <- split_random(formula[[3L]], env, call)
  if (!length(parts$random)) {
    abort_mixest("formula", c(
      "{.arg formula} must have at least one random-effects term such as {.code (1 | g)}.",
      x = "It is {.code {deparse1(formula)}}.",
      i = "Use {.fn lm} for a model without random effects."
    ), call)
  }
  fixed <- formula
  fixed[[3L]] <- if (is.null(parts$fixed)) 1 else parts$fixed
  random <- unlist(lapply(parts$random, parse_random_term, env = env, call = call), recursive = FALSE)
  check_response_is_no_group(formula, random, call)
  list(formula = formula, fixed = fixed, random = random)
}

# `y ~ 1 | g` is `y ~ (1 | g)`. Of a sum, `y ~ x + 1 | g`, the first part was hardly meant to belong
# to the bar.
bar_in_parentheses <- function(right, call) {
  if (!is_bar(right)) return(right)
  if (call_name(right[[2L]]) %in% c("+", "-")) refuse_bare_bar(right, call)
  whole_bar(right, call)
}

# Wrappers that mean a covariance structure in other packages, also where a function of that name
# exists.
foreign_structures <- c("exp", "gau", "hetar1", "homtoep", "mat", "ou", "propto", "equalto", "rr", "s")

# A two-sided formula with an environment, from a formula, a string or a call.
check_formula <- function(formula, call) {
  if (missing(formula)) abort_mixest("formula", "{.arg formula} must be given.", call)
  if (is.character(formula) && length(formula) == 1L || is.call(formula) && !inherits(formula, "formula")) {
    text <- deparse1(formula)
    formula <- tryCatch(stats::as.formula(formula, env = parent.frame(3L)), error = function(error) {
      abort_mixest("formula", c("{.arg formula} must be a formula.", x = "{.code {text}} can't be read as one."), call)
    })
  }
  if (!inherits(formula, "formula")) {
    abort_mixest("formula", c("{.arg formula} must be a formula.", x = "It is {.obj_type_friendly {formula}}."), call)
  }
  formula <- stats::formula(formula)
  if (length(formula) != 3L || is.null(formula[[2L]])) {
    abort_mixest("formula", c(
      "{.arg formula} must have a response on its left-hand side.", x = "It is {.code {deparse1(formula)}}."
    ), call)
  }
  formula
}

# list(fixed = expression or NULL, random = list of calls) of a right-hand side. Random terms are
# found only where they are added: a bar inside a function call, I(a | b), is R's "or".
split_random <- function(expr, env, call) {
  if (is_random_term(expr, env, call)) return(list(fixed = NULL, random = list(expr)))
  operator <- call_name(expr)
  if (operator == "|" || operator == "||") return(split_random(whole_bar(expr, call), env, call))
  if (operator == "(") {
    inside <- split_random(expr[[2L]], env, call)
    return(if (length(inside$random)) inside else list(fixed = expr, random = NULL))
  }
  if (operator == "+" || operator == "-") return(split_sum(expr, operator, env, call))
  if (operator %in% c("*", ":", "/", "^", "%in%")) {
    for (side in as.list(expr)[-1L]) refuse_random(side, expr, env, call)
  }
  list(fixed = expr, random = NULL)
}

# The right-hand side `x | g` with the parentheses that it needs. Everything to the left of its bar
# belongs to the random-effects term.
whole_bar <- function(expr, call) {
  if (any(c("|", "||") %in% c(all.names(expr[[2L]]), all.names(expr[[3L]])))) refuse_bare_bar(expr, call)
  call("(", expr)
}

refuse_bare_bar <- function(expr, call) {
  abort_mixest("formula", c(
    "Every random-effects term must be in parentheses.",
    x = "{.code {deparse1(expr)}} is not.", i = "Write {.code y ~ x + (x | g)}."
  ), call)
}

split_sum <- function(expr, operator, env, call) {
  last <- expr[[length(expr)]]
  left <- if (length(expr) == 3L) split_random(expr[[2L]], env, call)
  if (operator == "-") refuse_random(last, expr, env, call)
  right <- split_random(last, env, call)
  fixed <- if (is.null(right$fixed)) {
    left$fixed
  } else if (is.null(left$fixed)) {
    if (operator == "-") call("-", right$fixed) else right$fixed
  } else {
    call(operator, left$fixed, right$fixed)
  }
  list(fixed = fixed, random = c(left$random, right$random))
}

refuse_random <- function(side, expr, env, call) {
  if (!length(split_random(side, env, call)$random)) return(invisible())
  abort_mixest("formula", c(
    "Random-effects terms must be added to the formula with {.code +}.",
    x = "{.code {deparse1(side)}} is part of {.code {deparse1(expr)}}."
  ), call)
}

# `(x | g)`, `((x | g))` or `structure(x | g)`. An unknown function around a bar is refused: it can
# only be a structure we don't have.
is_random_term <- function(expr, env, call) {
  if (call_name(expr) == "(") return(is_bar(strip_parentheses(expr)) || is_random_term(expr[[2L]], env, call))
  name <- call_name(expr)
  if (name == "" || name %in% c("|", "||") || length(expr) < 2L || !is_bar(strip_parentheses(expr[[2L]]))) return(FALSE)
  if (name %in% names(covariance_structures)) return(TRUE)
  if (!name %in% foreign_structures && exists(name, envir = env, mode = "function")) return(FALSE)
  near <- closest_name(name, names(covariance_structures))
  abort_mixest("formula", c(
    "The covariance structure of a random-effects term must be one of {.code {names(covariance_structures)}}.",
    x = "{.code {deparse1(expr)}} asks for {.code {name}}.",
    i = if (!is.null(near)) "Did you mean {.code {near}}?"
  ), call)
}

is_bar <- function(expr) call_name(expr) %in% c("|", "||")

call_name <- function(expr) if (is.call(expr) && is.name(expr[[1L]])) as.character(expr[[1L]]) else ""

strip_parentheses <- function(expr) {
  while (call_name(expr) == "(") expr <- expr[[2L]]
  expr
}

# One random term as written -> list of terms, one for each grouping factor it expands to.
parse_random_term <- function(written, env, call) {
  expr <- strip_parentheses(written)
  structure <- default_structure
  if (!is_bar(expr)) {
    check_wrapper(expr, call)
    structure <- call_name(expr)
    expr <- strip_parentheses(expr[[2L]])
  }
  if (call_name(expr) == "||") {
    if (is_bar(strip_parentheses(written))) structure <- independent_structure
    if (structure != independent_structure) {
      abort_mixest("formula", c(
        "{.code ||} can't be used inside a covariance structure: it stands for {.code diag()}.",
        x = "Found {.code {deparse1(written)}}."
      ), call)
    }
  }
  terms <- random_terms_object(expr[[2L]], written, env, call)
  lapply(expand_group(expr[[3L]], written, call), function(group) {
    variables <- vapply(group_variables(group), deparse_variable, "")
    check_both_sides(terms, variables, written, call)
    list(
      structure = structure, bars = call_name(expr), terms = terms, bar = call("|", expr[[2L]], group),
      group = deparse1(group), variables = variables
    )
  })
}

check_wrapper <- function(expr, call) {
  if (length(expr) == 2L && is.null(names(expr))) return(invisible())
  abort_mixest("formula", c(
    "A covariance structure must have the term as its only argument, as in {.code {call_name(expr)}(x | g)}.",
    x = "Found {.code {deparse1(expr)}}.",
    i = "The homogeneous structures are {.code homdiag} and {.code homcs}."
  ), call)
}

random_terms_object <- function(left, written, env, call) {
  if ("." %in% all.vars(left) || any(c("|", "||") %in% all.names(left))) {
    abort_mixest("formula", c(
      "The left-hand side of a bar must be a formula of variables, without {.code .} and without a second bar.",
      x = "Found {.code {deparse1(written)}}."
    ), call)
  }
  terms <- stats::terms(stats::as.formula(call("~", left), env))
  if (!is.null(attr(terms, "offset"))) {
    abort_mixest("formula", c(
      "{.fn offset} can't be part of a random-effects term.", x = "Found {.code {deparse1(written)}}."
    ), call)
  }
  if (!attr(terms, "intercept") && !length(attr(terms, "term.labels"))) {
    abort_mixest("formula", c(
      "A random-effects term must have at least one effect on the left-hand side of its bar.",
      x = "Found {.code {deparse1(written)}}."
    ), call)
  }
  terms
}

# Expressions of the grouping factors: a/b/c gives c:(b:a), b:a and a, as in lme4. A plain name
# needs no expansion, and reformulas loads Matrix.
expand_group <- function(group, written, call) {
  group <- strip_parentheses(group)
  if (is.name(group) && !identical(group, quote(.))) return(list(group))
  groups <- if (is.call(group) && !any(c("|", "||", ".") %in% all.names(group))) {
    parts <- slash_parts(group)
    sums <- vapply(parts, function(part) call_name(part) %in% c("+", "*", "-", "^"), NA)
    if (any(sums)) tryCatch(reformulas::expandGrpVar(group), error = function(error) NULL) else nested_groups(parts)
  }
  if (!length(groups)) {
    abort_mixest("formula", c(
      paste(
        "The right-hand side of a bar must be a grouping variable or an expression of variables,",
        "such as {.code g}, {.code a:b} or {.code a/b}."
      ),
      x = "Found {.code {deparse1(written)}}."
    ), call)
  }
  groups
}

# a/b/c -> list(a, b, c)
slash_parts <- function(group) {
  group <- strip_parentheses(group)
  if (call_name(group) != "/") return(list(group))
  c(slash_parts(group[[2L]]), slash_parts(group[[3L]]))
}

# list(a, b, c) -> list(c:(b:a), b:a, a)
nested_groups <- function(parts) {
  groups <- parts[1L]
  for (inner in parts[-1L]) {
    outer <- groups[[1L]]
    groups <- c(list(call(":", inner, if (call_name(outer) == ":") call("(", outer) else outer)), groups)
  }
  groups
}

# a:factor(b) -> list(a, factor(b))
group_variables <- function(group) {
  group <- strip_parentheses(group)
  if (call_name(group) %in% c(":", "%in%")) return(c(group_variables(group[[2L]]), group_variables(group[[3L]])))
  list(group)
}

# The name that stats::model.frame() gives to a variable's column.
deparse_variable <- function(expr) paste(deparse(expr, width.cutoff = 500L), collapse = " ")

variable_names <- function(terms) vapply(as.list(attr(terms, "variables"))[-1L], deparse_variable, "")

# A variable has one value in each of its own groups: its effects and their covariances can't be
# told from the intercept's.
check_both_sides <- function(terms, variables, written, call) {
  both <- intersect(variable_names(terms), variables)
  if (!length(both)) return(invisible())
  abort_mixest("unidentified", c(
    "A variable can't be on both sides of a bar: it does not vary within its own groups.",
    x = "{.var {both}} is in {.code {deparse1(written)}}."
  ), call)
}

check_response_is_no_group <- function(formula, random, call) {
  response <- deparse_variable(formula[[2L]])
  for (term in random) {
    if (response %in% term$variables) {
      abort_mixest("formula", c(
        "The response can't be a grouping variable too.",
        x = "{.var {response}} is the response and in {.code {deparse1(term$bar)}}."
      ), call)
    }
  }
}
