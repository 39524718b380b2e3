# One fresh session for each order of attaching the packages, each going through all checks. They
# are run at the same time, as many as there are processors.

# The script of one session: `order` as library() is called.
attach_script <- function(order) {
  c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())),
    sprintf("for (package in %s) suppressPackageStartupMessages(library(package, character.only = TRUE))",
            deparse1(order)),
    "data <- as.data.frame(nlme::Orthodont); data$Subject <- factor(as.character(data$Subject))",
    "lm_fit <- lm(distance ~ age, data)",
    "fits <- list(lmm(distance ~ age + (1 | Subject), data))",
    "if ('package:lme4' %in% search()) fits$lme4 <- lme4::lmer(distance ~ age + (1 | Subject), data)",
    "if ('package:lmerTest' %in% search()) fits$lmerTest <- lmerTest::lmer(distance ~ age + (1 | Subject), data)",
    "failed <- character()",
    "holds <- function(what, expr) {",
    "  value <- tryCatch(expr, error = function(error) conditionMessage(error))",
    "  if (!isTRUE(value)) failed <<- c(failed, paste(what, paste(value, collapse = ' ')))",
    "}",
    "# An object that none of them knows: an error, ours or of the package that is asked.",
    "refused <- function(what, expr, class = NULL) {",
    "  error <- tryCatch({ expr; NULL }, error = identity)",
    "  deep <- grepl('stack usage|nested too deeply', conditionMessage(error))",
    "  holds(paste('refused', what), inherits(error, c(class, 'error')[1]) && !deep)",
    "}",
    "for (fit in fits) {",
    "  kind <- class(fit)[1]",
    "  holds(paste(kind, 'ngrps'), ngrps(fit) == 27)",
    "  holds(paste(kind, 'isREML'), isREML(fit))",
    "  holds(paste(kind, 'isSingular'), !isSingular(fit))",
    "  holds(paste(kind, 'getME'), length(getME(fit, 'theta')) == 1)",
    "  holds(paste(kind, 'fixef'), length(fixef(fit)) == 2)",
    "  holds(paste(kind, 'ranef'), nrow(ranef(fit)$Subject) == 27)",
    "  holds(paste(kind, 'VarCorr'), nrow(as.data.frame(VarCorr(fit))) == 2)",
    "  holds(paste(kind, 'sigma'), abs(sigma(fit) - 1.431592) < 1e-5)",
    "  if (kind == 'mixest' || !identical(refit, generics::refit))   # generics' own has no methods for lme4's fits",
    "    holds(paste(kind, 'refit'), all.equal(fixef(refit(fit, data$distance)), fixef(fit), tolerance = 1e-6))",
    "  if (kind != 'lmerMod' || 'package:lmerTest' %in% search())",
    "    holds(paste(kind, 'contest'), contest(fit, c(0, 1))[['NumDF']] == 1)",
    "}",
    "holds('mixest::ranova', nrow(mixest::ranova(fits[[1]])) == 2)",
    "if (!is.null(fits$lmerTest)) holds('ranova of lmerTest', nrow(mixest::ranova(fits$lmerTest)) == 2)",
    "if ('package:glmmTMB' %in% search()) {",
    "  tmb <- glmmTMB::glmmTMB(distance ~ age + (1 | Subject), data)",
    "  holds('fixef of glmmTMB', length(fixef(tmb)$cond) == 2)",
    "  holds('VarCorr of glmmTMB', 'cond' %in% names(VarCorr(tmb)))",
    "  holds('getME of glmmTMB', identical(getME(tmb, 'X'), lme4::getME(tmb, 'X')))",
    "  if (!identical(refit, generics::refit))",
    "    holds('refit of glmmTMB', inherits(refit(tmb, data$distance), 'glmmTMB'))",
    "  refused('ngrps of glmmTMB', mixest::ngrps(tmb))",
    "}",
    "ours <- list(ngrps = mixest::ngrps, isREML = mixest::isREML, isSingular = mixest::isSingular,",
    "             getME = function(x) mixest::getME(x, 'X'), refit = function(x) mixest::refit(x, 1),",
    "             contest = function(x) mixest::contest(x, c(0, 1)), ranova = mixest::ranova)",
    "for (name in names(ours)) refused(name, ours[[name]](lm_fit), if (name != 'ngrps') 'mixest_input')",
    "for (name in c('ngrps', 'isREML', 'isSingular', 'ranova')) refused(paste(name, 'attached'), get(name)(lm_fit))",
    "cat(c('failed:', failed, 'end'), sep = '\\n')"
  )
}

# What the sessions print, by order.
run_sessions <- function(orders) {
  run <- function(order) {
    script <- tempfile(fileext = ".R")
    writeLines(attach_script(order), script)
    output <- suppressWarnings(
      system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = TRUE)
    )
    paste(output, collapse = "\n")
  }
  parallel::mclapply(orders, run, mc.cores = if (.Platform$OS.type == "unix") 2L else 1L)
}

# All orders of x, a list.
permutations <- function(x) {
  if (length(x) < 2L) return(list(x))
  unlist(lapply(seq_along(x), function(i) lapply(permutations(x[-i]), function(rest) c(x[i], rest))), recursive = FALSE)
}

test_that("mixest, lme4, lmerTest and glmmTMB can be attached in any order, nlme and generics first or last", {
  skip_under_sanitizers()
  skip_on_cran()
  for (package in c("lme4", "lmerTest", "glmmTMB")) skip_if_not_installed(package)
  orders <- permutations(c("mixest", "lme4", "lmerTest", "glmmTMB"))
  expect_length(orders, 24L)
  ends <- rep_len(c(TRUE, FALSE), 24L)
  orders <- Map(function(order, first) {
    if (first) c("nlme", "generics", order) else c(order, "generics", "nlme")
  }, orders, ends)
  printed <- run_sessions(orders)
  for (i in seq_along(orders)) expect_match(printed[[i]], "failed:\nend$", info = paste(orders[[i]], collapse = ", "))
})

test_that("without other packages, and with lme4 or lmerTest alone, our generics serve or refuse", {
  skip_under_sanitizers()
  skip_if_not_installed("lmerTest")
  orders <- list("mixest", c("mixest", "lme4"), c("lme4", "mixest"), c("mixest", "lmerTest"), c("lmerTest", "mixest"))
  printed <- run_sessions(orders)
  for (i in seq_along(orders)) expect_match(printed[[i]], "failed:\nend$", info = paste(orders[[i]], collapse = ", "))
})
