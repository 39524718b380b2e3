# The optimum for condensed data, or an error of class mixest_unidentified or mixest_degenerate
# where no estimate is meaningful.
#
# terms: random terms of the design; start: theta or NULL. value: the list of cpp_fit() (theta,
# deviance, sigma, beta, aliased, beta_factor, lambda, dependent, certificate)
fit_model <- function(stats, terms, REML, start, control, call) {
  estimates <- cpp_fit(stats, terms, REML, start, control)
  switch(estimates$certificate$status,
    dependent_columns = refuse_dependent(estimates$dependent, terms, call),
    no_residual_df = refuse_no_residual_df(stats, call),
    perfect_groups = refuse_perfect_groups(call),
    not_finite = refuse_not_finite(call)
  )
  estimates
}

refuse_not_finite <- function(call) {
  abort_mixest("degenerate", c(
    "The likelihood can't be evaluated for these data.",
    i = "Look for variables of extreme size and for groups that leave no residual variation."
  ), call)
}

refuse_dependent <- function(columns, terms, call) {
  several <- length(terms) > 1L
  names <- unlist(
    lapply(terms, function(term) if (several) paste(term$names, term$label, sep = "|") else term$names)
  )[columns]
  abort_mixest("unidentified", c(
    "The random effects must be linearly independent: the data can't determine their covariance matrix otherwise.",
    x = "{.code {names}} {?is a/are} linear combination{?s} of other random effects, or zero.",
    i = "Remove {cli::qty(names)}{?it/them}, or the term that repeats {?it/them}."
  ), call)
}

refuse_no_residual_df <- function(stats, call) {
  abort_mixest("unidentified", c(
    "There must be more rows than fixed effects.",
    x = "There {cli::qty(stats$n_obs)}{?is/are} {stats$n_obs} row{?s} of positive weight."
  ), call)
}

refuse_perfect_groups <- function(call) {
  abort_mixest("degenerate", c(
    "The residual variance can't be estimated.",
    x = "The response has no variation within the groups beyond their own effects, so the likelihood has no maximum."
  ), call)
}

# theta from the `start` of the user, or NULL. A covariance matrix needs a pilot value of sigma^2:
# the residual mean square within groups.
start_parameters <- function(start, terms, stats, call) {
  if (is.null(start)) return(NULL)
  theta <- if (inherits(start, "mixest")) {
    theta_of_fit(start, terms, call)
  } else if (is.list(start) && !is.null(start$theta)) {
    start$theta
  } else if (is.list(start) && !is.null(start$D)) {
    theta_of_covariance(start$D, terms, cpp_residual_variance(stats), call)
  } else {
    abort_mixest("input", c(
      "{.arg start} must be `NULL`, a fit, {.code list(theta = )} or {.code list(D = )}.",
      x = "It is {.obj_type_friendly {start}}."
    ), call)
  }
  wanted <- sum(vapply(terms, function(term) n_theta(term$structure, term$size), 0))
  if (is.numeric(theta) && length(theta) == wanted && all(is.finite(theta))) {
    check_parameters(theta, terms, call)
    return(as.double(theta))
  }
  found <- if (is.numeric(theta)) {
    "It has {length(theta)}{if (!all(is.finite(theta))) ', not all finite'}."
  } else {
    "It is {.obj_type_friendly {theta}}."
  }
  abort_mixest("input", c(
    "{.code theta} in {.arg start} must be {wanted} finite number{?s}, as in {.code getME(fit, \"theta\")}.", x = found
  ), call)
}

# Is there a covariance matrix with the parameters `theta`?
check_parameters <- function(theta, terms, call) {
  lengths <- vapply(terms, function(term) n_theta(term$structure, term$size), 0)
  parts <- split(theta, rep(factor(seq_along(terms)), lengths))
  tryCatch(Map(
    function(term, part) cpp_covariance_theta(term$structure, term$size, part), terms, parts
  ), error = function(error) {
    abort_mixest("input", "{.arg start} must be inside the parameter space of the model.", call, parent = error)
  })
}

theta_of_fit <- function(fit, terms, call) {
  shape <- function(terms) lapply(terms, function(term) list(term$structure, term$size))
  if (identical(shape(fit$random$terms), shape(terms))) return(fit$theta)
  abort_mixest("input", c(
    "A fit given as {.arg start} must have random-effects terms of the same structures and sizes.",
    x = "It is {.code {deparse1(fit$formula)}}."
  ), call)
}

