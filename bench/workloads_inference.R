# What follows a fit: tests, intervals, resampling, leaving out groups.

summaries <- function(n, m, repeats) {
  list(
    name = sprintf("summary, n = %g, m = %g, q = 2", n, m),
    data = function() {
      d <- simulate_groups(n, m, p = 5, q = 2)
      list(rows = d, fit = mixest::lmm(y ~ x1 + x2 + x3 + x4 + (x1 | g), data = d))
    },
    engines = list(
      fit = function(d) mixest::lmm(y ~ x1 + x2 + x3 + x4 + (x1 | g), data = d$rows),
      satterthwaite = function(d) summary(d$fit, ddf = "satterthwaite"),
      kenward_roger = function(d) summary(d$fit, ddf = "kenward-roger")
    ),
    repeats = c(fit = repeats, satterthwaite = repeats, kenward_roger = repeats),
    targets = list(takes_at_most("satterthwaite", 1.3), takes_at_most("kenward_roger", 2))
  )
}

math_fits <- function() {
  formula <- mathach ~ meanses + sector + cses + (cses | school)
  list(mixest = mixest::lmm(
    formula, data = mixest::MathAchieve
  ), lme4 = lme4::lmer(formula, data = mixest::MathAchieve),
    ml = lme4::lmer(formula, data = mixest::MathAchieve, REML = FALSE))
}

profiles <- list(
  name = "confint by profile, MathAchieve, all parameters",
  data = math_fits,
  engines = list(
    mixest = function(d) stats::confint(d$mixest, method = "profile"),
    lme4 = function(d) stats::confint(d$ml, method = "profile", quiet = TRUE, oldNames = FALSE)
  ),
  repeats = c(mixest = 9, lme4 = 1),
  targets = list(seconds_at_most("mixest", 0.3))
)

# lme4's rate is measured on fewer samples
resampling <- list(
  name = "parametric bootstrap, MathAchieve, 1000 samples",
  data = math_fits,
  engines = list(
    mixest = function(d) mixest::bootstrap(d$mixest, nsim = 1000, seed = 1),
    lme4 = function(d) {
      samples <- 20
      seconds <- system.time(lme4::bootMer(d$lme4, lme4::fixef, nsim = samples, seed = 1))[["elapsed"]]
      structure(list(), seconds = seconds * 1000 / samples)
    }
  ),
  repeats = c(mixest = 3, lme4 = 1),
  targets = list(seconds_at_most("mixest", 1))
)

# lme4's influence() refits once for each group: ten of them are timed.
deletion <- list(
  name = "leave one school out, robust covariance, MathAchieve",
  data = function() c(math_fits(), list(rows = mixest::MathAchieve, first = levels(mixest::MathAchieve$school)[1:10])),
  engines = list(
    influence = function(d) stats::influence(d$mixest),
    CR2 = function(d) stats::vcov(d$mixest, type = "CR2"),
    lmer_160_refits = function(d) {
      seconds <- system.time(
        for (school in d$first) stats::update(d$lme4, data = d$rows[d$rows$school != school, ])
      )[["elapsed"]]
      structure(list(), seconds = 16 * seconds)
    }
  ),
  repeats = c(influence = 9, CR2 = 9, lmer_160_refits = 1),
  targets = list(seconds_at_most("influence", 0.1))
)

inference_workloads <- list(summaries(1e6, 1e4, 5), profiles, resampling, deletion)

quick_inference_workloads <- list(summaries(1e5, 1e3, 5), resampling, deletion)
