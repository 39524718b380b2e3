# The grouping factors of a model, found from the data.
#
# Factors are known by their names, as written: `a/b` has given `b:a` and `a`, and `a:b` beside
# `b:a` would be a third one. Which of them are nested in which is asked of the codes alone:
# `(1 | a/b)`, `(1 | a) + (1 | a:b)`, and `(1 | a) + (1 | b)` with labels of b that are not used
# again in another a, are the same model.
#
# value: list, factors in the order of their first term
#   codes   list: integer codes 1..m_f of the rows, n
#   groups  list of the levels' labels, m_f each, named by the factors
#   nested  numbers of the factors from the outermost to the innermost when every one lies within
#           the one before it, else NULL
grouping_factors <- function(random, frame, call) {
  first <- random[!duplicated(vapply(random, `[[`, "", "group"))]
  names <- vapply(first, `[[`, "", "group")
  factors <- lapply(first, function(term) group_factor(frame[term$variables]))
  for (f in seq_along(factors)) check_levels(factors[[f]]$levels, names[[f]], call)
  codes <- lapply(factors, `[[`, "codes")
  groups <- stats::setNames(lapply(factors, `[[`, "levels"), names)
  list(codes = codes, groups = groups, nested = nesting_order(codes, lengths(groups)))
}

# If the factors are nested at all, then those with more levels in those with fewer.
nesting_order <- function(codes, n_levels) {
  outermost_first <- unname(order(n_levels))
  for (f in seq_along(codes)[-1L]) {
    if (!is_within(codes[[outermost_first[f]]], codes[[outermost_first[f - 1L]]])) return(NULL)
  }
  outermost_first
}

# Has every level of `inner` one level of `outer` only?
is_within <- function(inner, outer) {
  outer_of <- integer(max(inner))
  outer_of[inner] <- outer
  all(outer_of[inner] == outer)
}

# Two names for the same groups: an effect that both have is one effect, whose variance can't be
# divided between them.
check_distinct_groups <- function(factors, terms, call) {
  n_levels <- lengths(factors$groups)
  effects <- lapply(
    seq_along(n_levels), function(f) unlist(lapply(terms, function(term) if (term$factor == f) term$names))
  )
  for (f in seq_along(n_levels)[-1L]) {
    for (g in seq_len(f - 1L)) {
      shared <- intersect(effects[[f]], effects[[g]])
      if (n_levels[[f]] != n_levels[[g]] || !length(shared) || !is_within(factors$codes[[f]], factors$codes[[g]])) next
      names <- names(n_levels)[c(g, f)]
      abort_mixest("unidentified", c(
        "Grouping factors with the same effect must divide the rows into different groups.",
        x = paste(
          "{.code {names}} divide them into the same groups,",
          "and both have {cli::qty(shared)}the effect{?s} {.code {shared}}."
        ),
        i = "Remove the term of one of them."
      ), call)
    }
  }
}

check_levels <- function(levels, name, call) {
  twice <- cpp_first_repeated(levels)
  if (twice) {
    abort_mixest("input", c(
      "The levels of the grouping factor must have different labels.",
      x = "{.val {levels[twice]}} is the label of several levels of {.code {name}}."
    ), call)
  }
}

# One level shows the parameters of a structure only if several effects have them in common.
check_single_levels <- function(groups, terms, call) {
  for (term in terms) {
    levels <- groups[[term$factor]]
    if (length(levels) >= 2L || term$size > 1L && structure_has(term$structure, "one_level")) next
    abort_mixest("unidentified", c(
      "The grouping factor must have at least two levels: the variance between groups can't be estimated from one.",
      x = "{.code {term$group}} has the level {.val {levels}} only."
    ), call)
  }
}

# list(codes, levels) of a grouping factor: the combinations that occur of one variable or several,
# the first varying slowest.
group_factor <- function(variables) {
  group <- value_codes(variables[[1L]])
  for (variable in variables[-1L]) {
    inner <- value_codes(variable)
    cell <- (group$codes - 1) * length(inner$levels) + inner$codes
    numbered <- numbered_values(cell, length(group$levels) * length(inner$levels))
    outer <- (numbered$values - 1) %/% length(inner$levels) + 1
    group <- list(
      codes = numbered$codes,
      levels = paste(group$levels[outer], inner$levels[numbered$values - (outer - 1) * length(inner$levels)], sep = ":")
    )
  }
  group
}

# list(codes, values): the whole numbers 1..size that occur in x, ascending, and which of them each
# element of x is. By counting or by sorting, of integers where they suffice: unique() and match()
# take longer.
numbered_values <- function(x, size) {
  if (size <= 4 * length(x)) {
    used <- tabulate(x, size) > 0L
    return(list(codes = cumsum(used)[x], values = which(used)))
  }
  if (size <= .Machine$integer.max) x <- as.integer(x)
  rows <- order(x, method = "radix")
  sorted <- x[rows]
  first <- c(TRUE, sorted[-1L] != sorted[-length(x)])
  codes <- integer(length(x))
  codes[rows] <- cumsum(first)
  list(codes = codes, values = sorted[first])
}

# As factor(), without turning every row into a string. Numbers with the same 15 digits are the same
# level, as there.
value_codes <- function(x) {
  if (is.factor(x)) {
    codes <- factor_integers(x)
    labels <- as.character(levels(x))
    if (anyNA(labels)) labels[is.na(labels)] <- "NA"
    used <- cpp_used_levels(codes, length(labels))
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

# The codes of a factor. as.integer() alone would copy them.
factor_integers <- function(x) {
  attributes(x) <- NULL
  if (is.integer(x)) x else as.integer(x)
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
