# The lines of each form of model_equation(). `parts`: as of equation_parts().

# What the equations by levels are made of.
#
# row       index of a row
# group     for each factor the index of its level
# column    for each fixed effect, LaTeX of the covariate with its index, "" for the intercept
# level     for each fixed effect the factor within whose levels it is constant, NA for none
# varying   names of the effects that vary between groups
# effect    list by factor: LaTeX of each random effect, named by effect
equation_terms <- function(fit, parts, call) {
  several <- length(parts$factors) > 1L
  row <- if (several) "i" else "ij"
  group <- if (several) vapply(parts$factors, function(factor) paste0(factor$name, "[i]"), "") else "i"
  names <- names(fit$coefficients)
  level <- level_of_columns(fit, call)
  index <- stats::setNames(ifelse(is.na(level), row, group[level]), names)
  column <- vapply(names, product_in_latex, "", index = index, otherwise = row)
  effect <- Map(function(factor, index) {
    numbers <- seq_along(factor$effects) - 1L + factor$first
    stats::setNames(sprintf("%s_{%d%s%s}", factor$gamma, numbers, if (several) "," else "", index), factor$effects)
  }, parts$factors, group)
  list(
    row = row, group = group, column = stats::setNames(column, names), level = stats::setNames(level, names),
    varying = unique(unlist(lapply(parts$factors, `[[`, "effects"))), effect = effect,
    offset = !is.null(stats::model.offset(kept_frame(fit, call)))
  )
}

# A column with the index of each of its factors: a:b has those of a and b, where these are columns.
product_in_latex <- function(name, index, otherwise) {
  if (name == "(Intercept)") return("")
  parts <- strsplit(name, ":", fixed = TRUE)[[1L]]
  own <- ifelse(parts %in% names(index), index[parts], if (length(parts) == 1L) index[[name]] else otherwise)
  paste(mapply(name_in_latex, parts, own), collapse = "\\,")
}

# For each fixed effect the first factor within whose levels its column is constant, NA for none and
# for the intercept.
level_of_columns <- function(fit, call) {
  X <- fixed_matrix(fit, call = call)
  codes <- group_codes(fit, call = call)
  constant_in <- vapply(seq_len(ncol(codes)), function(f) {
    known <- which(!is.na(codes[, f]))
    first <- known[match(codes[known, f], codes[known, f])]
    colSums(abs(X[known, , drop = FALSE] - X[first, , drop = FALSE])) == 0
  }, logical(ncol(X)))
  constant_in <- matrix(constant_in, ncol(X))
  level <- apply(constant_in, 1L, function(row) which(row)[1L])
  replace(level, colnames(X) == "(Intercept)", NA_integer_)
}

lines_of_levels <- function(fit, parts, call) {
  terms <- equation_terms(fit, parts, call)
  to <- coefficient_of_columns(terms)
  number <- stats::setNames(
    seq_along(terms$varying) - as.integer("(Intercept)" %in% terms$varying[1L]), terms$varying
  )
  several <- length(parts$factors) > 1L
  coefficient <- stats::setNames(sprintf("b_{%d%s}", number, if (several) ",i" else "i"), terms$varying)
  rows <- c(
    Map(function(name) times(coefficient[[name]], random_column(name, terms)), terms$varying),
    fixed_summands(names(to)[is.na(to)], parts, terms)
  )
  top <- sum_of(c(rows, if (terms$offset) offset_symbol(terms), error_symbol(terms)))
  equations <- vapply(terms$varying, function(name) {
    own <- names(to)[to %in% name]
    summands <- vapply(own, function(column) {
      times(parts$beta[[column]], quotient_column(column, name, terms))
    }, "")
    effects <- unlist(lapply(terms$effect, function(effect) if (name %in% names(effect)) effect[[name]]))
    paste(coefficient[[name]], "&=", sum_of(c(summands, effects)))
  }, "")
  c(paste(response_symbol(fit, terms), "&=", top), equations, distributions(fit, parts, terms))
}

