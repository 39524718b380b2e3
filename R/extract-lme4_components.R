# What lme4's getME() calls by names of its own: see R/extract-getME.R.

# Number of random effects of each term, over all levels.
effects_of_terms <- function(fit) {
  unlist(by_term(fit, function(term) length(term$names) * length(fit$random$groups[[term$factor]])))
}

# Random effects in the order of the columns of Z.
stacked_effects <- function(fit) {
  gamma <- blups(fit)$gamma
  columns <- factor_columns(fit$random)
  unlist(lapply(fit$random$terms, function(term) {
    as.vector(gamma[[term$factor]][columns[[term$factor]] %in% term$columns, ])
  }))
}

conditional_mean <- function(fit) {
  as.vector(
    fixed_matrix(fit) %*% fit$coefficients + model_offset(fit) + sparse_random_matrix(fit) %*% stacked_effects(fit)
  )
}

# The number of the element of theta in each stored entry of Lambdat, column by column.
theta_of_entries <- function(fit, call = parent.frame()) {
  structures <- term_structures(fit)
  separate <- terms_with_theta_as_entries(fit)
  if (!all(separate)) {
    abort_mixest("input", c(
      "Lind is for unstructured and diagonal terms: with others theta holds no entries of Lambda.",
      x = "The fit has {.code {structures[!separate]}}."
    ), call)
  }
  last <- 0L
  unlist(lapply(seq_along(structures), function(t) {
    q <- fit$random$terms[[t]]$size
    entries <- matrix(0L, q, q)
    where <- if (is_triangle(structures[t])) lower.tri(entries, diag = TRUE) else diag(TRUE, q)
    entries[where] <- last + seq_len(sum(where))
    last <<- last + sum(where)
    rep(t(entries)[t(where)], times = length(fit$random$groups[[fit$random$terms[[t]]$factor]]))
  }))
}

# lme4's ST: standard deviations relative to sigma on the diagonal, below it the unit triangle.
scale_and_shape <- function(factor) {
  scale <- diag(factor)
  shape <- factor / rep(ifelse(scale > 0, scale, 1), each = nrow(factor))
  diag(shape) <- scale
  unname(shape)
}

# u with b = Lambda u, of least length where Lambda is singular.
spherical_effects <- function(fit) {
  gamma <- blups(fit)$gamma
  columns <- factor_columns(fit$random)
  unlist(lapply(fit$random$terms, function(term) {
    parts <- svd(fit$lambda[term$columns, term$columns, drop = FALSE])
    inverse <- ifelse(parts$d > 1e-12 * max(parts$d), 1 / parts$d, 0)
    own <- gamma[[term$factor]][columns[[term$factor]] %in% term$columns, , drop = FALSE]
    as.vector(parts$v %*% (inverse * crossprod(parts$u, own)))
  }))
}

# Transposed columns of Z, one matrix levels x rows for each effect of each term.
blocks_of_effects <- function(fit) {
  Zt <- Matrix::t(sparse_random_matrix(fit))
  first <- c(0L, cumsum(effects_of_terms(fit)))
  blocks <- lapply(seq_along(fit$random$terms), function(t) {
    term <- fit$random$terms[[t]]
    q <- length(term$names)
    rows <- lapply(seq_len(q), function(j) Zt[seq(first[t] + j, first[t + 1L], by = q), , drop = FALSE])
    stats::setNames(rows, paste(term$label, term$names, sep = "."))
  })
  do.call(c, blocks)
}

term_matrices <- function(fit) {
  U <- random_matrix(fit)
  matrices <- lapply(fit$random$terms, function(term) {
    structure(U[, term$columns, drop = FALSE], dimnames = list(row.names(kept_frame(fit)), term$names))
  })
  named_by_bar(matrices, fit)
}

# One element for each term, named as lme4 names terms: "x | g".
named_by_bar <- function(x, fit) {
  stats::setNames(x, vapply(fit$random$terms, function(term) deparse1(term$bar), ""))
}

# Upper triangular R with R'R = X'V^{-1}X, V in units of sigma^2.
information_root <- function(fit) {
  p <- length(fit$coefficients)
  if (!p) return(matrix(0, 0L, 0L))
  root <- qr.R(qr(solve(fit$beta_factor)))
  structure(root * sign(diag(root)), dimnames = list(names(fit$coefficients), names(fit$coefficients)))
}

# lme4's sums of squares and sizes, as far as they don't belong to its own algorithm.
deviance_parts <- function(fit) {
  u <- spherical_effects(fit)
  residual <- (response(fit) - conditional_mean(fit)) * sqrt(prior_weights(fit))
  n <- nrow(kept_frame(fit))
  p <- length(fit$coefficients)
  wrss <- sum(residual^2)
  ussq <- sum(u^2)
  sigma <- sqrt((wrss + ussq) / c(sigmaML = fit$stats$n_obs, sigmaREML = fit$stats$n_obs - p))
  criterion <- if (fit$REML) c(REML = fit$deviance, dev = NA) else c(REML = NA, dev = fit$deviance)
  list(
    cmp = c(
      ldRX2 = 2 * sum(log(abs(diag(information_root(fit))))), wrss = wrss, ussq = ussq, pwrss = wrss + ussq, criterion,
      sigma
    ),
    dims = c(
      N = n, n = n, p = p, nmp = n - p, q = sum(effects_of_terms(fit)), nth = length(fit$theta),
      REML = if (fit$REML) p else 0,
      useSc = 1, reTrms = length(fit$random$terms), GLMM = 0, NLMM = 0
    )
  )
}

theta_is_entries <- function(fit) all(terms_with_theta_as_entries(fit))

terms_with_theta_as_entries <- function(fit) {
  vapply(fit$random$terms, function(term) is_theta_of_factor(term$structure, term$size), NA)
}

term_structures <- function(fit) vapply(fit$random$terms, `[[`, "", "structure")

parameters_of_terms <- function(fit) {
  unlist(by_term(fit, function(term) as.integer(n_theta(term$structure, term$size))))
}
