# The design of a model: numbers and codes, one row for each row of the frame that counts: those of
# weight 0 are not there.
#
# value: list
#   y                      n, or a matrix of several responses, n x r
#   weights, offset        n, or NULL
#   X                      the columns of the fixed effects: n x p matrix, or list of p vectors,
#                          where one number stands for a column of it
#   U                      list: for each random term its columns, in the same two forms; q in all
#   codes                  list: for each grouping factor the codes 1..m_f of the rows, n
#   constant_x             p: a with X a = 1 on every row, or zeros; constant_u the same within each
#                          term's columns of U, q
#   u_term                 q: the term (1..) of each column of U
#   fixed                  list(names, terms, xlevels, contrasts): names of the effects, and what
#                          new data need
#   random                 list(terms, groups, nested) as the fit keeps them: see random_terms() and
#                          R/input-groups.R
build_design <- function(model, contrasts, call) {
  frame <- model$frame
  counts <- rows_that_count(frame)
  factors <- grouping_factors(model$random, if (is.null(counts)) frame else frame[counts, , drop = FALSE], call)

  fixed <- design_block(model$fixed, frame, contrasts, call)
  blocks <- lapply(model$random, function(term) design_block(term$terms, frame, NULL, call))
  terms <- random_terms(model$random, blocks, names(factors$groups))
  check_single_levels(factors$groups, terms, call)
  check_distinct_groups(factors, terms, call)
  weights <- frame[["(weights)"]]
  offset <- stats::model.offset(frame)
  list(
    y = select_rows(plain_response(frame[[1L]]), counts),
    X = select_rows(fixed$columns, counts),
    U = select_rows(lapply(blocks, `[[`, "columns"), counts),
    weights = if (!is.null(weights)) select_rows(as.double(weights), counts),
    offset = if (!is.null(offset)) select_rows(as.double(offset), counts),
    codes = factors$codes,
    constant_x = fixed$constant,
    constant_u = unlist(lapply(blocks, `[[`, "constant")),
    u_term = rep(seq_along(blocks), lengths(lapply(blocks, `[[`, "names"))),
    fixed = list(names = fixed$names, terms = model$fixed, xlevels = fixed$xlevels, contrasts = fixed$contrasts),
    random = list(terms = terms, groups = factors$groups, nested = factors$nested)
  )
}

# Numbers of the rows of positive weight, NULL when all are.
rows_that_count <- function(frame) {
  weights <- frame[["(weights)"]]
  if (!is.null(weights) && min(weights) == 0) which(weights > 0)
}

# Of a vector, a matrix or a list of them; one number that stands for a column stays. `rows`:
# numbers or logicals, NULL for all
select_rows <- function(x, rows) {
  if (is.null(rows)) return(x)
  if (is.list(x)) return(lapply(x, select_rows, rows))
  if (is.matrix(x)) x[rows, , drop = FALSE] else if (length(x) == 1L) x else x[rows]
}

plain_response <- function(y) if (NCOL(y) > 1L) matrix(as.double(y), nrow(y)) else as.double(y)

# Model matrix of one terms object, n x columns; errors name the variable.
design_matrix <- function(terms, frame, contrasts, call) {
  levels <- factor_levels(terms, frame, call)
  single <- names(levels)[lengths(levels) < 2L]
  if (length(single)) {
    abort_mixest("input", c(
      "A factor in the model must have at least two levels in the rows that are used.",
      x = "{.code {single[1L]}} has the level {.val {levels[[single[1L]]]}} only."
    ), call)
  }
  check_contrasts(contrasts, call)
  matrix <- tryCatch(stats::model.matrix(terms, frame, contrasts.arg = contrasts), error = function(error) {
    if (is_memory_error(error)) refuse_memory(error, "the design matrix", design_advice, call)
    abort_mixest(
      "input", "The design matrix can't be built from the variables and {.arg contrasts}.", call, parent = error
    )
  })
  if (!is.finite(sum(matrix))) refuse_overflow(matrix, frame, call)
  matrix
}

design_advice <- paste(
  "A factor with many levels and its interactions have a column for each level.",
  "As a grouping factor, {.code (1 | f)}, it has none."
)

