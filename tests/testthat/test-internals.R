# Parts of the core by themselves: optimiser, rank, pool, level graph, parallel parts.

minimize <- function(evaluate, start, noise = 0, tolerance = 1e-10, max_iterations = 200L, initial_radius = 1) {
  cpp_minimize(evaluate, start, noise, tolerance, max_iterations, initial_radius)
}

random_rotation <- function(n) qr.Q(qr(matrix(rnorm(n^2), n)))

# The same function in the coordinates z = Q'x.
rotated <- function(evaluate, Q) function(x) {
  at <- evaluate(drop(crossprod(Q, x)))
  list(value = at$value, gradient = drop(Q %*% at$gradient), hessian = Q %*% at$hessian %*% t(Q))
}

# Minimum 0 at (1, 1).
rosenbrock <- function(x) {
  a <- x[2L] - x[1L]^2
  list(
    value = 100 * a^2 + (1 - x[1L])^2, gradient = c(-400 * x[1L] * a - 2 * (1 - x[1L]), 200 * a),
    hessian = matrix(c(800 * x[1L]^2 - 400 * a + 2, -400 * x[1L], -400 * x[1L], 200), 2L)
  )
}

# z1^4 / 4 - z1^2 / 2 + (z2^2 + z3^2) / 2: saddle at 0, minima -1/4 at (-1, 0, 0) and (1, 0, 0).
two_valleys <- function(z) {
  list(
    value = z[1L]^4 / 4 - z[1L]^2 / 2 + sum(z[-1L]^2) / 2, gradient = c(z[1L]^3 - z[1L], z[-1L]),
    hessian = diag(c(3 * z[1L]^2 - 1, 1, 1))
  )
}

test_that("Rosenbrock's valley ends at (1, 1)", {
  found <- minimize(rosenbrock, c(-1.2, 1))
  expect_identical(found$reason, "converged")
  expect_close(found$x, c(1, 1), 1e-12)
  expect_lt(found$value, 1e-24)
})

test_that("a saddle is left where the gradient is orthogonal to the direction of negative curvature, or zero", {
  set.seed(1)
  for (Q in c(list(diag(3)), replicate(10, random_rotation(3), simplify = FALSE))) {
    for (start in list(c(0, 1, -2), c(0, 1e-3, 0), c(0, 0, 0))) {
      found <- minimize(rotated(two_valleys, Q), drop(Q %*% start))
      expect_identical(found$reason, "converged")
      expect_close(found$value, -1 / 4, 1e-14)
      expect_close(abs(crossprod(Q, found$x)), c(1, 0, 0), 1e-12)
    }
  }
})

# s minimises g's + s'Hs / 2 for |s| <= d if and only if with some mu >= 0
#   (H + mu I) s = -g,  H + mu I positive semi-definite,  mu (d - |s|) = 0.
# More & Sorensen (1983). Where mu > 0 is found by bisection, |s| = d holds to about 1e-4.
test_that("steps in a ball fulfil the conditions of More and Sorensen, in the hard case too", {
  set.seed(2)
  at_limit <- 0
  for (i in 1:200) {
    n <- sample(5, 1)
    Q <- random_rotation(n)
    values <- sort(rnorm(n))
    z <- rnorm(n)
    if (i %% 2 == 0) {
      z[1L] <- 0
      values[1L] <- -abs(values[1L]) - 0.1
      values <- sort(values)
    }
    H <- Q %*% (values * t(Q))
    H <- (H + t(H)) / 2
    g <- drop(Q %*% z)
    radius <- 10^runif(1, -2, 2)
    s <- cpp_step_within(g, H, radius)
    size <- sqrt(sum(s^2))
    mu <- max(0, -sum(s * (H %*% s + g)) / size^2)
    expect_lte(size, radius * (1 + 1e-12))
    scale <- max(abs(values), abs(z) / radius)
    expect_close(H %*% s + mu * s, -g, 1e-10, scale = scale * radius)
    expect_gte(min(values) + mu, -1e-10 * scale)
    inside <- size < radius * (1 - 2e-4)
    if (inside) expect_lt(mu, 1e-10 * scale)
    at_limit <- at_limit + !inside
  }
  expect_true(at_limit > 100 && at_limit < 200)
})

test_that("a direction without curvature or slope is not moved along", {
  # (x1 + x2 - 2)^2 / 2
  valley <- function(x) {
    slope <- x[1L] + x[2L] - 2
    list(value = slope^2 / 2, gradient = rep(slope, 2), hessian = matrix(1, 2, 2))
  }
  found <- minimize(valley, c(5, 3))
  expect_identical(found$reason, "converged")
  expect_close(found$x, c(2, 0), 1e-12)
})

