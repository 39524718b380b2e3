structures <- c("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep")

# One column has no correlation.
parameter_count <- function(structure, q) {
  one_correlation <- as.integer(q > 1)
  switch(structure,
    us = q * (q + 1) / 2, diag = q, homdiag = 1, cs = q + one_correlation, homcs =, ar1 = 1 + one_correlation,
    toep = 2 * q - 1
  )
}

each_structure <- function(check, sizes = 1:7) {
  for (structure in structures) {
    for (q in sizes) check(structure, q, parameter_count(structure, q))
  }
}

# The correlations' place among the parameters of a structure whose optimiser sees them as angles.
angle_positions <- function(structure, q) {
  if (q < 3) return(integer())
  switch(structure, cs = q + 1, ar1 = 2, toep = q + seq_len(q - 1), integer())
}

random_theta <- function(structure, q) {
  theta <- rnorm(parameter_count(structure, q))
  angles <- angle_positions(structure, q)
  replace(theta, angles, runif(length(angles), -4, 4))
}

# Of a definite Psi.
random_user <- function(structure, q) {
  sds <- function(n) runif(n, 0.3, 3)
  rho <- if (q > 1) runif(1, -0.9 / (q - 1), 0.9)
  switch(structure,
    us = runif(parameter_count("us", q), 0.2, 2), diag = sds(q), homdiag = sds(1), cs = c(sds(q), rho),
    homcs = c(sds(1), rho),
    ar1 = c(sds(1), if (q > 1) runif(1, -0.9, 0.9)),
    toep = c(sds(q), 0.9 * runif(1, -0.9, 0.9)^seq_len(q - 1))
  )
}

random_basis <- function(structure, q) {
  common <- exp(rnorm(1)) * diag(q)
  switch(structure, us = matrix(rnorm(q^2), q), homdiag = , homcs = , ar1 = common, diag(exp(2 * rnorm(q)), q))
}

test_that("user parameters give the Psi of the structure's definition", {
  set.seed(1)
  each_structure(function(structure, q, d) {
    user <- random_user(structure, q)
    expect_length(user, d)
    expect_equal(cpp_covariance_user(structure, q, user)$psi, psi_of(user, structure, q), tolerance = 1e-13)
  })
})

test_that("the factor is lower triangular and Psi never has a negative eigenvalue", {
  set.seed(2)
  each_structure(function(structure, q, d) {
    for (i in 1:5) {
      at <- cpp_covariance(structure, q, random_theta(structure, q))
      expect_identical(at$factor[upper.tri(at$factor)], numeric(q * (q - 1) / 2))
      eigenvalues <- eigen(at$psi, symmetric = TRUE, only.values = TRUE)$values
      expect_gte(min(eigenvalues), -1e-14 * max(eigenvalues))
    }
  })
})

expect_derivatives <- function(at, theta) {
  here <- at(theta)
  for (a in seq_along(theta)) {
    along_a <- slope_along(function(theta) at(theta)$psi, theta, unit_vector(a, length(theta)))
    expect_equal(here$first[[a]], along_a, tolerance = 1e-8)
    for (b in seq_len(a)) {
      along_b <- slope_along(function(theta) at(theta)$first[[a]], theta, unit_vector(b, length(theta)))
      expect_equal(here$second[[a]][[b]], along_b, tolerance = 1e-8)
      expect_equal(here$second[[b]][[a]], here$second[[a]][[b]], tolerance = 1e-13)
    }
  }
}

test_that("first and second derivatives of Psi equal numerical ones", {
  set.seed(3)
  each_structure(sizes = 1:4, check = function(structure, q, d) {
    expect_derivatives(function(theta) cpp_covariance(structure, q, theta), random_theta(structure, q))
    expect_derivatives(function(user) cpp_covariance_user(structure, q, user), random_user(structure, q))
  })
})

