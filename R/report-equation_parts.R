# The symbols of model_equation().

# Symbols or numbers of the parameters.
#
# beta      for each fixed effect "\beta_{k}"; names: the effects
# factors   list, for each grouping factor: name (LaTeX), effects (their names), first (the number
#           of the first one), symbol ("D", "D_{f}"), gamma ("\gamma", "\gamma^{(f)}"), matrix
#           (LaTeX)
# sigma2    "\sigma^{2}"; numbers: are they?
equation_parts <- function(fit, digits) {
  names <- names(fit$coefficients)
  numbered <- seq_along(names) - as.integer("(Intercept)" %in% names[1L])
  beta <- if (is.null(digits)) sprintf("\\beta_{%d}", numbered) else number_in_latex(fit$coefficients, digits)
  columns <- factor_columns(fit$random)
  several <- length(columns) > 1L
  factors <- lapply(seq_along(columns), function(f) {
    effects <- column_names(fit)[columns[[f]]]
    first <- if (effects[1L] == "(Intercept)") 0L else 1L
    list(
      name = gsub("\\,", "{:}", name_in_latex(names(columns)[f]), fixed = TRUE), effects = effects, first = first,
      symbol = if (several) sprintf("D_{%d}", f) else "D",
      gamma = if (several) sprintf("\\gamma^{(%d)}", f) else "\\gamma",
      matrix = matrix_in_latex(fit, f, first, if (several) sprintf("^{(%d)}", f) else "", digits)
    )
  })
  list(
    beta = stats::setNames(beta, names), factors = factors,
    sigma2 = if (is.null(digits)) "\\sigma^{2}" else number_in_latex(fit$sigma^2, digits), numbers = !is.null(digits)
  )
}

number_in_latex <- function(x, digits) {
  text <- vapply(x, function(one) formatC(one, digits = digits, format = "fg", flag = "#"), "")
  text <- sub("[.]$", "", trimws(text))
  sub("e([-+])0*([0-9]+)$", " \\\\times 10^{\\1\\2}", text)
}

# Variables in upright letters; a:b is a product.
name_in_latex <- function(name, index = NULL) {
  parts <- strsplit(name, ":", fixed = TRUE)[[1L]]
  shown <- gsub("\\", "\\backslash ", parts, fixed = TRUE)
  shown <- gsub("([_%#&$])", "\\\\\\1", shown)
  shown <- gsub("^", "\\wedge ", shown, fixed = TRUE)
  shown <- gsub(" ", "\\ ", shown, fixed = TRUE)
  paste0("\\mathrm{", shown, "}", if (!is.null(index)) paste0("_{", index, "}"), collapse = "\\,")
}

# Elements of D of one factor, "" for more than six effects. `mark`: of the factor.
matrix_in_latex <- function(fit, f, first, mark, digits) {
  columns <- factor_columns(fit$random)[[f]]
  q <- length(columns)
  if (q > 6L) return("")
  elements <- if (is.null(digits)) {
    symbols_of_matrix(Filter(function(term) term$factor == f, fit$random$terms), q, first, mark)
  } else {
    D <- tcrossprod(fit$sigma * fit$lambda)[columns, columns, drop = FALSE]
    matrix(number_in_latex(D, digits), q)
  }
  if (q == 1L) return(elements[1L])
  rows <- apply(elements, 1L, paste, collapse = " & ")
  paste0("\\begin{pmatrix} ", paste(rows, collapse = " \\\\ "), " \\end{pmatrix}")
}

# Terms of one factor are independent; numbers go on from term to term.
symbols_of_matrix <- function(terms, q, first, mark) {
  elements <- matrix("0", q, q)
  last <- 0L
  several <- length(terms) > 1L
  for (t in seq_along(terms)) {
    own <- last + seq_len(terms[[t]]$size)
    numbers <- own - 1L + first
    elements[own, own] <- symbols_of_term(terms[[t]]$structure, numbers, mark, if (several) t)
    last <- max(own)
  }
  elements
}

# Standard deviations tau and correlations rho; d where every element is a parameter of its own.
# `number`: of the term, where several need telling apart.
symbols_of_term <- function(structure, numbers, mark, number) {
  facts <- covariance_structures[[structure]]
  q <- length(numbers)
  row <- matrix(numbers, q, q)
  if (facts$correlations == "pair") return(matrix(sprintf("d%s_{%d%d}", mark, pmin(row, t(row)), pmax(row, t(row))), q))
  of_term <- if (is.null(number)) "" else sprintf("_{(%d)}", number)
  sd <- if (facts$sds == "each") sprintf("\\tau%s_{%d}", mark, numbers) else rep(paste0("\\tau", mark, of_term), q)
  rho <- paste0("\\rho", mark, of_term)
  lag <- abs(row - t(row))
  correlation <- if (facts$decays) {
    ifelse(lag == 1L, rho, sprintf(if (nzchar(mark)) "(%s)^{%d}" else "%s^{%d}", rho, lag))
  } else {
    switch(facts$correlations, none = "0", one = rho, lag = if (is.null(number)) {
      sprintf("\\rho%s_{%d}", mark, lag)
    } else {
      sprintf("\\rho%s_{(%d)%d}", mark, number, lag)
    })
  }
  # A mark is a superscript too.
  square <- function(symbol) if (nzchar(mark)) paste0("(", symbol, ")^{2}") else paste0(symbol, "^{2}")
  pairs <- if (facts$sds == "each") outer(sd, sd, paste) else square(sd[1L])
  elements <- if (facts$correlations == "none") matrix("0", q, q) else matrix(paste(pairs, correlation), q, q)
  diag(elements) <- square(sd)
  elements
}
