# The workloads: data and what is timed on them. To add one, add an entry to the list at the end.

# loaded beforehand: fits are timed, not the loading of packages
for (package in c("mixest", "lme4", "nlme", "cli", "reformulas", "Matrix")) loadNamespace(package)

# one mixed model by every engine; `lm` fits the fixed part alone
model_engines <- function(fixed, random, group) {
  mixed <- stats::as.formula(sprintf("%s + (%s | %s)", fixed, random, group))
  grouping <- stats::as.formula(sprintf("~ %s | %s", random, group))
  fixed <- stats::as.formula(fixed)
  list(
    lmm = function(d) mixest::lmm(mixed, data = d),
    lm = function(d) stats::lm(fixed, data = d),
    lmer = function(d) lme4::lmer(mixed, data = d),
    lme = function(d) nlme::lme(fixed, random = grouping, data = d)
  )
}

# n rows in m groups of equal size, contiguous; p fixed effects and q random effects with their intercepts, standard normal covariates
simulate_groups <- function(n, m, p, q, seed = 1) {
  set.seed(seed)
  x <- matrix(stats::rnorm(n * (p - 1)), n, dimnames = list(NULL, sprintf("x%d", seq_len(p - 1))))
  group <- rep(seq_len(m), each = n / m)
  gamma <- matrix(stats::rnorm(m * q, sd = 0.5), m)
  y <- 1 + x %*% rep(0.5, p - 1) + rowSums(cbind(1, x)[, seq_len(q), drop = FALSE] * gamma[group, , drop = FALSE]) + stats::rnorm(n)
  data.frame(y = drop(y), x, g = factor(group))
}

simulated <- function(n, m, p, q, repeats, targets = NULL) {
  terms <- c("1", sprintf("x%d", seq_len(p - 1)))
  short <- function(x) sub("e\\+0?", "e", format(x, scientific = TRUE))
  list(
    name = sprintf("n = %s, m = %s, p = %d, q = %d", short(n), short(m), p, q),
    data = function() simulate_groups(n, m, p, q),
    engines = model_engines(paste("y ~", paste(terms, collapse = " + ")), paste(terms[seq_len(q)], collapse = " + "), "g"),
    repeats = repeats,
    targets = targets
  )
}

math_achieve <- list(
  name = "MathAchieve",
  data = function() mixest::MathAchieve,
  engines = model_engines("mathach ~ meanses + sector + cses", "cses", "school"),
  repeats = c(lmm = 50, lm = 50, lmer = 10, lme = 10),
  targets = c(lm = 1 / 3, lmer = 15)
)

workloads <- list(
  math_achieve,
  simulated(1e6, 1e4, p = 5, q = 2, repeats = c(lmm = 7, lm = 7, lmer = 1, lme = 2), targets = c(lm = 1, lmer = 200, lme = 80))
)

# under two minutes in all
quick_workloads <- list(
  math_achieve,
  simulated(1e5, 1e3, p = 5, q = 2, repeats = c(lmm = 9, lm = 9, lmer = 2, lme = 2))
)