# For each fixed effect the varying coefficient in whose equation it stands, NA for the equation of
# the rows: the effect of the same name; of columns constant in groups the intercept; of products of
# a varying covariate and such a column, that covariate.
coefficient_of_columns <- function(terms) {
  names <- names(terms$column)
  to <- vapply(names, function(name) {
    if (name %in% terms$varying) return(name)
    if (!is.na(terms$level[[name]])) return(if ("(Intercept)" %in% terms$varying) "(Intercept)" else NA_character_)
    parts <- strsplit(name, ":", fixed = TRUE)[[1L]]
    own <- intersect(terms$varying, parts)
    if (length(own) != 1L) return(NA_character_)
    others <- setdiff(parts, own)
    if (length(others) && all(others %in% names) && !anyNA(terms$level[others])) own else NA_character_
  }, "")
  stats::setNames(to, names)
}

# The column without the covariate whose coefficient's equation it stands in.
quotient_column <- function(column, name, terms) {
  if (column == name) return("")
  others <- setdiff(strsplit(column, ":", fixed = TRUE)[[1L]], name)
  if (name == "(Intercept)") return(terms$column[[column]])
  paste(terms$column[others], collapse = "\\,")
}

random_column <- function(name, terms) {
  if (name == "(Intercept)") return("")
  if (name %in% names(terms$column)) terms$column[[name]] else name_in_latex(name, terms$row)
}

fixed_summands <- function(names, parts, terms) {
  vapply(names, function(name) times(parts$beta[[name]], terms$column[[name]]), "")
}

lines_combined <- function(fit, parts, call) {
  terms <- equation_terms(fit, parts, call)
  random <- unlist(lapply(terms$effect, function(effect) {
    vapply(names(effect), function(name) times(effect[[name]], random_column(name, terms)), "")
  }))
  all <- c(
    fixed_summands(names(terms$column), parts, terms), if (terms$offset) offset_symbol(terms), random,
    error_symbol(terms)
  )
  c(paste(response_symbol(fit, terms), "&=", sum_of(all)), distributions(fit, parts, terms))
}

times <- function(coefficient, column) if (nzchar(column)) paste0(coefficient, "\\,", column) else coefficient

# Negative numbers are subtracted.
sum_of <- function(summands) gsub("+ -", "- ", paste(unlist(summands), collapse = " + "), fixed = TRUE)

response_symbol <- function(fit, terms) name_in_latex(gsub(":", " ", response_name(fit), fixed = TRUE), terms$row)

offset_symbol <- function(terms) sprintf("o_{%s}", terms$row)

error_symbol <- function(terms) sprintf("\\varepsilon_{%s}", terms$row)

# The distributions of the random effects of each factor and of the errors.
distributions <- function(fit, parts, terms) {
  several <- length(parts$factors) > 1L
  random <- Map(function(factor, m) {
    numbers <- seq_along(factor$effects) - 1L + factor$first
    symbols <- sprintf(if (several) "%s_{%d,g}" else "%s_{%di}", factor$gamma, numbers)
    vector <- if (length(symbols) == 1L) symbols else paste0("(", paste(symbols, collapse = ", "), ")^{\\top}")
    range <- if (several) sprintf(",\\quad g = 1, \\ldots, %d", m)
    paste0(vector, " &\\sim N(0, ", scalar_or_symbol(factor), ")", definition(factor), range)
  }, parts$factors, lengths(fit$random$groups))
  c(unlist(random), paste0(error_symbol(terms), " &\\sim N(0, ", error_variance(fit, parts, terms$row), ")"))
}

# A variance stands for itself, a matrix behind its symbol.
scalar_or_symbol <- function(factor) if (length(factor$effects) == 1L) factor$matrix else factor$symbol

definition <- function(factor) {
  if (length(factor$effects) == 1L || !nzchar(factor$matrix)) return("")
  paste0(",\\quad ", factor$symbol, " = ", factor$matrix)
}

error_variance <- function(fit, parts, row) {
  if (is_weighted(fit)) sprintf("%s / w_{%s}", parts$sigma2, row) else parts$sigma2
}

is_weighted <- function(fit) !is.null(fit$frame[["(weights)"]]) || !is.null(fit$call[["weights"]])

has_offset <- function(fit) {
  !is.null(attr(fit$terms, "offset")) || !is.null(fit$call[["offset"]])
}

# The covariance of the errors of a group, or of all rows.
error_matrix <- function(fit, parts, index) {
  paste0(parts$sigma2, "\\,", if (is_weighted(fit)) paste0("W", index, "^{-1}") else "I")
}

