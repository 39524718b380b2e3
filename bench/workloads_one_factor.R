# Whole calls with one grouping factor, from data frame and formula to the fit.

# One mixed model by every engine; `lm` fits the fixed part alone. lme_random: one-sided formula, or
# NULL where lme() does not know the model.
model_engines <- function(fixed, mixed, lme_random = NULL, REML = TRUE) {
  fixed <- stats::as.formula(fixed)
  mixed <- stats::as.formula(mixed)
  engines <- list(
    lmm = function(d) mixest::lmm(mixed, data = d, REML = REML),
    lm = function(d) stats::lm(fixed, data = d),
    lmer = function(d) lme4::lmer(mixed, data = d, REML = REML),
    lme = function(d) nlme::lme(
      fixed, random = stats::as.formula(lme_random), data = d, method = if (REML) "REML" else "ML"
    ),
    glmmTMB = function(d) glmmTMB::glmmTMB(mixed, data = d, REML = REML)
  )
  if (is.null(lme_random)) engines[names(engines) != "lme"] else engines
}

# n rows in m groups of equal size, contiguous; p fixed effects and q random effects with their
# intercepts, standard normal covariates
simulate_groups <- function(n, m, p, q, seed = 1) {
  set.seed(seed)
  x <- matrix(stats::rnorm(n * (p - 1)), n, dimnames = list(NULL, sprintf("x%d", seq_len(p - 1))))
  group <- rep(seq_len(m), each = n / m)
  gamma <- matrix(stats::rnorm(m * q, sd = 0.5), m)
  y <- 1 + x %*% rep(0.5, p - 1) + rowSums(
    cbind(1, x)[, seq_len(q), drop = FALSE] * gamma[group, , drop = FALSE]
  ) + stats::rnorm(n)
  data.frame(y = drop(y), x, g = as_factor(group, m))
}

# factor(codes) without its sorting and matching of strings; as there, the levels are strings
# already, not numbers that will be turned into strings when looked at
as_factor <- function(codes, m) structure(codes, levels = sprintf("%d", seq_len(m)), class = "factor")

simulated <- function(n, m, p, q, repeats, targets = NULL) {
  terms <- c("1", sprintf("x%d", seq_len(p - 1)))
  fixed <- paste("y ~", paste(terms, collapse = " + "))
  random <- paste(paste(terms[seq_len(q)], collapse = " + "), "| g")
  short <- function(x) sub("e\\+0?", "e", format(x, scientific = TRUE))
  list(
    name = sprintf("n = %s, m = %s, p = %d, q = %d", short(n), short(m), p, q),
    data = function() simulate_groups(n, m, p, q),
    engines = model_engines(fixed, sprintf("%s + (%s)", fixed, random), paste("~", random))[names(repeats)],
    repeats = repeats,
    targets = targets
  )
}

math_achieve <- list(
  name = "MathAchieve",
  data = function() mixest::MathAchieve,
  engines = model_engines(
    "mathach ~ meanses + sector + cses", "mathach ~ meanses + sector + cses + (cses | school)", "~ cses | school"
  ),
  repeats = c(lmm = 50, lm = 50, lmer = 10, lme = 6, glmmTMB = 3),
  targets = list(takes_at_least("lm", 1 / 3), takes_at_least("lmer", 15))
)

one_factor_workloads <- list(
  math_achieve,
  simulated(1e6, 1e4, p = 5, q = 2, repeats = c(lmm = 9, lm = 9, lmer = 1, lme = 1),
    targets = list(takes_at_least("lm", 1), takes_at_least("lmer", 200), takes_at_least("lme", 80))),
  simulated(1e6, 1e5, p = 5, q = 1, repeats = c(lmm = 9, lm = 9, lmer = 1), targets = list(
    takes_at_least("lm", 1), takes_at_least("lmer", 80)
  )),
  simulated(1e5, 1e3, p = 6, q = 6, repeats = c(lmm = 9, lm = 9, lmer = 1, lme = 1),
    targets = list(takes_at_least("lmer", 500), takes_at_least("lme", 350))),
  # glmmTMB takes many minutes with 1e6 rows
  simulated(1e5, 1e3, p = 5, q = 2, repeats = c(lmm = 9, lm = 9, lmer = 2, lme = 2, glmmTMB = 1))
)

quick_one_factor_workloads <- list(
  math_achieve,
  simulated(1e5, 1e3, p = 5, q = 2, repeats = c(lmm = 9, lm = 9, lmer = 2, lme = 2))
)

# Rows in random order, in two sizes: how the time grows once the data no longer fit into the cache.
scattered <- function(n, m, seed = 1) {
  set.seed(seed)
  g <- sample.int(m, n, replace = TRUE)
  x <- stats::rnorm(n)
  z <- stats::rnorm(n)
  y <- 1 + x + z + stats::rnorm(m)[g] + stats::rnorm(m, sd = 0.5)[g] * x + stats::rnorm(n)
  data.frame(y, x, z, g = as_factor(g, m))
}

scattered_fit <- function(size, threads = 1L) {
  function(d) mixest::lmm(y ~ x + z + (x | g), data = d[[size]], control = mixest::lmm_control(threads = threads))
}

scattered_workloads <- list(list(
  name = "n = 1e7, m = 1e6, scattered",
  data = function() list(million = scattered(1e6, 1e5), ten_million = scattered(1e7, 1e6)),
  engines = list(
    lmm_1e6 = scattered_fit("million"), lmm_1e7 = scattered_fit("ten_million"),
    lmm_1e7_2_threads = scattered_fit("ten_million", 2L),
    lm_1e7 = function(d) stats::lm(y ~ x + z, data = d$ten_million)
  ),
  repeats = c(lmm_1e6 = 7, lmm_1e7 = 5, lmm_1e7_2_threads = 3, lm_1e7 = 5),
  targets = list(takes_at_most("lmm_1e7", 13), memory_at_most_of("lmm_1e7", "lm_1e7"))
))
