# Each deletion against the fit of the other groups' rows: fixed effects in standard errors,
# variance parameters relative to the largest.
expect_refits <- function(fit, refit_without, deleted, group = NULL, tolerance = 1e-6) {
  without <- influence(fit, group = group)
  part <- function(name) without[[paste0(name, "[-", without$groups, "]")]]
  error <- sqrt(diag(vcov(fit)))
  for (level in deleted) {
    refit <- refit_without(level)
    expect_close(part("fixed.effects")[level, ], fixef(refit), tolerance, error)
    expected <- c(sigma(refit)^2, unlist(lapply(VarCorr(refit), function(D) D[lower.tri(D, diag = TRUE)])))
    expect_close(part("var.cov.comps")[level, ], expected, tolerance, max(expected))
    expect_close(part("vcov")[[level]], vcov(refit), 1e-6, outer(error, error))
  }
  invisible(without)
}

test_that("each estimate is that of the rows of the other groups", {
  fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), MathAchieve)
  refit_without <- function(level) fit_quietly(
    mathach ~ meanses + sector + cses + (cses | school), MathAchieve[MathAchieve$school != level, ]
  )
  expect_refits(fit, refit_without, levels(MathAchieve$school)[c(1, 17, 100, 160)])
})

test_that("structures, weights, maximum likelihood and several terms are those of the fit", {
  formulas <- list(
    y ~ x1 + (z1 | g), y ~ x1 + (1 | g), y ~ x1 + diag(z1 | g), y ~ x1 + (1 | g) + (0 + z1 | g),
    y ~ x1 + homdiag(z1 | g), y ~ x1 + homcs(z1 | g)
  )
  for (seed in 1:6) {
    d <- random_data(seed, m = 15, sizes = 2:8, p = 2, q = 2)
    formula <- formulas[[seed]]
    if (seed %% 2) d$w <- 1
    fit_rows <- function(rows) fit_quietly(formula, rows, REML = seed < 4, weights = w)
    without <- suppressWarnings(expect_refits(fit_rows(d), function(level) fit_rows(d[d$g != level, ]), levels(d$g)))
    expect_true(all(without$converged))
  }
})

test_that("deletions that end on the boundary, or leave it, are the fits of lmm()", {
  d <- random_data(9, m = 10, sizes = 3:5, p = 2, q = 2, Psi = diag(c(0.05, 0)))
  fit_rows <- function(rows) fit_quietly(y ~ x1 + (z1 | g), rows)
  without <- expect_refits(fit_rows(d), function(level) fit_rows(d[d$g != level, ]), levels(d$g))
  expect_equal(unname(without$singular), vapply(
    levels(d$g), function(level) isSingular(fit_rows(d[d$g != level, ])), NA, USE.NAMES = FALSE
  ))
  expect_true(any(without$singular))

  one <- d[d$g %in% levels(d$g)[1:6], ]
  one$y <- one$y + ifelse(one$g == "group 02", 5, 0)
  one$g <- droplevels(one$g)
  fit_rows <- function(rows) fit_quietly(y ~ x1 + (1 | g), rows)
  without <- expect_refits(fit_rows(one), function(level) fit_rows(one[one$g != level, ]), levels(one$g))
  expect_true(without$singular[["group 02"]])
  expect_false(isSingular(fit_rows(one)))
})

test_that("a column that only one group tells apart is NA without it, and a message says so", {
  d <- random_data(10, m = 8, sizes = 3:6, p = 2, q = 2)
  d$only <- as.numeric(d$g == "group 03")
  fit <- fit_quietly(y ~ only + x1 + (1 | g), d)
  expect_message(without <- influence(fit), "NA for `only` without group 03", class = "mixest_aliased")
  expect_true(is.na(without[["fixed.effects[-g]"]]["group 03", "only"]))
  refit <- fit_quietly(y ~ x1 + (1 | g), d[d$g != "group 03", ])
  expect_close(without[["fixed.effects[-g]"]]["group 03", -2], fixef(refit), 1e-6, sqrt(diag(vcov(refit))))
  expect_equal(unname(is.na(cooks.distance(without))), levels(d$g) == "group 03")
  expect_equal(is.na(as.data.frame(without)$cov.r), levels(d$g) == "group 03")
})

test_that("estimates are NA where the other groups don't determine the parameters, and a warning names the group", {
  d <- data.frame(y = c(1, 2, 4, 3, 7, 5, 9), g = c("a", "a", "a", "b", "c", "d", "e"))
  fit <- fit_quietly(y ~ 1 + (1 | g), d)
  expect_warning(without <- influence(fit), "without group a", class = "mixest_unidentified")
  expect_equal(unname(is.na(without[["fixed.effects[-g]"]][, 1])), letters[1:5] == "a")
  expect_equal(unname(is.na(without[["var.cov.comps[-g]"]][, 1])), letters[1:5] == "a")

  two <- fit_quietly(y ~ 1 + (1 | g), transform(d, g = rep(c("a", "b"), c(3, 4))))
  expect_warning(without <- influence(two), "groups a and b")
  expect_true(all(is.na(without[["fixed.effects[-g]"]])))
})

