# Random data sets, the same for the same seed.

# y and the columns x1.. (fixed), z1.. (random), w (weights), o (offset), g (group). p and q count
# the intercepts.
random_data <- function(seed, m = 12L, sizes = 1:9, p = 2L, q = 2L, Psi = diag(q), sigma = 1) {
  with_seed(seed, {
    n_i <- sample(sizes, m, replace = TRUE)
    group <- rep(seq_len(m), n_i)
    n <- length(group)
    x <- matrix(
      rnorm(n * max(p - 1L, 0L)), n, dimnames = list(NULL, paste0("x", seq_len(max(p - 1L, 0L)), recycle0 = TRUE))
    )
    z <- matrix(rnorm(n * (q - 1L)), n, dimnames = list(NULL, paste0("z", seq_len(q - 1L), recycle0 = TRUE)))
    root <- if (all(Psi == 0)) Psi else t(chol(Psi + 1e-12 * diag(q)))
    gamma <- sigma * root %*% matrix(rnorm(q * m), q)
    w <- runif(n, 0.3, 3)
    y <- 1 + rowSums(x) + rowSums(cbind(1, z) * t(gamma)[group, , drop = FALSE]) + sigma * rnorm(n) / sqrt(w)
    data.frame(y = y, x, z, w = w, o = rnorm(n), g = factor(sprintf("group %02d", group)))[sample(n), ]
  })
}

# Evaluates `code` with a seed and leaves the state of the random numbers as it was.
with_seed <- function(seed, code) {
  old <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(if (is.null(old)) rm(".Random.seed", envir = globalenv()) else assign(".Random.seed", old, globalenv()))
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  code
}

# Random parameters inside the structure, none of them near a limit. The `singular` columns of the
# factor, or standard deviations, are zero (the common one, when there is only one).
random_theta <- function(structure, q, singular = integer()) {
  if (structure == "us") {
    L <- matrix(rnorm(q * q, sd = 0.5), q)
    diag(L) <- runif(q, 0.3, 1.5)
    L[, singular] <- 0
    return(L[lower.tri(L, diag = TRUE)])
  }
  s <- replace(runif(q, 0.3, 1.5), singular, 0)
  if (structure %in% c("homdiag", "homcs", "ar1")) s <- if (length(singular)) 0 else s[1L]
  rho <- runif(1L, -0.7 / q, 0.8)
  r <- switch(
    structure, diag =, homdiag = NULL, cs =, homcs =, ar1 = rho, toep = rho^seq_len(q - 1L) + runif(q - 1L, -0.05, 0.05)
  )
  c(s, r)
}

# The one-way layouts of the NIST StRD ANOVA suite (Simon & Lesage 1989): nine groups of the same
# size; in group i the first value is a mean, the others alternate 0.1 below and above it.
simon_lesage <- function(base, replicates) {
  tenths <- if (base == 0) c(14, 13, 15, 13, 15, 13, 15, 13, 15) else c(4, 3, 5, 3, 5, 3, 5, 3, 5)
  around <- c(0, rep_len(c(-1, 1), replicates - 1L))
  data.frame(y = base + (rep(tenths, each = replicates) + rep(around, times = 9L)) / 10, g = gl(9L, replicates))
}

# Several grouping factors: class in school and pupil in class, their labels used again in every
# school and class; item crossed with all; rater, of whom each school meets three. y, x1, z1, z2, w,
# o as in random_data().
several_factors <- function(seed, n = 130L) {
  with_seed(seed, {
    pick <- function(size) sample(size, n, replace = TRUE)
    school <- pick(7L)
    class <- pick(3L)
    pupil <- pick(2L)
    item <- pick(6L)
    rater <- (school + pick(3L)) %% 7L + 1L
    cell <- function(...) as.integer(interaction(..., drop = TRUE))
    effect <- function(sd, ...) sd * rnorm(n)[cell(...)]
    x1 <- rnorm(n)
    z1 <- rnorm(n)
    z2 <- rnorm(n)
    w <- runif(n, 0.3, 3)
    y <- 1 + x1 + effect(1.2, school) + z1 * effect(0.9, school) + effect(1, school, class) + effect(
      1, school, class, pupil
    ) +
      effect(1.1, item) + z2 * effect(0.8, item) + effect(0.9, rater) + rnorm(n) / sqrt(w)
    data.frame(
      y = y, x1 = x1, z1 = z1, z2 = z2, w = w, o = rnorm(n), school = factor(sprintf("school %d", school)),
      class = letters[class],
      pupil = pupil, item = factor(LETTERS[item]), rater = rater
    )
  })
}
