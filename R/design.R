# The design of a model: numbers and codes, one row for each row of the frame.
#
# value: list
#   y                      n, or a matrix of several responses, n x r
#   weights, offset        n, or NULL
#   X                      n x p, with attributes assign and contrasts
#   U                      n x q, the columns of all random terms in the order of the formula
#   codes                  list: for each grouping factor the codes 1..m_f of the rows, n
#   constant_x             p: a with X a = 1 on every row, or zeros; constant_u the same within each term's columns of U, q
#   u_term                 q: the term (1..) of each column of U
#   fixed                  list(terms, xlevels, contrasts): what new data need
#   random                 list(terms, groups, nested) as the fit keeps them: see random_terms() and R/grouping_factors.R
build_design <- function(model, contrasts, call) {
  frame <- model$frame
  factors <- grouping_factors(model$random, frame, call)

  X <- design_matrix(model$fixed, frame, contrasts, call)
  blocks <- lapply(model$random, function(term) random_block(term$terms, frame, call))
  terms <- random_terms(model$random, blocks, names(factors$groups))
  check_distinct_groups(factors, terms, call)
  weights <- frame[["(weights)"]]
  offset <- stats::model.offset(frame)
  list(
    y = plain_response(frame[[1L]]),
    X = X,
    U = if (length(blocks) == 1L) blocks[[1L]]$matrix else do.call(cbind, lapply(blocks, `[[`, "matrix")),
    weights = if (!is.null(weights)) as.double(weights),
    offset = if (!is.null(offset)) as.double(offset),
    codes = factors$codes,
    constant_x = constant_combination(X, model$fixed),
    constant_u = unlist(lapply(blocks, `[[`, "constant")),
    u_term = rep(seq_along(blocks), vapply(blocks, function(block) ncol(block$matrix), 0L)),
    fixed = list(terms = model$fixed, xlevels = factor_levels(model$fixed, frame, call), contrasts = attr(X, "contrasts")),
    random = list(terms = terms, groups = factors$groups, nested = factors$nested)
  )
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
    abort_mixest("input", "The design matrix can't be built from the variables and {.arg contrasts}.", call, parent = error)
  })
  if (!is.finite(sum(matrix))) refuse_overflow(matrix, frame, call)
  matrix
}

factor_levels <- function(terms, frame, call) {
  levels <- stats::.getXlevels(terms, frame)
  if (length(levels)) levels
}

check_contrasts <- function(contrasts, call) {
  if (is.null(contrasts) || is.list(contrasts) && !is.null(names(contrasts))) return(invisible())
  abort_mixest("input", c(
    "{.arg contrasts} must be `NULL` or a list named by the factors of the model.", x = "It is {.obj_type_friendly {contrasts}}."
  ), call)
}

# The variables are finite, so a product of them is not.
refuse_overflow <- function(matrix, frame, call) {
  bad <- which(colSums(!is.finite(matrix)) > 0)
  if (length(bad)) refuse_infinite(colnames(matrix)[bad[1L]], rows_where(frame, !is.finite(matrix[, bad[1L]])), call)
}

# list(matrix, constant, contrasts, xlevels) of one random term. Its contrasts are those of the factors or of options("contrasts"), as in lme4.
random_block <- function(terms, frame, call) {
  if (is_plain(terms, frame)) {
    matrix <- plain_matrix(terms, frame)
    return(list(matrix = matrix, constant = as.double(colnames(matrix) == "(Intercept)"), contrasts = NULL, xlevels = NULL))
  }
  matrix <- design_matrix(terms, frame, NULL, call)
  list(
    matrix = matrix, constant = constant_combination(matrix, terms), contrasts = attr(matrix, "contrasts"),
    xlevels = factor_levels(terms, frame, call)
  )
}

# Is every effect the intercept or a numeric vector of the frame? Then its column needs no model.matrix(), which takes much longer.
is_plain <- function(terms, frame) {
  labels <- attr(terms, "term.labels")
  all(labels %in% names(frame)) && all(vapply(frame[labels], function(x) is.numeric(x) && is.null(dim(x)), NA))
}

plain_matrix <- function(terms, frame) {
  labels <- attr(terms, "term.labels")
  names <- c(if (attr(terms, "intercept")) "(Intercept)", labels)
  matrix <- matrix(1, nrow(frame), length(names), dimnames = list(NULL, names))
  for (label in labels) matrix[, label] <- frame[[label]]
  matrix
}

# a with `matrix` a = 1 on every row, or zeros: the intercept, or without one the columns of a factor coded by all its indicators.
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
#   label                              the group's name, "g.1", "g.2", ... for further terms on it, as in lme4
#   terms, xlevels, contrasts          what new data need
random_terms <- function(random, blocks, factors) {
  last <- cumsum(vapply(blocks, function(block) ncol(block$matrix), 0L))
  labels <- make.unique(vapply(random, `[[`, "", "group"))
  lapply(seq_along(random), function(t) {
    names <- colnames(blocks[[t]]$matrix)
    list(
      group = random[[t]]$group, factor = match(random[[t]]$group, factors), structure = random[[t]]$structure,
      names = names, columns = seq(to = last[t], length.out = length(names)), size = length(names),
      bar = random[[t]]$bar, label = labels[t], variables = random[[t]]$variables,
      terms = random[[t]]$terms, xlevels = blocks[[t]]$xlevels, contrasts = blocks[[t]]$contrasts
    )
  })
}
