# Standard errors of standard deviations, correlations and sigma.
#
# The covariance matrix of (theta, log sigma) is the inverse of the observed information
# (src/core/inference/small_sample/variance_information.h); it is carried to the user's scale by
# exact derivatives (delta method). With Psi = D / sigma^2 and dPsi its derivative in a theta,
#
#   sd_a   = sigma Psi_aa^(1/2)
#   d sd_a = sd_a dPsi_aa / (2 Psi_aa),    d sd_a / d log sigma = sd_a
#   cor_ab = Psi_ab / (Psi_aa Psi_bb)^(1/2)
#   d cor_ab = dPsi_ab / (Psi_aa Psi_bb)^(1/2) - cor_ab (dPsi_aa / Psi_aa + dPsi_bb / Psi_bb) / 2
#
# At a boundary there is no information matrix to speak of: NA for the parameters of a term whose D
# is singular (with a diagonal structure: for the variances that are zero). The others are then
# those of the model in which the boundary is known.

# Estimates named as in interval_parameters(), without the fixed effects.
variance_estimates <- function(fit, parameters = interval_parameters(fit)) {
  parameters <- parameters[parameters$kind != "fixed", ]
  matrices <- covariances_of_terms(fit)
  values <- mapply(function(kind, term, row, column) {
    switch(kind,
      sd = attr(matrices[[term]], "stddev")[[row]],
      cor = attr(matrices[[term]], "correlation")[row, column],
      sigma = fit$sigma
    )
  }, parameters$kind, parameters$term, parameters$row, parameters$column)
  stats::setNames(values, parameters$name)
}

# Their covariance matrix.
variance_covariance <- function(fit, parameters = interval_parameters(fit)) {
  parameters <- parameters[parameters$kind != "fixed", ]
  slopes <- variance_slopes(fit, parameters)
  covariance <- slopes %*% theta_covariance(fit) %*% t(slopes)
  lost <- is.na(rowSums(slopes))
  covariance[lost, ] <- NA
  covariance[, lost] <- NA
  dimnames(covariance) <- list(parameters$name, parameters$name)
  covariance
}

# Standard errors in the order of the rows of as.data.frame(VarCorr(fit)): of standard deviations
# and correlations, or with covariance_slope() of variances and covariances.
component_errors <- function(fit, slope_of = component_slope) {
  rows <- lapply(seq_along(fit$random$terms), function(t) {
    term <- fit$random$terms[[t]]
    q <- length(term$names)
    pairs <- if (is_correlated(term$structure)) which(lower.tri(diag(q)), arr.ind = TRUE)
    row <- c(seq_len(q), pairs[, "row"])
    column <- c(seq_len(q), pairs[, "col"])
    parameter_rows(rep("", length(row)), ifelse(row == column, "sd", "cor"), t, row, column, 0L, 0L)
  })
  rows <- rbind(do.call(rbind, rows), parameter_rows("", "sigma", 0L, 0L, 0L, 0L, 0L))
  slopes <- variance_slopes(fit, rows, slope_of)
  variance <- rowSums((slopes %*% theta_covariance(fit)) * slopes)
  sqrt(pmax(variance, 0))
}

# Covariance matrix of (theta, log sigma); zero for parameters at the boundary, which are held
# there; NA when the information is singular.
theta_covariance <- function(fit) {
  d <- length(fit$theta)
  covariance <- matrix(NA_real_, d + 1L, d + 1L)
  if (fit$certificate$status != "converged") return(covariance)
  at <- cpp_variance_information(fit$stats, fit$random$terms, fit$REML, fit$theta)
  if (at$finite) at$covariance else covariance
}

# Derivatives of the parameters (rows) in (theta, log sigma); NA in a row that has none.
variance_slopes <- function(fit, parameters, slope_of = component_slope) {
  sizes <- vapply(fit$random$terms, function(term) n_theta(term$structure, term$size), 0)
  last <- cumsum(sizes)
  d <- length(fit$theta)
  derivatives <- lapply(seq_along(sizes), function(t) {
    term <- fit$random$terms[[t]]
    cpp_covariance_user(term$structure, term$size, fit$theta[seq(to = last[t], length.out = sizes[t])])
  })
  slopes <- matrix(0, nrow(parameters), d + 1L)
  for (i in seq_len(nrow(parameters))) {
    t <- parameters$term[i]
    if (t == 0L) {
      # Sigma is the standard deviation of one effect with Psi = 1 that no theta changes.
      slopes[i, d + 1L] <- slope_of(list(psi = diag(1), first = NULL), 1L, 1L, fit$sigma)
      next
    }
    own <- seq(to = last[t], length.out = sizes[t])
    slopes[i, c(own, d + 1L)] <- slope_of(derivatives[[t]], parameters$row[i], parameters$column[i], fit$sigma)
    full <- fit$certificate$rank[[t]] == fit$random$terms[[t]]$size
    if (!full && is_correlated(fit$random$terms[[t]]$structure)) slopes[i, ] <- NA
  }
  slopes
}

# at: psi and its first derivatives in the term's theta.
component_slope <- function(at, row, column, sigma) {
  a <- at$psi[row, row]
  b <- at$psi[column, column]
  if (a == 0 || b == 0) return(rep(NA_real_, length(at$first) + 1L))
  along <- function(i, j) vapply(at$first, function(dPsi) dPsi[i, j], 0)
  if (row == column) {
    sd <- sigma * sqrt(a)
    return(c(sd * along(row, row) / (2 * a), sd))
  }
  correlation <- at$psi[row, column] / sqrt(a * b)
  c(along(row, column) / sqrt(a * b) - correlation / 2 * (along(row, row) / a + along(column, column) / b), 0)
}

# The same of an element of D.
covariance_slope <- function(at, row, column, sigma) {
  if (at$psi[row, row] == 0 || at$psi[column, column] == 0) return(rep(NA_real_, length(at$first) + 1L))
  sigma^2 * c(vapply(at$first, function(dPsi) dPsi[row, column], 0), 2 * at$psi[row, column])
}

# List of D for each of `terms`, named by their labels.
covariances_of_terms <- function(fit, terms = fit$random$terms, scale = fit$sigma) {
  matrices <- lapply(terms, function(term) {
    term_covariance(fit$lambda[term$columns, term$columns, drop = FALSE], scale, term)
  })
  stats::setNames(matrices, vapply(terms, `[[`, "", "label"))
}

# D of one term from its relative factor. Standard deviations and correlations come from the rows of
# the factor, not from D: they keep their digits when a correlation nears 1.
term_covariance <- function(factor, scale, term) {
  names <- term$names
  size <- row_norms(factor)
  covariance <- tcrossprod(scale * factor)
  correlation <- tcrossprod(factor / size)
  correlation[] <- pmin(1, pmax(-1, correlation))
  diag(correlation) <- ifelse(size > 0, 1, NaN)
  dimnames(covariance) <- dimnames(correlation) <- list(names, names)
  structure(covariance,
    stddev = stats::setNames(scale * size, names),
    correlation = correlation,
    structure = term$structure
  )
}
