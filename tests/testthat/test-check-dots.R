orthodont <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (age | Subject), orthodont)

# One object of each class that has methods.
objects <- list(
  mixest = fit, summary.mixest = summary(fit), VarCorr.mixest = VarCorr(fit), ranef.mixest = ranef(fit),
  mixest_convergence = convergence(fit), mixest_boot = bootstrap(fit, nsim = 2, seed = 1, progress = FALSE),
  mixest_profile = profile(fit, "sigma"), mixest_step = step_lmm(fit), anova.mixest = anova(fit),
  coef.mixest = coef(fit),
  influence.mixest = influence(fit),
  mixest_fits = lmm(cbind(distance, a = distance + age) ~ Sex + (1 | Subject), orthodont)
)

# Methods that other packages' functions call, with arguments of their own that say nothing to us,
# or that hand `...` on to another package.
called_by_others <- function(home) {
  table <- home$optional_methods
  tools <- c("DHARMa", "emmeans", "insight", "lattice", "marginaleffects", "multcomp", "parameters", "performance")
  c(
    table$method[table$package %in% tools], paste0("is", c("LMM", "GLMM", "NLMM"), ".mixest"), "Variogram.mixest",
    paste0(c("deltaMethod", "infIndexPlot", "influencePlot", "linearHypothesis", "outlierTest", "vif"), ".mixest"),
    paste0(c("coeftest", "difflsmeans", "lrtest", "waldtest", "step"), ".mixest"),
    grep("[.]mixest_fixed_part$", ls(home), value = TRUE)
  )
}

# Methods of the package, registered or to be registered when another package is loaded: a named
# list of functions, `generic.class`.
methods_of_package <- function() {
  home <- asNamespace("mixest")
  classes <- paste(names(objects), collapse = "|")
  names <- grep(paste0("[^.].*[.](", classes, ")$"), ls(home, all.names = TRUE), value = TRUE)
  registered <- getNamespaceInfo(home, "S3methods")
  ours <- !registered[, 2L] %in% "default"
  names <- union(names, registered[ours, 3L])
  # `print.summary.mixest` is no method of a class "mixest".
  Filter(is.function, mget(setdiff(names, called_by_others(home)), home))
}

class_of_method <- function(name) {
  ends <- vapply(names(objects), function(class) endsWith(name, paste0(".", class)), NA)
  names(which.max(ends * nchar(names(objects))))
}

test_that("no method ignores an argument in silence", {
  methods <- methods_of_package()
  expect_gt(length(methods), 75L)
  for (name in names(methods)) {
    method <- methods[[name]]
    object <- objects[[class_of_method(name)]]
    has_dots <- "..." %in% names(formals(method))
    # Without `...` the interpreter's own error names the argument.
    said <- tryCatch(method(object, nobody_knows_this = 1), mixest_argument = identity, error = identity)
    expect_match(conditionMessage(said), "nobody_knows_this", info = name)
    if (has_dots) expect_s3_class(said, "mixest_argument")
    if (has_dots && !name %in% c("update.mixest", "update.mixest_fits")) expect_s3_class(said, "mixest_warning")
  }
})

test_that("every generic has its methods walked through by dispatch, too", {
  for (generic in c("summary", "predict", "simulate", "ranef", "VarCorr", "getME", "contest", "icc")) {
    expect_warning(
      tryCatch(do.call(generic, list(fit, nobody_knows_this = 1)), error = identity),
      paste0(generic, "\\(\\).*nobody_knows_this"), class = "mixest_argument"
    )
  }
})

test_that("no exported function ignores an argument in silence", {
  home <- asNamespace("mixest")
  functions <- Filter(is.function, mget(getNamespaceExports(home), home, inherits = TRUE))
  is_generic <- vapply(functions, function(f) any(c("UseMethod", "standardGeneric") %in% all.names(body(f))), NA)
  expect_true(all(c("lmm", "lmm_control", "bootstrap", "df_for") %in% names(functions)[!is_generic]))
  for (name in names(functions)[!is_generic]) {
    said <- tryCatch(functions[[name]](nobody_knows_this = 1), condition = identity)
    expect_s3_class(said, "mixest_argument")
    expect_match(conditionMessage(said), "nobody_knows_this", info = name)
  }
})

