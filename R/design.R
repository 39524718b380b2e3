# The design of a model: numbers and codes, one row for each row of the frame.
#
# value: list
#   y                      n, or a matrix of several responses, n x r
#   weights, offset        n, or NULL
#   X                      n x p, with attributes assign and contrasts
#   U                      n x q, the columns of all random terms in the order of the formula
#   group                  codes 1..m;  levels  their labels, m;  group_name
#   constant_x             p: a with X a = 1 on every row, or zeros; constant_u the same within each term's columns of U, q
#   u_term                 q: the term (1..) of each column of U
#   fixed                  list(terms, xlevels, contrasts): what new data need
#   terms                  list of the random terms, see random_terms()
build_design <- function(model, contrasts, call) {
  frame <- model$frame
  check_one_group(model$random, call)
  group <- group_factor(frame[model$random[[1L]]$variables])
  weights <- frame[["(weights)"]]
  with_weight <- is.null(weights) | tabulate(group$codes[weights > 0], length(group$levels)) > 0
  check_levels(group$levels[with_weight], model$random[[1L]]$group, call)

  X <- design_matrix(model$fixed, frame, contrasts, call)
  blocks <- lapply(model$random, function(term) random_block(term$terms, frame, call))
  offset <- stats::model.offset(frame)
  list(
    y = plain_response(frame[[1L]]),
    X = X,
    U = if (length(blocks) == 1L) blocks[[1L]]$matrix else do.call(cbind, lapply(blocks, `[[`, "matrix")),
    weights = if (!is.null(weights)) as.double(weights),
    offset = if (!is.null(offset)) as.double(offset),
    group = group$codes,
    levels = group$levels,
    group_name = model$random[[1L]]$group,
    constant_x = constant_combination(X, model$fixed),
    constant_u = unlist(lapply(blocks, `[[`, "constant")),
    u_term = rep(seq_along(blocks), vapply(blocks, function(block) ncol(block$matrix), 0L)),
    fixed = list(terms = model$fixed, xlevels = factor_levels(model$fixed, frame, call), contrasts = attr(X, "contrasts")),
    terms = random_terms(model$random, blocks)
  )
}

plain_response <- function(y) if (NCOL(y) > 1L) matrix(as.double(y), nrow(y)) else as.double(y)

check_one_group <- function(random, call) {
  groups <- unique(vapply(random, `[[`, "", "group"))
  if (length(groups) == 1L) return(invisible())
  abort_mixest("formula", c(
    "All random-effects terms must have the same grouping factor: nested and crossed factors can't be fitted yet.",
    x = "Found {.code {groups}}."
  ), call)
}

check_levels <- function(levels, name, call) {
  twice <- levels[duplicated(levels)]
  if (length(twice)) {
    abort_mixest("input", c(
      "The levels of the grouping factor must have different labels.",
      x = "{.val {twice[1L]}} is the label of several levels of {.code {name}}."
    ), call)
  }
  if (length(levels) >= 2L) return(invisible())
  abort_mixest("unidentified", c(
    "The grouping factor must have at least two levels: the variance between groups can't be estimated from one.",
    x = "{.code {name}} has the level {.val {levels}} only."
  ), call)
}

# list(codes, levels) of a grouping factor: the combinations that occur of one variable or several, the first varying slowest.
group_factor <- function(variables) {
  group <- value_codes(variables[[1L]])
  for (variable in variables[-1L]) {
    inner <- value_codes(variable)
    cell <- (group$codes - 1) * length(inner$levels) + inner$codes
    cells <- sort(unique(cell))
    outer <- (cells - 1) %/% length(inner$levels) + 1
    group <- list(
      codes = match(cell, cells),
      levels = paste(group$levels[outer], inner$levels[cells - (outer - 1) * length(inner$levels)], sep = ":")
    )
  }
  group
}

# As factor(), without turning every row into a string. Numbers with the same 15 digits are the same level, as there.
value_codes <- function(x) {
  if (is.factor(x)) {
    codes <- as.integer(x)
    labels <- levels(x)
    labels[is.na(labels)] <- "NA"
    used <- tabulate(codes, length(labels)) > 0L
    if (!all(used)) {
      codes <- cumsum(used)[codes]
      labels <- labels[used]
    }
  } else {
    values <- sort(unique(x))
    codes <- match(x, values)
    labels <- value_labels(values)
    if (anyDuplicated(labels)) {
      codes <- match(labels, unique(labels))[codes]
      labels <- unique(labels)
    }
  }
  list(codes = codes, levels = labels)
}

# As as.character(), but the number 1e5 is "100000", whether it was stored as integer or double.
value_labels <- function(x) {
  labels <- as.character(x)
  labels[is.na(labels) & !is.na(x)] <- "NA"   # the level that addNA() makes
  if (is.double(x) && !is.object(x)) {
    whole <- which(x == trunc(x) & abs(x) < 1e15)
    labels[whole] <- sprintf("%.0f", x[whole])
  }
  labels
}

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
#   names, columns, size               the effects and their columns of U
#   label                              the group's name, "g.1", "g.2", ... for further terms on it, as in lme4
#   terms, xlevels, contrasts          what new data need
random_terms <- function(random, blocks) {
  last <- cumsum(vapply(blocks, function(block) ncol(block$matrix), 0L))
  labels <- make.unique(vapply(random, `[[`, "", "group"))
  lapply(seq_along(random), function(t) {
    names <- colnames(blocks[[t]]$matrix)
    list(
      group = random[[t]]$group, structure = random[[t]]$structure, names = names, columns = seq(to = last[t], length.out = length(names)),
      size = length(names), bar = random[[t]]$bar, label = labels[t], variables = random[[t]]$variables,
      terms = random[[t]]$terms, xlevels = blocks[[t]]$xlevels, contrasts = blocks[[t]]$contrasts
    )
  })
}