test_that("an optimum whose curvature vanishes with its gradient is approached beyond the tolerance", {
  # Newton's steps on x^4 take away a third of x each.
  found <- minimize(function(x) list(value = x^4, gradient = 4 * x^3, hessian = matrix(12 * x^2)), 1)
  expect_identical(found$reason, "converged")
  expect_lt(abs(found$x), 1e-8)
})

test_that("noise in the values that the objective owns up to does not keep the optimum away", {
  noisy <- function(size) function(x) {
    at <- rosenbrock(x)
    at$value <- at$value + size * sin(1e9 * sum(x))
    at
  }
  for (size in c(1e-8, 1e-4, 1e-2)) {
    found <- minimize(noisy(size), c(-1.2, 1), noise = 2 * size)
    expect_identical(found$reason, "converged")
    expect_close(found$x, c(1, 1), 1e-10)
  }
})

test_that("steps out of the domain are shortened, and a start outside is told", {
  # x - log(x), minimum 1 at 1
  barrier <- function(x) if (x > 0) list(value = x - log(x), gradient = 1 - 1 / x, hessian = matrix(1 / x^2))
  found <- minimize(barrier, 5, initial_radius = 100)
  expect_identical(found$reason, "converged")
  expect_close(found$x, 1, 1e-12)
  outside <- minimize(barrier, -1)
  expect_identical(outside$reason, "not_finite_at_start")
  expect_identical(outside$x, -1)
})

test_that("the iterations allowed are not exceeded, and an error of the objective arrives", {
  found <- minimize(rosenbrock, c(-1.2, 1), max_iterations = 3L)
  expect_identical(found[c("reason", "iterations")], list(reason = "max_iterations", iterations = 3L))
  expect_lt(found$value, rosenbrock(c(-1.2, 1))$value)
  expect_error(minimize(function(x) stop("no value here"), 1), "no value here")
})

test_that("rank is that of qr() on columns of length 1, whatever the units of the columns", {
  set.seed(3)
  for (i in 1:50) {
    p <- sample(2:8, 1)
    rank <- sample(p, 1)
    X <- matrix(rnorm(30 * rank), 30) %*% matrix(sample(-2:2, rank * p, replace = TRUE), rank)
    Y <- matrix(rnorm(60), 30)
    length <- sqrt(colSums(X^2))
    by_qr <- qr(X / rep(ifelse(length > 0, length, 1), each = 30), tol = 1e-10)
    kept <- sort(by_qr$pivot[seq_len(by_qr$rank)])
    dropped <- setdiff(seq_len(p), kept)
    units <- 10^runif(p, -50, 50)
    found <- cpp_decide_rank(cbind(X * rep(units, each = 30), Y), p, apply(abs(X), 2L, max) * units, 30)
    expect_identical(found[c("kept", "dropped")], list(kept = kept, dropped = dropped))

    unscaled <- found$triangle / rep(units[kept], each = length(kept))
    expect_equal(crossprod(unscaled), crossprod(X[, kept, drop = FALSE]), tolerance = 1e-12)
    expect_identical(found$triangle[lower.tri(found$triangle)], numeric(choose(length(kept), 2)))
    again <- X[, kept, drop = FALSE] %*% (units[kept] * found$combination / rep(units[dropped], each = length(kept)))
    expect_close(again, X[, dropped], 1e-11, scale = max(abs(X), 1))
    expect_equal(crossprod(found$rest), crossprod(Y), tolerance = 1e-12)
    if (length(kept)) {
      coefficients <- backsolve(unscaled, found$rest[seq_along(kept), , drop = FALSE])
      expect_equal(coefficients, qr.coef(qr(X[, kept, drop = FALSE]), Y), tolerance = 1e-9)
    }
  }
})

test_that("a column below the rounding level of the numbers before centring is dropped", {
  # 16 eps 1e8 sqrt(100) is 3.6e-6
  level <- 16 * .Machine$double.eps * 1e8 * sqrt(100)
  kept <- function(size) cpp_decide_rank(diag(c(1, size)), 2L, c(1, 1e8), 100)$kept
  expect_identical(kept(1.01 * level), 1:2)
  expect_identical(kept(0.99 * level), 1L)
})

test_that("a pool holds the cross-products of all its rows, however they come", {
  set.seed(4)
  for (n in c(0, 1, 3, 511, 512, 513, 2000)) {
    rows <- matrix(rnorm(n * 6), n, 6) * rep(10^c(0, 3, -3, 0, 5, -5), each = n)
    for (way in list(c(1, 1), c(7, 1), c(7, 3), c(600, 2), c(5000, 1), c(5000, 3))) {
      factors <- cpp_row_pool(rows, 4L, way[1L], way[2L])
      for (y in 1:2) {
        columns <- rows[, c(1:4, 4L + y), drop = FALSE]
        length <- pmax(sqrt(colSums(columns^2)), 1e-300)
        R <- factors[[y]]
        expect_close(crossprod(R / rep(length, each = 5)), crossprod(columns / rep(length, each = n)), 1e-13)
        expect_identical(R[lower.tri(R)], numeric(10))
        expect_gte(R[5L, 5L], 0)
        if (n > 5) expect_close(abs(R), abs(qr.R(qr(columns, tol = 0))), 1e-12, scale = rep(length, each = 5))
      }
    }
  }
})