test_that("names and shapes are lme4's", {
  skip_if_not_installed("lme4")
  d <- as.data.frame(nlme::Orthodont)
  fit <- lmm(distance ~ age + Sex + (age | Subject), d)
  other <- lme4::lmer(distance ~ age + Sex + (age | Subject), d)
  theirs <- suppressMessages(influence(other, "Subject"))
  ours <- influence(fit, group = "Subject")
  expect_named(ours[names(theirs)], names(theirs))
  expect_s3_class(ours, "influence.merMod")
  rows <- rownames(theirs[["fixed.effects[-Subject]"]])
  for (name in c("fixed.effects[-Subject]", "var.cov.comps[-Subject]")) {
    expect_equal(colnames(ours[[name]]), colnames(theirs[[name]]))
    expect_close(ours[[name]][rows, ], theirs[[name]], 1e-3, rep(abs(theirs[[sub("[[].*", "", name)]]), each = 27))
  }
  expect_close(dfbeta(ours)[rows, ], dfbeta(theirs), 1e-3, rep(sqrt(diag(vcov(fit))), each = 27))
  expect_close(dfbetas(ours)[rows, ], dfbetas(theirs), 1e-3)
  expect_close(cooks.distance(ours)[rows] * (27 - 3) / 27, cooks.distance(theirs), 1e-3)
  expect_identical(influence(fit, groups = "Subject"), ours)
})

test_that("measures are those of their definitions", {
  d <- random_data(12, m = 8, sizes = 2:6, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (1 | g), d)
  without <- influence(fit)
  shift <- sweep(without[["fixed.effects[-g]"]], 2, fixef(fit))
  expect_equal(dfbeta(without), shift)
  expect_equal(cooks.distance(without), rowSums(shift %*% solve(vcov(fit)) * shift) / 2)
  table <- as.data.frame(without)
  ratios <- vapply(without[["vcov[-g]"]], function(v) det(v) / det(vcov(fit)), 0)
  expect_equal(table$cov.r, unname(ratios))
  expect_identical(rownames(table), without$deleted)
  expect_equal(table$cook.d, unname(cooks.distance(without)))
  sigma_without <- sqrt(without[["var.cov.comps[-g]"]][, "sigma^2"])
  expect_equal(table$dffit, unname(sqrt(2 * cooks.distance(without)) * sigma(fit) / sigma_without))
  expect_equal(dfbetas(without)[3, ], shift[3, ] / sqrt(diag(without[["vcov[-g]"]][[3]])))
  expect_equal(dim(dfbeta(without, which = "var.cov")), c(8L, 2L))
  expect_output(print(without), "8 groups of g")
})

test_that("fits without rows and threads give the same", {
  d <- random_data(13, m = 20, sizes = 2:6, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (z1 | g), d)
  without_rows <- influence(fit_quietly(y ~ x1 + (z1 | g), d, control = lmm_control(keep_data = FALSE)))
  # The leverage of a group needs its rows.
  parts <- setdiff(names(without_rows), "hat")
  expect_equal(without_rows[parts], influence(fit)[parts], tolerance = 1e-8)
  expect_identical(influence(fit_quietly(y ~ x1 + (z1 | g), d, control = lmm_control(threads = 2))), influence(fit))
})

test_that("another grouping factor is refused", {
  fit <- lmm(distance ~ age + (1 | Subject), nlme::Orthodont)
  expect_snapshot(error = TRUE, influence(fit, group = "Sex"))
})

test_that("with several factors, levels of any of them are left out", {
  d <- random_data(14, m = 20, sizes = 2:5, p = 2, q = 2)
  d$a <- factor(as.integer(d$g) %% 6)
  d$b <- factor(as.integer(d$g) %/% 6)
  d$y <- with_seed(1, d$y + rnorm(6)[d$a])
  for (formula in list(y ~ x1 + (1 | a/b), y ~ x1 + (1 | a) + (1 | b))) {
    fit <- fit_quietly(formula, d)
    expect_refits(fit, function(level) fit_quietly(formula, d[d$a != level, ]), levels(d$a), group = "a")
    without <- influence(fit, group = names(ngrps(fit))[[1L]])
    expect_equal(without$deleted, fit$random$groups[[1L]])
  }
})

