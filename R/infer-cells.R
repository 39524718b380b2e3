# The cells of the fixed part: columns for all levels of its factors instead of contrasts, SAS's
# parametrisation, in which hypotheses about terms are defined. For each term these are the products
# of all indicators of its factors and of its numeric columns; for the intercept a column of 1.
#
# Let I_f = 1 r_f + C_f D_f be the indicators of a factor f with the contrasts C_f. R codes f in a
# term t by contrasts only where t without f is in the model, so that with (x) the product over the
# variables of t
#
#     cells of t = (x)_f C_f D_f + sum_j cells of (t without f_j) times
#                                        (x)_{i<j} C_i D_i (x) r_j (x)_{i>j} I_i
#
# and cells = X W, where W depends on the contrasts alone. Columns that were dropped are X_dropped =
# X_kept B, which the condensed data know. So no row is needed, and ranks are those of matrices of
# small rational numbers.
#
# Contrasts that don't span the levels are completed; the columns that complete them are taken for
# independent of all others, and their coefficients are zero.

# list of
#   W            rows: the columns of X that are kept, and those that complete contrasts; columns:
#                the cells; neither has the intercept, which no hypothesis about a term involves
#   row          numbers of the rows' coefficients, NA where a row has none
#   row_term, cell_term    numbers of the terms
#   row_block, cell_block  W is zero between different blocks
#   row_unit, cell_unit    (user's W) = W / row_unit * cell_unit
#
# columns: as of cpp_fixed_columns()
fixed_cells <- function(fit, columns) {
  terms <- coded_terms(fit)
  W <- cells_by_columns(terms)
  part <- function(name) unlist(lapply(terms, `[[`, name))
  of_terms <- function(name) rep(seq_along(terms), lengths(lapply(terms, `[[`, name)))
  fitted <- which(part("fitted"))
  completing <- which(!part("fitted"))
  kept <- fitted[columns$kept]
  dropped <- fitted[columns$dropped]

  # one unit for all cells with the same numeric columns: what is orthogonal stays so
  unit <- column_units(part("row_product"), part("cell_product"), fitted, columns$length)
  row_unit <- unname(c(columns$length[columns$kept], unit[part("row_product")[completing]]))
  cell_unit <- unname(unit[part("cell_product")])
  W <- rbind(
    without_rounding(cbind(diag(length(kept)), columns$combination), W[c(kept, dropped), , drop = FALSE], 1e-9),
    W[completing, , drop = FALSE]
  )

  row_term <- of_terms("fitted")[c(kept, completing)]
  cell_term <- of_terms("cell_product")
  rows <- !is_intercept(terms)[row_term]
  cells <- !is_intercept(terms)[cell_term]
  block <- term_blocks(terms, of_terms("fitted")[fitted], columns)
  number <- cumsum(!is_intercept(terms))
  list(
    W = W[rows, cells, drop = FALSE] * row_unit[rows] / rep(cell_unit[cells], each = sum(rows)),
    row = c(seq_along(kept), rep(NA_integer_, length(completing)))[rows],
    row_term = number[row_term[rows]], cell_term = number[cell_term[cells]],
    row_block = block[row_term[rows]], cell_block = block[cell_term[cells]],
    row_unit = row_unit[rows], cell_unit = cell_unit[cells]
  )
}

# A B, where elements that cancel are 0.
without_rounding <- function(A, B, tolerance) {
  product <- A %*% B
  product[abs(product) < tolerance * abs(A) %*% abs(B)] <- 0
  product
}

# The largest length of the columns with the same numeric part, 1 where there is none.
column_units <- function(row_product, cell_product, fitted, length) {
  products <- unique(c(row_product, cell_product))
  largest <- vapply(products, function(product) max(0, length[row_product[fitted] == product]), 0)
  stats::setNames(ifelse(largest > 0, largest, 1), products)
}

# Numbers of the terms' blocks: terms of the same numeric variables are one, and those whose columns
# a dropped column joins. The intercept joins none.
term_blocks <- function(terms, fitted_term, columns) {
  block <- match(vapply(terms, `[[`, "", "numeric"), unique(vapply(terms, `[[`, "", "numeric")))
  for (d in seq_along(columns$dropped)) {
    joined <- fitted_term[c(columns$dropped[d], columns$kept[columns$combination[, d] != 0])]
    joined <- block[joined[!is_intercept(terms)[joined]]]
    block[block %in% joined] <- min(joined, Inf)
  }
  block
}