test_that("derivatives hold at the boundary, where those of a boundary parameter are exactly zero", {
  boundary <- list(
    us = list(4, c(0.7, -0.4, 0, 0.3, 0, 1.1, 0.2, 0, 0, 0.5)), diag = list(3, c(1, 0, 2)), homdiag = list(3, 0),
    homcs = list(4, c(1.5, 0)), cs = list(4, c(1, 0, 0.5, 2, -pi / 2)), ar1 = list(3, c(1.2, pi / 2)),
    toep = list(4, c(0.5, 1, 0, 0.3, 0.4, -pi / 2, 0))
  )
  vanishing <- list(us = 8:9, diag = 2, homdiag = 1, homcs = 2, cs = c(2, 5), ar1 = 2, toep = c(3, 6))
  for (structure in names(boundary)) {
    q <- boundary[[structure]][[1]]
    theta <- boundary[[structure]][[2]]
    expect_derivatives(function(theta) cpp_covariance(structure, q, theta), theta)
    first <- cpp_covariance(structure, q, theta)$first
    for (a in vanishing[[structure]]) expect_identical(first[[a]], matrix(0, q, q))
  }
})

test_that("a canonical theta has the same Psi, exact zeros, and is its own canonical theta", {
  set.seed(4)
  each_structure(function(structure, q, d) {
    theta <- random_theta(structure, q)
    at <- cpp_covariance(structure, q, theta)
    canonical <- cpp_covariance(structure, q, at$canonical)
    expect_equal(canonical$psi, at$psi, tolerance = 1e-13)
    expect_equal(canonical$canonical, at$canonical, tolerance = 1e-15)

    zero <- cpp_covariance(structure, q, 1e-12 * theta, tolerance = 1e-8)$canonical
    not_angles <- setdiff(seq_len(d), angle_positions(structure, q))
    expect_identical(zero[not_angles], numeric(length(not_angles)))
    expect_identical(cpp_covariance(structure, q, zero)$rank, 0L)
  })
})

test_that("angles near a limit are put on it, and rank counts what is left", {
  near <- pi / 2 - 1e-9
  cases <- list(
    list("cs", 4, c(1, 2, 3, 4, near), 1L), list("cs", 4, c(1, 2, 3, 4, -near), 3L), list("ar1", 5, c(1, near), 1L),
    list("toep", 4, c(1, 1, 1, 1, 0.3, near, 0.2), 2L), list("toep", 4, c(1, 0, 1, 1, 0.3, 0.2, near), 3L)
  )
  for (case in cases) {
    canonical <- cpp_covariance(case[[1]], case[[2]], case[[3]], tolerance = 1e-8)$canonical
    at_limit <- which(abs(case[[3]]) == near)
    expect_identical(canonical[at_limit], sign(case[[3]][at_limit]) * pi / 2)
    expect_identical(cpp_covariance(case[[1]], case[[2]], canonical)$rank, case[[4]])
  }
})

test_that("correlations beside zero standard deviations are unidentified and zero in the canonical theta", {
  ar1 <- cpp_covariance("ar1", 3, c(0, 0.5))
  expect_identical(ar1$unidentified, c(FALSE, TRUE))
  expect_identical(ar1$canonical, c(0, 0))

  one_left <- cpp_covariance("cs", 3, c(0, 1.3, 0, 0.5))
  expect_identical(one_left$unidentified, c(FALSE, FALSE, FALSE, TRUE))
  expect_equal(cpp_covariance("cs", 3, one_left$canonical)$user, c(0, 1.3, 0, 0), tolerance = 1e-15)

  neighbours <- cpp_covariance("toep", 4, c(1, 1, 0, 0, 0.5, 0.5, 0.5))
  expect_identical(neighbours$unidentified, rep(c(FALSE, TRUE), c(5, 2)))
  expect_identical(neighbours$canonical[5:7], c(0.5, 0, 0))
})

test_that("user parameters of any allowed basis give A Psi A' and lead back to theta's Psi", {
  set.seed(5)
  each_structure(function(structure, q, d) {
    theta <- random_theta(structure, q)
    psi <- cpp_covariance(structure, q, theta)$psi
    A <- random_basis(structure, q)
    there <- cpp_covariance_basis(structure, q, theta, A)
    expect_equal(cpp_covariance_user(structure, q, there$user)$psi, A %*% psi %*% t(A), tolerance = 1e-11)
    expect_equal(cpp_covariance(structure, q, there$theta)$psi, psi, tolerance = 1e-9)
  })
})