test_that("arguments are refused where a model is built, with the nearest name", {
  expect_error(
    lmm(distance ~ age + (1 | Subject), orthodont, wieghts = age), "weights", class = "mixest_argument"
  )
  expect_error(lmm_control(tolerence = 1e-8), "tolerance", class = "mixest_argument")
  expect_error(update(fit, wieghts = age), "weights", class = "mixest_argument")
  expect_error(update(fit, . ~ . - Sex, orthodont), "without a name", class = "mixest_argument")
  expect_error(
    lmm(distance ~ age + (1 | Subject), orthodont, TRUE, NULL, NULL, NULL, na.omit, NULL, NULL, lmm_control(), 7),
    "without a name", class = "mixest_argument"
  )
})

test_that("methods warn, name the argument and the nearest one, and go on", {
  expect_warning(said <- summary(fit, ddff = "kenward-roger"), "`ddff`.*`ddf`", class = "mixest_argument")
  expect_equal(coef(said), coef(summary(fit)))
  expect_warning(confint(fit, "age", metod = "Wald"), "`metod`.*`method`", class = "mixest_argument")
  expect_warning(table <- confint(fit, "age", nsim = 3), "nsim", class = "mixest_argument")
  expect_identical(table, confint(fit, "age"))
  expect_warning(anova(fit, tpye = "II"), "`tpye`.*`type`", class = "mixest_argument")
  expect_warning(nobs(fit, 3), "without a name", class = "mixest_argument")
  expect_warning(sigma(fit, a = 1, b = 2), "`a`.*`b`", class = "mixest_argument")
})

test_that("arguments that are handed on to another function are those of that function", {
  expect_no_warning(confint(fit, "age", method = "boot", nsim = 5, seed = 1))
  expect_warning(
    confint(fit, "age", method = "boot", nsim = 5, sede = 1), "`sede`.*`seed`", class = "mixest_argument"
  )
  expect_no_warning(tidy(objects$mixest_fits, conf.int = TRUE))
  expect_warning(tidy(objects$mixest_fits, conf.itn = TRUE), "conf.int", class = "mixest_argument")
  withr::local_pdf(NULL)
  expect_no_warning(plot(objects$mixest_profile, cex.lab = 2))
  said <- tryCatch(plot(objects$mixest_profile, cexlab = 2), warning = identity)
  expect_s3_class(said, "mixest_argument")
  expect_match(conditionMessage(said), "cex.lab")
})

test_that("arguments of other packages' functions come with what to use here", {
  expect_error(
    lmm(distance ~ age, orthodont, random = ~ 1 | Subject), "part of the formula", class = "mixest_argument"
  )
  expect_error(
    lmm(distance ~ age + (1 | Subject), orthodont, threads = 2), "lmm_control", class = "mixest_argument"
  )
  expect_error(
    lmm(distance ~ age + (1 | Subject), orthodont, correlation = nlme::corAR1()), "ar1", class = "mixest_argument"
  )
  expect_error(lmm_control(optimizer = "bobyqa"), "one optimiser", class = "mixest_argument")
})

test_that("dots are not evaluated, and a trailing comma is no argument", {
  expect_warning(sigma(fit, a = stop("evaluated")), class = "mixest_argument")
  expect_no_warning(sigma(fit, ))
})

test_that("a function is named however it is called", {
  again <- summary
  expect_warning(again(fit, nonsense = 1), "`summary\\(\\)`", class = "mixest_argument")
  expect_warning(lapply(list(fit), sigma, nonsense = 1), "`sigma\\(\\)`", class = "mixest_argument")
  expect_error(do.call(lmm_control, list(nonsense = 1)), "`lmm_control\\(\\)`", class = "mixest_argument")
})

test_that("nothing is said about what other packages pass along", {
  expect_no_condition(nobs(fit, use.fallback = TRUE))
  expect_no_condition(coef(fit, complete = TRUE))
  expect_no_condition(weights(fit, type = "prior"))
  expect_no_condition(tidy(fit, parametric = TRUE))
  for (method in list(fitted, residuals, predict, simulate)) expect_no_condition(method(fit, type = "response"))
})

test_that("arguments of methods of other packages come with what to use here", {
  expect_warning(ranef(fit, postVar = TRUE), "condVar", class = "mixest_argument")
  expect_warning(contest(fit, c(0, 1, 0), collect = FALSE), "collected", class = "mixest_argument")
  expect_warning(influence(fit, ncores = 2), "lmm_control", class = "mixest_argument")
})