# The terms in the order of the columns of X, the intercept first: list of list
#   label, numeric   the term, and its numeric variables
#   codings          one for each variable of the term, named by it
#   fitted           for each column of X, completed contrasts included: is it one of the fit?
#   row_product, cell_product   numeric columns that the columns and the cells are products of
coded_terms <- function(fit) {
  pattern <- coding_pattern(fit$terms)
  labels <- attr(fit$terms, "term.labels")
  codings <- variable_codings(fit, rownames(pattern)[rowSums(pattern) > 0])
  terms <- if (attr(fit$terms, "intercept")) list(coded_term("(Intercept)", list())) else list()
  for (t in seq_along(labels)) {
    own <- codings[rownames(pattern)[pattern[, t] > 0]]
    for (name in names(own)) {
      if (!own[[name]]$is_factor) next
      if (pattern[name, t] == 2) own[[name]] <- all_levels(own[[name]])
      else if (!spanning_term(terms, own[names(own) != name])) own[[name]] <- as_columns(own[[name]])
    }
    terms <- c(terms, list(coded_term(labels[t], own)))
  }
  if (sum(unlist(lapply(terms, `[[`, "fitted"))) != length(fit$fixed_names)) {
    abort_mixest("input", "The columns of the fixed part must be those of its terms and contrasts.", quote(anova()))
  }
  terms
}

coded_term <- function(label, codings) {
  is_factor <- vapply(codings, `[[`, NA, "is_factor")
  products <- function(size) {
    Reduce(function(left, name) {
      coding <- codings[[name]]
      own <- if (coding$is_factor) character(coding[[size]]) else paste0(":", name, ".", seq_len(coding[[size]]))
      as.vector(outer(left, own, paste0))
    }, names(codings), "1")
  }
  list(
    label = label, numeric = paste(names(codings)[!is_factor], collapse = ":"), codings = codings,
    fitted = as.vector(product(lapply(codings, function(coding) rbind(as.numeric(coding$fitted))))) > 0,
    row_product = products("columns"), cell_product = products("cells")
  )
}

# Kronecker product with the first factor running fastest, as in a model matrix.
product <- function(matrices) Reduce(function(left, right) kronecker(right, left), matrices, matrix(1))

# Variables x terms: 0 not in the term, 1 contrasts, 2 all levels. Without an intercept
# model.matrix() takes all levels of the first factor that it meets.
coding_pattern <- function(terms) {
  pattern <- attr(terms, "factors")
  if (!length(pattern)) return(matrix(0, 0L, 0L))
  rownames(pattern) <- names(attr(terms, "dataClasses"))[seq_len(nrow(pattern))]
  if (attr(terms, "intercept")) return(pattern)
  is_factor <- is_factor_class(attr(terms, "dataClasses")[seq_len(nrow(pattern))])
  first <- which(pattern > 0 & is_factor, arr.ind = TRUE)
  if (nrow(first)) pattern[first[1L, , drop = FALSE]] <- 2
  pattern
}

is_factor_class <- function(classes) classes %in% c("factor", "ordered", "character", "logical")

# For each variable list(is_factor, columns and cells: how many it makes, fitted: are the columns
# those of the fit?, and for contrasts level, weight: I = 1 level + C weight).
variable_codings <- function(fit, names) {
  classes <- attr(fit$terms, "dataClasses")
  lapply(stats::setNames(nm = names), function(name) {
    if (!is_factor_class(classes[[name]])) {
      width <- variable_width(classes[[name]])
      return(list(is_factor = FALSE, columns = width, cells = width, fitted = rep(TRUE, width)))
    }
    levels <- if (classes[[name]] == "logical") c("FALSE", "TRUE") else fit$xlevels[[name]]
    contrasts <- fit$contrasts[[name]]
    if (is.character(contrasts)) {
      contrasts <- get(contrasts, mode = "function", envir = environment(fit$terms))(levels)
    }
    contrast_coding(as.matrix(contrasts), length(levels))
  })
}

# The number of the term of each column of X, 0: the intercept.
column_terms <- function(fit) {
  terms <- coded_terms(fit)
  rep(cumsum(!is_intercept(terms)), vapply(terms, function(term) sum(term$fitted), 0L))
}