test_that("the derivatives of the user's parameters are exact, beside a boundary too", {
  set.seed(16)
  check <- function(structure, q, theta, A, moving = seq_along(theta)) {
    jacobian <- cpp_covariance_basis(structure, q, theta, A)$jacobian
    for (a in moving) {
      user <- function(x) cpp_covariance_basis(structure, q, replace(theta, a, x), A)$user
      expected <- extrapolate(function(h) (user(theta[a] + h) - user(theta[a] - h)) / (2 * h), 1e-2)
      expect_close(jacobian[, a], expected, 1e-8, max(abs(A)))
    }
  }
  each_structure(function(structure, q, d) {
    theta <- cpp_covariance_theta(structure, q, random_user(structure, q))
    # two columns of cs and toep are any Psi
    check(structure, q, theta, random_basis(if (q == 2 && structure %in% c("cs", "toep")) "us" else structure, q))
  })
  for (zero in 1:3) {
    L <- lower.tri(diag(3), diag = TRUE) * matrix(c(1.2, 0.3, -0.5, 0, 0.8, 0.4, 0, 0, 0.7), 3)
    L[, zero] <- 0
    check("us", 3, L[lower.tri(L, diag = TRUE)], random_basis("us", 3), which((col(L) != zero)[lower.tri(L, TRUE)]))
  }
  # at a limit of the correlation it does not move
  for (structure in c("cs", "ar1", "toep")) {
    theta <- cpp_covariance_theta(structure, 3, c(rep(0.7, parameter_count(structure, 3) - length(r <- rep(1, if (
      structure == "toep"
    ) 2 else 1))), r))
    jacobian <- cpp_covariance_basis(structure, 3, theta, diag(3))$jacobian
    expect_identical(sum(jacobian[nrow(jacobian), ] != 0), 0L)
  }
})

test_that("a change of basis keeps the rank of a singular factor", {
  shift <- rbind(c(1, -1e9), c(0, 1))
  singular <- cpp_covariance_basis("us", 2, c(1.3, 0.2, 0), shift)$user
  expect_equal(singular, c(2e8 - 1.3, -0.2, 0), tolerance = 1e-14)
  expect_identical(singular[3], 0)
  definite <- cpp_covariance_basis("us", 2, c(1.3, 0.2, 0.7), shift)$user
  expect_gt(definite[3], 0)
  expect_equal(definite[1] * definite[3], 1.3 * 0.7, tolerance = 1e-6)
})

test_that("start() is exact for a Psi of the structure", {
  set.seed(6)
  each_structure(function(structure, q, d) {
    user <- random_user(structure, q)
    psi <- psi_of(user, structure, q)
    expect_equal(cpp_covariance(structure, q, cpp_covariance_start(structure, q, psi))$psi, psi, tolerance = 1e-10)
  })
})

test_that("start() is a definite Psi of the structure for any definite psi", {
  set.seed(7)
  each_structure(function(structure, q, d) {
    psi <- crossprod(matrix(rnorm((q + 2) * q), q + 2))
    started <- cpp_covariance(structure, q, cpp_covariance_start(structure, q, psi))
    expect_equal(sum(diag(started$psi)), sum(diag(psi)), tolerance = 1e-12)
    expect_identical(started$rank, as.integer(q))
  })
})

test_that("partial autocorrelations are those of known processes", {
  by_angles <- function(partials) {
    q <- length(partials) + 1
    cpp_covariance("toep", q, c(rep(1, q), asin(partials)))$user[-seq_len(q)]
  }
  ar <- c(0.6, -0.3, 0.2)
  acf <- unname(ARMAacf(ar = ar, lag.max = 5))[-1]
  pacf <- ARMAacf(ar = ar, lag.max = 5, pacf = TRUE)
  expect_equal(by_angles(pacf), acf, tolerance = 1e-14)
  expect_equal(cpp_covariance_theta("toep", 6, c(rep(1, 6), acf))[7:11], asin(pacf), tolerance = 1e-13)

  # MA(1) with coefficient b: p_k = -(-b)^k (1 - b^2) / (1 - b^(2 (k + 1)))
  b <- 0.5
  k <- 1:4
  expect_equal(by_angles(-(-b)^k * (1 - b^2) / (1 - b^(2 * (k + 1)))), c(b / (1 + b^2), 0, 0, 0), tolerance = 1e-14)
})