# D: a matrix, or a list of one matrix for each term. D is absolute, theta relative to the residual
# variance.
theta_of_covariance <- function(D, terms, sigma2, call) {
  if (!is.list(D)) D <- list(D)
  if (length(D) != length(terms)) {
    abort_mixest("input", c(
      "{.code D} in {.arg start} must have one matrix for each random-effects term.",
      x = "It has {length(D)}, the model has {length(terms)} term{?s}."
    ), call)
  }
  unlist(Map(function(matrix, term) {
    matrix <- check_covariance(matrix, term, call)
    if (term$structure == "us") return(lower_triangle_of_factor(matrix / sigma2))
    if (term$structure == "diag") return(sqrt(diag(matrix) / sigma2))
    if (term$structure == "homdiag") return(sqrt(mean(diag(matrix)) / sigma2))
    abort_mixest("input", c(
      "{.code D} in {.arg start} can't be used for the structure {.code {term$structure}}.",
      i = "Use {.code list(theta = )}."
    ), call)
  }, D, terms))
}

check_covariance <- function(matrix, term, call) {
  fine <- is.numeric(matrix) && length(matrix) == term$size^2 && all(is.finite(matrix))
  if (fine) {
    matrix <- as.matrix(matrix)
    dim(matrix) <- c(term$size, term$size)
    values <- eigen(matrix, symmetric = TRUE, only.values = TRUE)$values
    fine <- isSymmetric(unname(matrix)) && min(values) >= -1e-8 * max(values, 0)
  }
  if (fine) return(matrix)
  abort_mixest("input", c(
    "{.code D} in {.arg start} must be a covariance matrix of {term$size} row{?s} and columns.",
    x = "That of {.code {term$label}} is not."
  ), call)
}

# Lower triangle, column by column, of L with non-negative diagonal and L L' = `matrix`, which may
# be singular.
lower_triangle_of_factor <- function(matrix) {
  parts <- eigen(matrix, symmetric = TRUE)
  L <- t(qr.R(qr(t(parts$vectors %*% diag(sqrt(pmax(parts$values, 0)), nrow(matrix))), tol = 0)))
  L <- L %*% diag(ifelse(diag(L) < 0, -1, 1), nrow(L))
  L[lower.tri(L, diag = TRUE)]
}

# Length of theta of one term.
n_theta <- function(structure, size) {
  if (size == 1L) return(1)
  switch(
    structure, us = size * (size + 1) / 2, diag = size, homdiag = 1, cs = size + 1, homcs =, ar1 = 2,
    toep = 2 * size - 1
  )
}

# Says once what the user must know about a fit: a message for a boundary estimate and for dropped
# columns, a warning for what is not certified.
announce_fit <- function(fit, call) {
  announce_aliased(fit$aliased)
  status <- fit$certificate$status
  if (status == "converged") return(announce_boundary(fit))
  sentence <- certificate_sentence(fit)
  headline <- if (status == "perfect_fit") {
    "There is no variation left to estimate."
  } else {
    "The fit is not certified as the optimum."
  }
  advice <- switch(status,
    flat = "Simplify the random-effects terms: estimates of these parameters mean nothing.",
    perfect_fit = "Standard errors, t values and the likelihood mean nothing.",
    max_iterations = "Try a larger {.arg max_iterations} in {.fn lmm_control}, or other starting values.",
    "Try other starting values with {.code lmm_control(starts = 5)}, or a simpler model."
  )
  class <- switch(status, flat = "mixest_unidentified", perfect_fit = "mixest_degenerate", "mixest_not_converged")
  cli::cli_warn(c(headline, x = "{sentence}", i = advice), class = c(class, "mixest_warning"), call = call)
}

announce_aliased <- function(aliased) {
  if (!length(aliased)) return(invisible())
  columns <- list_names(aliased)
  cli::cli_inform(
    c(i = "The fixed-effects design is rank deficient: {cli::qty(length(aliased))}column{?s} {columns} dropped."),
    class = "mixest_aliased"
  )
}

announce_boundary <- function(fit) {
  if (all(fit$certificate$rank >= vapply(fit$random$terms, `[[`, 0L, "size"))) return(invisible())
  boundary <- paste(boundary_clauses(fit), collapse = "; ")
  text <- strwrap(
    paste0("The estimate is on the boundary (singular fit): ", boundary, "."), prefix = "  ", initial = "i "
  )
  # Not formatted by cli: simulation studies see many of these, and that costs ten times a small
  # fit.
  rlang::inform(paste(text, collapse = "\n"), class = "mixest_singular")
}