lines_marginal <- function(fit, parts) {
  if (length(parts$factors) > 1L) return(lines_of_sum(fit, parts))
  factor <- parts$factors[[1L]]
  offset <- if (has_offset(fit)) " + o_{i}" else ""
  error <- error_matrix(fit, parts, "_{i}")
  D <- scalar_or_symbol(factor)
  c(
    paste0("Y_{i} &= X_{i} \\beta", offset, " + U_{i} \\gamma_{i} + \\varepsilon_{i},\\quad i = 1, \\ldots, ",
      length(fit$random$groups[[1L]])),
    paste0("\\gamma_{i} &\\sim N(0, ", D, "),\\quad \\varepsilon_{i} \\sim N(0, ", error, ")", definition(factor)),
    paste0("Y_{i} &\\sim N(X_{i} \\beta", offset, ",\\; U_{i} ", D, " U_{i}^{\\top} + ", error, ")"),
    columns_line("X_{i}", names(fit$coefficients), "_{i}"), columns_line("U_{i}", factor$effects, "_{i}"),
    beta_line(parts)
  )
}

# Of all rows, a sum over the factors.
lines_of_sum <- function(fit, parts) {
  offset <- if (has_offset(fit)) " + o" else ""
  error <- error_matrix(fit, parts, "")
  spread <- vapply(seq_along(parts$factors), function(f) {
    sprintf("U_{%d} (I_{%d} \\otimes %s) U_{%d}^{\\top}", f, length(fit$random$groups[[f]]),
      scalar_or_symbol(parts$factors[[f]]), f)
  }, "")
  effects <- sprintf("U_{%d} \\gamma^{(%d)}", seq_along(parts$factors), seq_along(parts$factors))
  c(
    paste0("Y &= X \\beta", offset, " + ", paste(effects, collapse = " + "), " + \\varepsilon"),
    paste0("Y &\\sim N(X \\beta", offset, ",\\; ", paste(c(spread, error), collapse = " + "), ")"),
    factor_lines(parts), beta_line(parts)
  )
}

lines_stacked <- function(fit, parts) {
  offset <- if (has_offset(fit)) " + o" else ""
  error <- error_matrix(fit, parts, "")
  m <- lengths(fit$random$groups)
  blocks <- vapply(seq_along(parts$factors), function(f) {
    sprintf("I_{%d} \\otimes %s", m[[f]], scalar_or_symbol(parts$factors[[f]]))
  }, "")
  several <- length(blocks) > 1L
  G <- if (several) paste0("\\operatorname{diag}(", paste(blocks, collapse = ",\\; "), ")") else blocks
  U <- if (several) {
    paste0("\\begin{pmatrix} ", paste0("U_{", seq_along(blocks), "}", collapse = " & "), " \\end{pmatrix}")
  } else {
    sprintf("\\operatorname{diag}(U_{1}, \\ldots, U_{%d})", m[[1L]])
  }
  c(
    paste0("Y &= X \\beta", offset, " + U \\gamma + \\varepsilon,\\quad U = ", U),
    paste0("\\gamma &\\sim N(0, \\mathcal{G}),\\quad \\mathcal{G} = ", G),
    paste0("\\varepsilon &\\sim N(0, ", error, ")"),
    paste0("Y &\\sim N(X \\beta", offset, ",\\; U \\mathcal{G} U^{\\top} + ", error, ")"),
    factor_lines(parts), beta_line(parts)
  )
}

# D of each factor of several effects, and with several factors the names.
factor_lines <- function(parts) {
  several <- length(parts$factors) > 1L
  unlist(lapply(seq_along(parts$factors), function(f) {
    factor <- parts$factors[[f]]
    value <- if (length(factor$effects) > 1L && nzchar(factor$matrix)) paste0(factor$symbol, " &= ", factor$matrix)
    c(value, if (several) paste0("\\gamma^{(", f, ")} &: \\text{effects of } ", factor$name))
  }))
}

columns_line <- function(symbol, names, index) {
  shown <- vapply(names, function(name) if (name == "(Intercept)") "1" else name_in_latex(name), "")
  if (!length(shown)) return(NULL)
  paste0(symbol, " &= \\begin{pmatrix} ", paste(shown, collapse = " & "), " \\end{pmatrix}")
}

# The numbers, where they are wanted.
beta_line <- function(parts) {
  if (!parts$numbers || !length(parts$beta)) return(NULL)
  paste0("\\hat{\\beta} &= \\begin{pmatrix} ", paste(parts$beta, collapse = " & "), " \\end{pmatrix}^{\\top}")
}