factor_levels <- function(terms, frame, call) {
  levels <- stats::.getXlevels(terms, frame)
  if (length(levels)) levels
}

check_contrasts <- function(contrasts, call) {
  if (is.null(contrasts) || is.list(contrasts) && !is.null(names(contrasts))) return(invisible())
  abort_mixest("input", c(
    "{.arg contrasts} must be `NULL` or a list named by the factors of the model.",
    x = "It is {.obj_type_friendly {contrasts}}."
  ), call)
}

# The variables are finite, so a product of them is not.
refuse_overflow <- function(matrix, frame, call) {
  bad <- which(colSums(!is.finite(matrix)) > 0)
  if (length(bad)) refuse_infinite(colnames(matrix)[bad[1L]], rows_where(frame, !is.finite(matrix[, bad[1L]])), call)
}

# The columns of one terms object: list(columns, names, constant, contrasts, xlevels). Contrasts
# that are not given are those of the factors or of options("contrasts"). Numeric vectors of the
# frame are columns as they are: nothing is copied, and no model.matrix() is needed.
design_block <- function(terms, frame, contrasts, call) {
  if (is_plain(terms, frame) && is.null(contrasts)) {
    columns <- plain_columns(terms, frame)
    return(list(columns = columns, names = names(columns), constant = as.double(
      names(columns) == "(Intercept)"
    ), contrasts = NULL, xlevels = NULL))
  }
  matrix <- design_matrix(terms, frame, contrasts, call)
  list(
    columns = matrix, names = colnames(matrix), constant = constant_combination(matrix, terms),
    contrasts = attr(matrix, "contrasts"),
    xlevels = factor_levels(terms, frame, call)
  )
}

# Is every effect the intercept or a numeric vector of the frame, not the response?
is_plain <- function(terms, frame) {
  labels <- attr(terms, "term.labels")
  if (!all(labels %in% names(frame)) || any(labels %in% names(frame)[attr(terms, "response")])) return(FALSE)
  all(vapply(unclass(frame)[labels], function(x) is.numeric(x) && is.null(dim(x)), NA))
}

plain_columns <- function(terms, frame) {
  columns <- lapply(unclass(frame)[attr(terms, "term.labels")], as.double)
  if (attr(terms, "intercept")) c(list(`(Intercept)` = 1), columns) else columns
}

# a with `matrix` a = 1 on every row, or zeros: the intercept, or without one the columns of a
# factor coded by all its indicators.
constant_combination <- function(matrix, terms) {
  assign <- attr(matrix, "assign")
  if (attr(terms, "intercept")) return(as.double(assign == 0L))
  for (term in which(attr(terms, "order") > 0L)) {
    own <- assign == term
    if (all(matrix[1L, own] %in% 0:1) && all(rowSums(matrix[, own, drop = FALSE]) == 1)) return(as.double(own))
  }
  numeric(ncol(matrix))
}

# The random terms as the fit keeps them: list of
#   group, structure, bar, variables   as of parse_formula()
#   factor                             the number of its grouping factor
#   names, columns, size               the effects and their columns of U
#   label                              the group's name, "g.1", "g.2", ... for further terms on it,
#                                      as in lme4
#   separate                           written as (x || g) with effects of one column each: shown as
#                                      one term for each effect, see shown_terms()
#   terms, xlevels, contrasts          what new data need
random_terms <- function(random, blocks, factors) {
  last <- cumsum(lengths(lapply(blocks, `[[`, "names")))
  labels <- make.unique(vapply(random, `[[`, "", "group"))
  lapply(seq_along(random), function(t) {
    names <- blocks[[t]]$names
    list(
      group = random[[t]]$group, factor = match(random[[t]]$group, factors), structure = random[[t]]$structure,
      names = names, columns = seq(to = last[t], length.out = length(names)), size = length(names),
      bar = random[[t]]$bar, label = labels[t], variables = random[[t]]$variables,
      separate = identical(random[[t]]$bars, "||") &&
        all(names %in% c("(Intercept)", attr(random[[t]]$terms, "term.labels"))),
      terms = random[[t]]$terms, xlevels = blocks[[t]]$xlevels, contrasts = blocks[[t]]$contrasts
    )
  })
}
