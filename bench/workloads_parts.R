# Parts of the work: numerical core, threads, one evaluation, refitting, loading the package.

model_of <- function(formula, data) mixest:::build_model_frame(
  mixest:::parse_formula(formula, environment()), data, list(), environment()
)
design_of <- function(model) mixest:::build_design(model, NULL, environment())
condensed <- function(design, threads = 1L) mixest:::condense_design(design, threads)[[1L]]
fit_of <- function(stats, design, threads = 1L) mixest:::cpp_fit(
  stats, design$random$terms, TRUE, NULL, mixest::lmm_control(threads = threads)
)

# Where the time of a whole call goes.
steps <- local({
  formula <- y ~ x1 + x2 + x3 + x4 + (x1 | g)
  list(
    name = "steps of lmm(), n = 1e6, m = 1e4, p = 5, q = 2",
    data = function() {
      rows <- simulate_groups(1e6, 1e4, p = 5, q = 2)
      model <- model_of(formula, rows)
      design <- design_of(model)
      list(rows = rows, model = model, design = design, stats = condensed(design))
    },
    engines = list(
      whole = function(d) mixest::lmm(formula, data = d$rows),
      model_frame = function(d) model_of(formula, d$rows),
      design = function(d) design_of(d$model),
      condensation = function(d) condensed(d$design),
      fit = function(d) fit_of(d$stats, d$design),
      lm = function(d) stats::lm(y ~ x1 + x2 + x3 + x4, data = d$rows)
    ),
    repeats = c(whole = 15, model_frame = 15, design = 15, condensation = 15, fit = 15, lm = 5)
  )
})

threads <- list(
  name = "two threads, n = 1e7, m = 1e6, C++ part",
  data = function() design_of(model_of(y ~ x + z + (x | g), scattered(1e7, 1e6))),
  engines = list(
    two_threads = function(design) fit_of(condensed(design, 2L), design, 2L),
    one_thread = function(design) fit_of(condensed(design, 1L), design, 1L)
  ),
  repeats = c(two_threads = 5, one_thread = 5),
  targets = list(takes_at_least("one_thread", 1.5), same_bits_as("two_threads", "one_thread"))
)

# One evaluation of deviance, gradient and Hessian: what seven starts take longer than one, for each
# evaluation more.
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
    targets = list(takes_at_least("crossprod", 12))
  )
})

refits <- list(
  name = "refit, sleepstudy, 200 simulated responses",
  data = function() {
    fit <- mixest::lmm(Reaction ~ Days + (Days | Subject), data = lme4::sleepstudy)
    list(mixest = fit, lme4 = lme4::lmer(
      Reaction ~ Days + (Days | Subject), lme4::sleepstudy
    ), y = stats::simulate(fit, 200, seed = 1))
  },
  engines = list(
    lmm = function(d) for (y in d$y) mixest::refit(d$mixest, y),
    lmm_together = function(d) mixest::refit(d$mixest, d$y),
    lmer = function(d) for (y in d$y) lme4::refit(d$lme4, y)
  ),
  repeats = c(lmm = 9, lmm_together = 9, lmer = 3),
  targets = list(takes_at_least("lmer", 20))
)

load_package <- function(package) {
  function(d) system2(
    file.path(R.home("bin"), "Rscript"), c("-e", shQuote(sprintf("library(%s)", package))), stderr = FALSE
  )
}

loading <- list(
  name = "library() in a fresh R",
  data = function() NULL,
  engines = list(mixest = load_package("mixest"), nlme = load_package("nlme")),
  repeats = c(mixest = 15, nlme = 15),
  targets = list(takes_at_least("nlme", 1 / 1.5))
)

part_workloads <- list(steps, threads, evaluation, refits, loading)
