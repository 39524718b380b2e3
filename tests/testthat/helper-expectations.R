# Largest error in units of `scale` (one number or one for each value), against a tolerance that the
# test states.
expect_close <- function(object, expected, tolerance, scale = 1) {
  label <- rlang::expr_deparse(rlang::enexpr(object))[[1L]]
  object <- unname(as.vector(object))
  expected <- unname(as.vector(expected))
  if (length(object) != length(expected)) {
    testthat::fail(sprintf("%s has length %d, expected %d.", label, length(object), length(expected)))
    return(invisible(object))
  }
  error <- max(0, abs(object - expected) / as.vector(scale))
  testthat::expect(
    !is.na(error) && error <= tolerance,
    sprintf(
      "%s is off by %.3g, tolerance %.3g.\nobject:   %s\nexpected: %s", label, error, tolerance, first_values(object),
      first_values(expected)
    )
  )
  invisible(object)
}

# Relative to the largest expected value.
expect_close_relative <- function(object, expected, tolerance) {
  expect_close(object, expected, tolerance, scale = max(abs(expected)))
}

first_values <- function(x) paste(format(utils::head(x, 6L), digits = 15L), collapse = " ")

# A fit without the message about a boundary estimate; warnings stay.
fit_quietly <- function(...) eval.parent(substitute(suppressMessages(lmm(...))))

# D in units of the response, without the attributes of VarCorr().
covariance_of <- function(fit, term = 1L) {
  D <- VarCorr(fit)[[term]]
  matrix(D, nrow(D), dimnames = dimnames(D))
}

standard_errors <- function(fit) sqrt(diag(vcov(fit)))

# The conditions of an optimum of an unstructured term at any rank: G Psi = 0 and G positive
# semi-definite, in the basis in which sum U_i'U_i is the identity.
expect_kkt <- function(fit, model, q) {
  oracle <- function(Psi) dense_criterion(model, Psi, isREML(fit))
  Psi <- psi_of(getME(fit, "theta"), "us", q)
  G <- numeric_psi_gradient(oracle, Psi)
  root <- chol(crossprod(model$U * sqrt(model$w)))
  G <- solve(t(root), t(solve(t(root), G)))
  Psi <- root %*% Psi %*% t(root)
  expect_close(G %*% Psi, rep(0, q^2), 1e-5)
  testthat::expect_gt(min(eigen((G + t(G)) / 2, symmetric = TRUE, only.values = TRUE)$values), -1e-7)
}

# Memory that runs out ends a process under the sanitizers, a limit of addresses is too small for
# them, and other packages' code is not what they look at.
skip_under_sanitizers <- function() skip_if(nzchar(Sys.getenv("ASAN_OPTIONS")), "under the sanitizers")
