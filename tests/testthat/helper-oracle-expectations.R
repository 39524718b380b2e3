# Fits against the dense oracle (helper-oracle.R): devfun() at random parameters, estimates at the
# fitted ones.

expect_oracle_value <- function(fit, model, theta, psi) {
  oracle <- dense_criterion(model, psi(theta), isREML(fit))
  expect_close(devfun(fit)(theta), oracle, 1e-11, scale = max(1, abs(oracle)))
}

expect_oracle_derivatives <- function(fit, model, theta, psi) {
  oracle <- function(theta) dense_criterion(model, psi(theta), isREML(fit))
  at_theta <- devfun(fit)(theta, deriv = 2)
  gradient <- attr(at_theta, "gradient")
  hessian <- attr(at_theta, "hessian")
  expect_close(gradient, numeric_gradient(oracle, theta), 1e-6, scale = max(1, abs(gradient)))
  expect_close(hessian, t(hessian), 1e-12, scale = max(abs(hessian)))
  if (length(theta) <= 3L) {
    expect_close(hessian, numeric_hessian(oracle, theta), 1e-6, scale = max(1, abs(hessian)))
  } else {
    for (direction in replicate(5L, rnorm(length(theta)), simplify = FALSE)) {
      direction <- direction / sqrt(sum(direction^2))
      curvature <- curvature_along(oracle, theta, direction)
      expect_close(sum(direction * (hessian %*% direction)), curvature, 1e-6, scale = max(1, abs(hessian)))
    }
  }
}

# Values at `times` random points, derivatives at another and at singular points of the highest and
# the lowest rank.
expect_oracle <- function(fit, model, structures, sizes, times = 4L) {
  lengths <- mapply(n_parameters_of, structures, sizes)
  term <- rep(seq_along(structures), lengths)
  psi <- function(theta) block_diagonal(Map(psi_of, split(theta, term), structures, sizes))
  draw <- function(...) unlist(Map(random_theta, structures, sizes, ...))
  expect_length(getME(fit, "theta"), sum(lengths))
  with_seed(100, {
    for (i in seq_len(times)) expect_oracle_value(fit, model, draw(), psi)
    expect_oracle_derivatives(fit, model, draw(), psi)
    for (size in unique(c(1L, min(sizes)))) {
      singular <- draw(MoreArgs = list(singular = sample(min(sizes), size)))
      expect_oracle_value(fit, model, singular, psi)
      expect_oracle_derivatives(fit, model, singular, psi)
    }
  })
}

# psi: of all terms, block diagonal
expect_oracle_estimates <- function(fit, model, psi) {
  oracle <- dense_fit(model, psi, isREML(fit))
  expect_close(deviance(fit), oracle$criterion, 1e-10, scale = max(1, abs(oracle$criterion)))
  expect_close(fixef(fit), oracle$beta, 1e-9, scale = sqrt(diag(oracle$vcov)))
  expect_close_relative(vcov(fit), oracle$vcov, 1e-9)
  expect_close_relative(sigma(fit), oracle$sigma, 1e-10)
  expect_close_relative(getME(fit, "D"), oracle$sigma^2 * psi, 1e-9)
  for (f in seq_along(model$groups)) {
    effects <- ranef(fit)[[names(model$groups)[f]]]
    testthat::expect_identical(rownames(effects), levels(model$groups[[f]]))
    expect_close(t(as.matrix(effects)), oracle$gamma[[f]], 1e-9, scale = oracle$sigma)
    expect_close(attr(effects, "postVar"), simplify2array(oracle$cond_var[[f]]), 1e-9, scale = oracle$sigma^2)
  }
}

# The relative covariance matrix of all terms at the estimate.
psi_of_fit <- function(fit, structures, sizes) {
  term <- rep(seq_along(structures), mapply(n_parameters_of, structures, sizes))
  block_diagonal(Map(psi_of, split(getME(fit, "theta"), term), structures, sizes))
}