# Components of the levels of the outer factors, which groups of codes[[1]] connect: the smallest
# number is handed on until nothing changes. Nodes: levels of the second factor, of the third, ...
plain_components <- function(codes, levels, weights) {
  counting <- lapply(codes, `[`, weights > 0)
  first <- cumsum(c(0, levels[-1L]))
  nodes <- unlist(Map(`+`, counting[-1L], first[seq_along(counting[-1L])]))
  group <- rep(counting[[1L]], length(codes) - 1L)
  label <- seq_len(sum(levels[-1L]))
  repeat {
    old <- label
    of_group <- tapply(label[nodes], factor(group, seq_len(levels[1L])), min)
    smallest <- tapply(of_group[group], factor(nodes, seq_along(label)), min)
    label <- ifelse(is.na(smallest), NA, smallest)
    if (identical(as.vector(label), as.vector(old))) break
  }
  block <- order(label, seq_along(label), na.last = NA)
  number <- match(seq_along(label), block, nomatch = 0L)
  factor <- rep(seq_along(levels[-1L]), levels[-1L])
  list(
    factor = factor[block], level = (seq_along(label) - first[factor])[block],
    component = match(label[block], unique(label[block])), block_of_level = unname(split(number, factor)),
    blocks_of_group = lapply(seq_len(levels[1L]), function(i) sort(unique(number[nodes[group == i]])))
  )
}

test_that("levels that occur together are in one component, in order, without rows of weight zero", {
  set.seed(5)
  several <- 0
  for (i in 1:60) {
    n <- sample(40, 1)
    levels <- c(sample(40, 1), sample(25, sample(3, 1), replace = TRUE))
    codes <- lapply(levels, sample, n, replace = TRUE)
    if (i %% 3 == 0) codes[[1L]] <- sort(codes[[1L]])
    weights <- if (i %% 2 == 0) sample(0:2, n, replace = TRUE) + 0 else rep(1, n)
    found <- cpp_connect_levels(codes, levels, weights)
    expected <- plain_components(codes, levels, weights)
    expect_equal(found, expected, info = paste("case", i))
    several <- several + (length(unique(found$component)) > 1L)
  }
  expect_gt(several, 10)
})

test_that("nested factors have one component for each outermost level, crossed ones a single one", {
  school <- rep(1:4, each = 6)
  class <- rep(1:8, each = 3)
  nested <- cpp_connect_levels(list(1:24, class, school), c(24L, 8L, 4L), rep(1, 24))
  expect_identical(nested$component, rep(1:4, each = 3))
  crossed <- cpp_connect_levels(list(rep(1:6, 4), school), c(6L, 4L), rep(1, 24))
  expect_identical(crossed$component, rep(1L, 4))
})

test_that("any number of threads does every part once and gives the same bits", {
  set.seed(6)
  x <- rnorm(1000) * 10^runif(1000, -8, 8)
  in_order <- function(parts) {
    from <- (1000 * 0:(parts - 1)) %/% parts
    to <- (1000 * 1:parts) %/% parts
    Reduce(`+`, Map(function(a, b) Reduce(`+`, x[(a + 1):b], 0), from, to), 0)
  }
  for (parts in c(1L, 2L, 7L, 64L)) {
    for (threads in 1:3) {
      found <- cpp_sum_parts(x, parts, threads, integer())
      expect_identical(found$sum, in_order(parts))
      expect_true(all(found$workers %in% seq_len(min(threads, parts))))
    }
  }
  expect_identical(cpp_sum_parts(x, 0L, 3L, integer())$sum, 0)
})

# Threads of this process where Linux lists them; 0 elsewhere.
threads_now <- function() length(list.files("/proc/self/task"))

# A thread that has been joined leaves the list a moment later.
expect_threads <- function(expected) {
  for (i in 1:100) if (threads_now() > expected) Sys.sleep(0.01)
  testthat::expect_lte(threads_now(), expected)
}

test_that("an exception in a part arrives, leaves no thread, and the next call works", {
  before <- threads_now()
  for (threads in 1:3) {
    for (failing in list(1L, 5L, 20L)) {
      expect_error(cpp_sum_parts(rep(1, 100), 20L, threads, failing), paste("part", failing, "fails"))
    }
    expect_error(cpp_sum_parts(rep(1, 100), 20L, threads, 1:20), "part [0-9]+ fails")
    expect_identical(cpp_sum_parts(rep(1, 100), 20L, threads, integer())$sum, 100)
  }
  expect_threads(before)
})
