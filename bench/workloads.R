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

# Rows in random order, in two sizes: how the time grows once the data no longer fit into the cache.
scattered <- function(n, m, seed = 1) {
  set.seed(seed)
  g <- sample.int(m, n, replace = TRUE)
  x <- stats::rnorm(n)
  z <- stats::rnorm(n)
  y <- 1 + x + z + stats::rnorm(m)[g] + stats::rnorm(m, sd = 0.5)[g] * x + stats::rnorm(n)
  data.frame(y, x, z, g = factor(g))
}

scattered_fit <- function(size, threads = 1L) {
  function(d) mixest::lmm(y ~ x + z + (x | g), data = d[[size]], control = mixest::lmm_control(threads = threads))
}

ten_million <- list(
  name = "n = 1e7, m = 1e6, scattered",
  data = function() list(million = scattered(1e6, 1e5), ten_million = scattered(1e7, 1e6)),
  engines = list(
    lmm = scattered_fit("million"), lmm_1e7 = scattered_fit("ten_million"), lmm_1e7_2_threads = scattered_fit("ten_million", 2L),
    lm_1e7 = function(d) stats::lm(y ~ x + z, data = d$ten_million)
  ),
  repeats = c(lmm = 5, lmm_1e7 = 3, lmm_1e7_2_threads = 3, lm_1e7 = 3)
)

# The numerical part alone: condensation and fit of a design that is there already.
condense_and_fit <- function(threads) {
  function(design) {
    stats <- mixest:::condense_design(design, threads)[[1]]
    mixest:::cpp_fit(stats, design$terms, TRUE, NULL, mixest::lmm_control(threads = threads))
  }
}

threads <- list(
  name = "two threads, n = 1e7, m = 1e6, C++ part",
  data = function() {
    frame <- scattered(1e7, 1e6)
    model <- mixest:::build_model_frame(mixest:::parse_formula(y ~ x + z + (x | g), environment()), frame, list(), environment())
    mixest:::build_design(model, NULL, environment())
  },
  engines = list(two_threads = condense_and_fit(2L), one_thread = condense_and_fit(1L)),
  repeats = c(two_threads = 5, one_thread = 5),
  targets = c(one_thread = 1.5)
)

# One evaluation of deviance, gradient and Hessian: what seven starts take longer than one, for each evaluation more.
evaluation <- local({
  fits <- function(fit, starts) {
    control <- mixest::lmm_control(starts = starts)
    seconds <- system.time(value <- mixest:::cpp_fit(fit$stats, fit$random$terms, TRUE, NULL, control))[["elapsed"]]
    c(seconds, value$certificate$evaluations)
  }
  list(
    name = "one evaluation, m = 1e4, q = 2, k = 6",
    data = function() {
      d <- simulate_groups(1e6, 1e4, p = 5, q = 2)
      list(fit = mixest::lmm(y ~ x1 + x2 + x3 + x4 + (x1 | g), data = d), X = cbind(1, as.matrix(d[2:5])))
    },
    engines = list(
      evaluation = function(d) structure(list(), seconds = do.call(`/`, as.list(fits(d$fit, 7L) - fits(d$fit, 1L)))),
      crossprod = function(d) crossprod(d$X)
    ),
    repeats = c(evaluation = 15, crossprod = 15),
    targets = c(crossprod = 12)
  )
})

refits <- list(
  name = "refit, sleepstudy, 200 simulated responses",
  data = function() {
    fit <- mixest::lmm(Reaction ~ Days + (Days | Subject), data = lme4::sleepstudy)
    list(mixest = fit, lme4 = lme4::lmer(Reaction ~ Days + (Days | Subject), lme4::sleepstudy), y = stats::simulate(fit, 200, seed = 1))
  },
  engines = list(
    lmm = function(d) for (y in d$y) mixest::refit(d$mixest, y),
    lmm_together = function(d) mixest::refit(d$mixest, d$y),
    lmer = function(d) for (y in d$y) lme4::refit(d$lme4, y)
  ),
  repeats = c(lmm = 9, lmm_together = 9, lmer = 3),
  targets = c(lmer = 20)
)

# lme4's influence() refits once for each group: ten of them are timed.
deletion <- list(
  name = "MathAchieve, leave one school out; robust covariance",
  data = function() {
    formula <- mathach ~ meanses + sector + cses + (cses | school)
    rows <- mixest::MathAchieve
    list(mixest = mixest::lmm(formula, rows), lme4 = lme4::lmer(formula, rows), rows = rows, first = levels(rows$school)[1:10])
  },
  engines = list(
    influence = function(d) stats::influence(d$mixest),
    CR2 = function(d) stats::vcov(d$mixest, type = "CR2"),
    lmer_ten_refits = function(d) for (school in d$first) stats::update(d$lme4, data = d$rows[d$rows$school != school, ])
  ),
  repeats = c(influence = 9, CR2 = 9, lmer_ten_refits = 2)
)

load_package <- function(package) function(d) system2(file.path(R.home("bin"), "Rscript"), c("-e", shQuote(sprintf("library(%s)", package))))

loading <- list(
  name = "library() in a fresh R",
  data = function() NULL,
  engines = list(mixest = load_package("mixest"), nlme = load_package("nlme")),
  repeats = c(mixest = 9, nlme = 9),
  targets = c(nlme = 1 / 1.5)
)

workloads <- list(
  math_achieve,
  simulated(1e6, 1e4, p = 5, q = 2, repeats = c(lmm = 7, lm = 7, lmer = 1, lme = 2), targets = c(lm = 1, lmer = 200, lme = 80)),
  simulated(1e6, 1e5, p = 5, q = 1, repeats = c(lmm = 7, lm = 7, lmer = 1), targets = c(lm = 1, lmer = 80)),
  simulated(1e5, 1e3, p = 6, q = 6, repeats = c(lmm = 7, lm = 7, lmer = 1, lme = 1), targets = c(lmer = 500, lme = 350)),
  ten_million, threads, evaluation, refits, deletion, loading
)

# under two minutes in all
quick_workloads <- list(
  math_achieve,
  simulated(1e5, 1e3, p = 5, q = 2, repeats = c(lmm = 9, lm = 9, lmer = 2, lme = 2)),
  refits, deletion, loading
)
