# theta from the `start` of the user, or NULL. A covariance matrix needs a pilot value of sigma^2:
# the residual mean square within groups.
start_parameters <- function(start, terms, stats, call) {
  if (is.null(start)) return(NULL)
  if (is.numeric(start)) start <- list(theta = start)
  theta <- if (inherits(start, "mixest")) {
    theta_of_fit(start, terms, call)
  } else if (is.list(start) && !is.null(start$theta)) {
    start$theta
  } else if (is.list(start) && !is.null(start$D)) {
    theta_of_covariance(start$D, terms, cpp_residual_variance(stats), call)
  } else {
    abort_mixest("input", c(
      "{.arg start} must be `NULL`, a fit, theta, {.code list(theta = )} or {.code list(D = )}.",
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
    theta_of <- covariance_structures[[term$structure]]$theta_of
    if (!is.null(theta_of)) return(theta_of(matrix / sigma2))
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