test_that("many partial autocorrelations next to their limits lose no digits", {
  set.seed(8)
  q <- 20
  for (i in 1:5) {
    theta <- c(rep(1, q), sample(c(-1, 1), q - 1, TRUE) * (pi / 2 - 10^-runif(q - 1, 0, 5)))
    at <- cpp_covariance("toep", q, theta)
    expect_equal(at$psi, toeplitz(c(1, at$user[-seq_len(q)])) / q, tolerance = 1e-13)
  }
})

test_that("two columns: cs and toep are us in other parameters, ar1 is homcs", {
  set.seed(9)
  theta <- rnorm(3)
  for (structure in c("cs", "toep")) {
    expect_identical(cpp_covariance(structure, 2, theta)$psi, cpp_covariance("us", 2, theta)$psi)
  }
  expect_equal(cpp_covariance("cs", 2, c(1, -2, 0))$user, c(1, 2, -1))
  expect_equal(cpp_covariance("cs", 2, c(0, 0, 2))$user, c(0, 2, 0))
  expect_identical(cpp_covariance("ar1", 2, theta[1:2]), cpp_covariance("homcs", 2, theta[1:2]))
})

test_that("the triangular factor has the right product, signs and zero columns, row by row in scale", {
  set.seed(10)
  for (i in 1:50) {
    q <- sample(1:7, 1)
    rank <- sample(q, 1)
    M <- matrix(rnorm(q * rank), q) %*% matrix(rnorm(rank * (q + 1)), rank)
    scales <- 10^runif(q, -50, 50)
    L <- cpp_triangular_factor(scales * M, 1e-13)
    expect_equal(tcrossprod(L / scales), tcrossprod(M), tolerance = 1e-12)
    expect_identical(L[upper.tri(L)], numeric(q * (q - 1) / 2))
    expect_identical(sum(diag(L) > 0), rank)
    expect_true(all(L[, diag(L) == 0] == 0))
  }
  expect_identical(cpp_triangular_factor(rbind(c(0, 0), c(3, 4)), 1e-13), rbind(c(0, 0), c(0, 5)))
})

test_that("arguments outside a structure are refused", {
  expect_error(cpp_covariance("exp", 2, c(1, 1)), "no covariance structure \"exp\"")
  expect_error(cpp_covariance("us", 0, numeric()), "at least one column")
  each_structure(sizes = c(1, 2, 4), check = function(structure, q, d) {
    expect_error(cpp_covariance(structure, q, numeric(d + 1)), "must have length")
    expect_error(cpp_covariance_theta(structure, q, numeric(d + 1)), "must have length")
    expect_error(cpp_covariance_theta(structure, q, replace(numeric(d), 1, NaN)), "must be finite")
    expect_error(cpp_covariance_start(structure, q, diag(q + 1)), "`psi` must be")
    expect_error(cpp_covariance_basis(structure, q, numeric(d), diag(q + 1)), "`A` must be")
    if (structure != "us") {
      expect_error(cpp_covariance_theta(structure, q, replace(rep(0.1, d), 1, -1)), "must not be negative")
    }
  })
  for (structure in c("cs", "homcs", "ar1", "toep")) {
    for (q in c(2, 4)) {
      user <- replace(numeric(parameter_count(structure, q)), parameter_count(structure, q), 1.1)
      expect_error(cpp_covariance_theta(structure, q, user), "positive semi-definite")
      expect_error(cpp_covariance_user(structure, q, user), "positive semi-definite")
    }
  }
  expect_error(cpp_covariance_theta("cs", 4, c(1, 1, 1, 1, -0.34)), "positive semi-definite")
  expect_error(cpp_covariance_theta("toep", 3, c(1, 1, 1, 0.9, -0.9)), "positive semi-definite")
  expect_error(cpp_covariance_basis("diag", 2, c(1, 1), matrix(c(1, 1, 0, 1), 2)), "must be diagonal")
  expect_error(cpp_covariance_basis("homcs", 2, c(1, 1), diag(1:2)), "multiple of the identity")
})