# Columns of a numeric variable of class "numeric" or "nmatrix.k".
variable_width <- function(class) {
  if (startsWith(class, "nmatrix.")) as.numeric(sub("nmatrix.", "", class, fixed = TRUE)) else 1
}

# C: levels x contrasts
contrast_coding <- function(C, n) {
  C <- matrix(as.double(C), n)
  length <- sqrt(colSums(C^2))
  length[length == 0] <- 1
  columns <- cbind(1 / sqrt(n), C / rep(length, each = n))
  decomposed <- qr(columns)
  missing <- n - decomposed$rank
  completion <- qr.Q(decomposed, complete = TRUE)[, decomposed$rank + seq_len(missing), drop = FALSE]
  columns <- cbind(columns, completion)
  chosen <- c(decomposed$pivot[seq_len(decomposed$rank)], ncol(C) + 1L + seq_len(missing))
  weight <- matrix(0, ncol(columns), n)
  weight[chosen, ] <- solve(columns[, chosen])
  weight[abs(weight) < 1e-13] <- 0
  weight <- weight / c(sqrt(n), length, rep(1, missing))
  list(
    is_factor = TRUE, columns = ncol(C) + missing, cells = n, fitted = rep(c(TRUE, FALSE), c(ncol(C), missing)),
    level = weight[1L, , drop = FALSE], weight = weight[-1L, , drop = FALSE]
  )
}

all_levels <- function(coding) {
  list(is_factor = TRUE, columns = coding$cells, cells = coding$cells, fitted = rep(TRUE, coding$cells))
}

# Contrasts without the term that they complete: model.matrix() asks only whether an earlier term
# has the other variables, not whether it has the same numeric ones. The columns are cells
# themselves.
as_columns <- function(coding) {
  n <- sum(coding$fitted)
  list(is_factor = TRUE, columns = n, cells = n, fitted = rep(TRUE, n))
}

# W of all columns, those that complete contrasts and the intercept included.
cells_by_columns <- function(terms) {
  n_columns <- lengths(lapply(terms, `[[`, "fitted"))
  last <- cumsum(n_columns)
  W <- list()
  for (t in seq_along(terms)) {
    codings <- terms[[t]]$codings
    W[[t]] <- matrix(0, sum(n_columns), length(terms[[t]]$cell_product))
    W[[t]][seq(to = last[t], length.out = n_columns[t]), ] <- product(lapply(codings, own_part))
    for (j in which(vapply(codings, is_contrast, NA))) {
      below <- spanning_term(terms[seq_len(t - 1L)], codings[-j])
      part <- summed_levels(terms[[below]]$codings, codings[-j]) %*% without_factor(codings, j)
      W[[t]] <- W[[t]] + without_rounding(W[[below]], part, 1e-13)
    }
  }
  do.call(cbind, W)
}

# The number of the first term whose cells, summed over some of its factors, are those of `codings`;
# 0 for none.
spanning_term <- function(terms, codings) {
  numeric <- function(codings) as.character(names(codings)[!vapply(codings, `[[`, NA, "is_factor")])
  spans <- vapply(terms, function(term) {
    all(names(codings) %in% names(term$codings)) && identical(numeric(term$codings), numeric(codings))
  }, NA)
  match(TRUE, spans, nomatch = 0L)
}

summed_levels <- function(codings, kept) {
  product(lapply(stats::setNames(nm = names(codings)), function(name) {
    if (name %in% names(kept)) diag(codings[[name]]$cells) else matrix(1, codings[[name]]$cells)
  }))
}

is_contrast <- function(coding) !is.null(coding$level)

own_part <- function(coding) if (is_contrast(coding)) coding$weight else diag(coding$cells)

# The cells of the term without its factor j, times this, are what that term gives to the cells.
without_factor <- function(codings, j) {
  product(lapply(seq_along(codings), function(i) {
    coding <- codings[[i]]
    if (i == j) return(coding$level)
    identity <- diag(coding$cells)
    if (i > j || !is_contrast(coding)) identity else identity - rep(1, coding$cells) %*% coding$level
  }))
}

is_intercept <- function(terms) vapply(terms, function(term) term$label == "(Intercept)", NA)
