# Whole calls with nested and crossed grouping factors.

lme4_data <- function(name) function() get(utils::data(list = name, package = "lme4", envir = environment()))

inst_eval <- function(name, fixed, REML, seconds) {
  list(
    name = name,
    data = lme4_data("InstEval"),
    engines = model_engines(fixed, paste(fixed, "+ (1 | s) + (1 | d)"), REML = REML)[c("lmm", "lm", "lmer")],
    repeats = c(lmm = 5, lm = 5, lmer = 1),
    targets = list(seconds_at_most("lmm", seconds))
  )
}

chem97 <- list(
  name = "Chem97, schools in authorities",
  data = function() get(utils::data(list = "Chem97", package = "mlmRev", envir = environment())),
  engines = model_engines(
    "score ~ gcsecnt", "score ~ gcsecnt + (1 | lea/school)", "~ 1 | lea/school"
  )[c("lmm", "lm", "lmer", "lme")],
  repeats = c(lmm = 9, lm = 9, lmer = 3, lme = 1),
  targets = list(takes_at_least("lmer", 5))
)

small <- function(name, mixed, lme_random = NULL) {
  engines <- model_engines(sub(" [+] [(].*", "", mixed), mixed, lme_random)
  list(name = name, data = lme4_data(name), engines = engines, repeats = c(
    lmm = 20, lm = 20, lmer = 5, lme = 5, glmmTMB = 2
  )[names(engines)])
}

pastes <- small("Pastes", "strength ~ 1 + (1 | batch/cask)", "~ 1 | batch/cask")
penicillin <- small("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)")

# Pupils in classes in schools.
three_levels <- function(n, classes, schools, seed = 1) {
  set.seed(seed)
  class <- rep(seq_len(classes), each = n / classes)
  school <- rep(seq_len(schools), each = n / schools)
  x <- stats::rnorm(n)
  y <- 1 + x + stats::rnorm(classes, sd = 0.5)[class] + stats::rnorm(schools, sd = 0.3)[school] + stats::rnorm(n)
  data.frame(y, x, class = as_factor(class, classes), school = as_factor(school, schools))
}

three_level_workload <- list(
  name = "n = 1e6, 1e5 classes in 1e3 schools",
  data = function() three_levels(1e6, 1e5, 1e3),
  engines = model_engines("y ~ x", "y ~ x + (1 | school) + (1 | class)")[c("lmm", "lm", "lmer")],
  repeats = c(lmm = 5, lm = 5, lmer = 1),
  targets = list(takes_at_least("lm", 1 / 2))
)

several_factor_workloads <- list(
  inst_eval("InstEval, intercept, ML", "y ~ 1", REML = FALSE, seconds = 2),
  inst_eval("InstEval, service * dept", "y ~ service * dept", REML = TRUE, seconds = 3),
  chem97, pastes, penicillin, three_level_workload
)

quick_several_factor_workloads <- list(chem97, pastes, penicillin)
