# Parameters that a user gives in place of estimates: list(beta, theta, sigma), as lme4 has them.

# The fit with the parameters that are given; the others stay. Element `moved`: F^{-1} times what
# beta lies away from its generalised least squares estimate at the covariance parameters.
with_parameters <- function(fit, newparams, call = parent.frame()) {
  if (is.null(newparams)) return(fit)
  given <- check_parameter_list(newparams, call)
  best <- fit$coefficients
  if (!is.null(given$sigma)) fit$sigma <- check_sigma(given$sigma, call)
  if (!is.null(given$theta)) {
    fit$theta <- match_theta(given$theta, fit$random$terms, call)
    fit$lambda <- lambda_of(fit$theta, fit$random$terms, call)
    if (fit$certificate$status != "perfect_fit") {
      at <- cpp_fixed_effects(fit$stats, fit$random$terms, fit$REML, fit$lambda)
      best[] <- at$beta
      fit$beta_factor[] <- at$beta_factor
    }
  }
  if (!is.null(given$beta)) fit$coefficients <- match_beta(given$beta, names(fit$coefficients), call)
  fit$moved <- if (length(best)) solve(fit$beta_factor, fit$coefficients - best, tol = 0)
  fit
}

# blups(), at the fixed effects of the fit: those of with_parameters() need not be the best ones.
predicted_effects <- function(fit) {
  predicted <- blups(fit)
  if (!is.null(fit$moved)) {
    predicted$gamma <- Map(function(gamma, carried) {
      for (j in seq_along(fit$moved)) gamma <- gamma + fit$moved[j] * carried[, j, ]
      gamma
    }, predicted$gamma, predicted$carried)
  }
  predicted
}

# list(beta, lambda, sigma) of a design without a fit: all must be there.
design_parameters <- function(newparams, design, call) {
  given <- check_parameter_list(newparams, call)
  absent <- setdiff(c("beta", "theta", "sigma"), names(given))
  if (length(absent)) {
    abort_mixest("input", c(
      "{.arg newparams} must be a list of {.code beta}, {.code theta} and {.code sigma}.",
      x = "It lacks {.code {absent}}.",
      i = paste(
        "{.code beta} has {length(design$fixed_names)}",
        "and {.code theta} {n_parameters_of_terms(design$random$terms)} value{?s}."
      )
    ), call)
  }
  theta <- match_theta(given$theta, design$random$terms, call)
  list(
    beta = match_beta(given$beta, design$fixed_names, call), lambda = lambda_of(theta, design$random$terms, call),
    sigma = check_sigma(given$sigma, call)
  )
}

check_parameter_list <- function(newparams, call) {
  known <- c("beta", "theta", "sigma")
  if (is.list(newparams) && !is.null(names(newparams)) && all(names(newparams) %in% known)) return(newparams)
  abort_mixest("input", c(
    "{.arg newparams} must be a list with elements {.code beta}, {.code theta}, {.code sigma}.",
    x = if (!is.list(newparams)) "It is {.obj_type_friendly {newparams}}." else
      if (is.null(names(newparams))) "Its elements have no names." else
      "It has {.code {setdiff(names(newparams), known)}}."
  ), call)
}

match_beta <- function(beta, names, call) {
  if (!is.numeric(beta) || length(beta) != length(names) || !all(is.finite(beta))) {
    abort_mixest("input", c(
      "{.code beta} in {.arg newparams} must be {length(names)} finite number{?s}, one for each fixed effect.",
      x = if (is.numeric(beta)) "It has {length(beta)}{if (!all(is.finite(beta))) ', not all finite'}." else
        "It is {.obj_type_friendly {beta}}.",
      i = "The fixed effects are {.code {names}}."
    ), call)
  }
  if (is.null(names(beta))) return(stats::setNames(as.double(beta), names))
  if (!setequal(names(beta), names)) {
    abort_mixest("input", c(
      "The names of {.code beta} in {.arg newparams} must be those of the fixed effects.",
      x = "It has {.code {setdiff(names(beta), names)}}.", i = "They are {.code {names}}."
    ), call)
  }
  beta[names]
}

check_sigma <- function(sigma, call) {
  if (is_number(sigma) && sigma >= 0) return(as.double(sigma))
  abort_mixest("input", c(
    "{.code sigma} in {.arg newparams} must be one number that is not negative.",
    x = if (is_number(sigma)) "It is {sigma}." else "It is {.obj_type_friendly {sigma}}."
  ), call)
}

match_theta <- function(theta, terms, call) {
  wanted <- n_parameters_of_terms(terms)
  if (is.numeric(theta) && length(theta) == wanted && all(is.finite(theta))) return(as.double(theta))
  abort_mixest("input", c(
    "{.code theta} in {.arg newparams} must be {wanted} finite number{?s}, as in {.code getME(fit, \"theta\")}.",
    x = if (is.numeric(theta)) "It has {length(theta)}{if (!all(is.finite(theta))) ', not all finite'}." else
      "It is {.obj_type_friendly {theta}}.",
    i = "They are {.code {unlist(lapply(terms, function(term) names(term_bounds(term))))}}."
  ), call)
}

n_parameters_of_terms <- function(terms) sum(vapply(terms, function(term) n_theta(term$structure, term$size), 0))

# The relative covariance factor in the user's columns, q x q.
lambda_of <- function(theta, terms, call) {
  sizes <- vapply(terms, function(term) n_theta(term$structure, term$size), 0)
  parts <- split(theta, rep(factor(seq_along(terms)), sizes))
  columns <- lapply(terms, `[[`, "columns")
  lambda <- matrix(0, length(unlist(columns)), length(unlist(columns)))
  for (t in seq_along(terms)) {
    at <- tryCatch(cpp_covariance_user(terms[[t]]$structure, terms[[t]]$size, parts[[t]]), error = function(error) {
      abort_mixest("input", c(
        "{.code theta} in {.arg newparams} must be inside the covariance structure.",
        x = "{.code ({deparse1(terms[[t]]$bar)})}: {conditionMessage(error)}."
      ), call)
    })
    lambda[columns[[t]], columns[[t]]] <- at$factor
  }
  lambda
}