test_that("without fixed effects there are measures of variance parameters only", {
  fit <- lmm(I(distance - 24) ~ 0 + (1 | Subject), nlme::Orthodont)
  without <- influence(fit)
  expect_identical(dim(dfbeta(without)), c(27L, 0L))
  expect_identical(dfbetas(without), dfbeta(without))
  expect_identical(cooks.distance(without), setNames(rep(NA_real_, 27), without$deleted))
  expect_equal(as.data.frame(without)$cov.r, rep(1, 27))
  expect_false(anyNA(dfbeta(without, which = "var.cov")))
})

test_that("the leverage of a group is its part of the trace of the hat matrix of the fixed effects", {
  d <- random_data(13, m = 8, sizes = 2:5, p = 2, q = 2)
  fit <- fit_quietly(y ~ x1 + (z1 | g), d, weights = d$w)
  X <- getME(fit, "X")
  solved <- solve(as.matrix(getME(fit, "V")), X)
  diagonal <- rowSums((X %*% solve(crossprod(X, solved))) * solved)
  expect_equal(as.data.frame(influence(fit))$hat, as.vector(tapply(diagonal, d$g, sum)))
  expect_equal(sum(influence(fit)$hat), 2)
  without_rows <- fit_quietly(y ~ x1 + (z1 | g), d, weights = d$w, control = lmm_control(keep_data = FALSE))
  expect_true(all(is.na(influence(without_rows)$hat)))
})

test_that("obs = TRUE leaves out rows as the one-step measures of a fit do", {
  d <- random_data(14, m = 8, sizes = 2:5, p = 2, q = 2)
  d$w[3] <- 0
  fit <- fit_quietly(y ~ x1 + (z1 | g), d, weights = d$w)
  rows <- influence(fit, obs = TRUE)
  expect_equal(dfbeta(rows), -dfbeta(fit))
  expect_equal(cooks.distance(rows), cooks.distance(fit))
  table <- as.data.frame(rows)
  expect_identical(rownames(table), rownames(model.frame(fit)))
  expect_equal(table$hat, unname(hatvalues(fit)))
  # The fitted value moves by h e / (1 - h).
  h <- unname(hatvalues(fit))
  moved <- h * unname(residuals(fit)) / (1 - h)
  sigma_without <- sqrt(rows[["var.cov.comps[-.case]"]][, "sigma^2"])
  expect_equal(table$dffit, unname(ifelse(d$w > 0, moved / (sigma_without * sqrt(h / d$w)), 0)))
  expect_output(print(rows), paste(nrow(d), "rows"))
  expect_error(influence(fit, group = "g", obs = TRUE), "group", class = "mixest_input")
  expect_error(influence(fit, obs = "a"), "obs", class = "mixest_input")
})

test_that("without variance between groups the table of rows is that of influence.measures()", {
  d <- random_data(1, m = 8, sizes = 2:5, p = 3, q = 2)
  d$y <- stats::resid(stats::lm(y ~ g, d)) + d$x1
  fit <- fit_quietly(y ~ x1 + x2 + (1 | g), d)
  expect_true(isSingular(fit))
  measures <- stats::influence.measures(stats::lm(y ~ x1 + x2, d))$infmat
  expect_equal(as.data.frame(influence(fit, obs = TRUE)), as.data.frame(measures)[c("dffit", "cov.r", "cook.d", "hat")])
})

test_that("attaching the package masks nothing of base R's packages, and says nothing", {
  ours <- getNamespaceExports("mixest")
  for (package in c("base", "stats", "utils", "methods", "graphics", "grDevices", "datasets")) {
    shared <- intersect(ours, getNamespaceExports(package))
    is_theirs <- function(name) identical(getExportedValue("mixest", name), getExportedValue(package, name))
    different <- Filter(Negate(is_theirs), shared)
    expect_identical(different, character(), info = package)
  }
})

test_that("the origin of a covariate doesn't change Cook's distances of groups", {
  d <- with_seed(5, transform(
    data.frame(g = gl(12, 5), x = round(rnorm(60), 3)), y = x + rnorm(12)[g] * (1 + x) + rnorm(60)
  ))
  for (shift in 2^c(10, 23, 26)) {
    moved <- transform(d, x = x + shift)
    exact <- transform(d, x = moved$x - shift)
    distances <- lapply(list(moved, exact), function(data) {
      cooks.distance(influence(fit_quietly(y ~ x + (x | g), data)))
    })
    # coefficients in the user's columns have `shift` times less digits
    expect_close_relative(distances[[1]], distances[[2]], 1e-13 * shift)
  }
})

test_that("a perfect fit has no distances, and its deletions can be printed", {
  d <- transform(data.frame(g = gl(5, 4), age = rep(1:4, 5)), y = 3 + 2 * age)
  without <- suppressWarnings(influence(suppressWarnings(fit_quietly(y ~ age + (1 | g), d))))
  expect_true(all(is.na(cooks.distance(without))))
  expect_output(suppressWarnings(print(without)), "5")
})
