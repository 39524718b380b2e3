# Certified results of textbook analyses, reference/README.md. Tolerances: the criterion to
# max(1e-8, 1e-10 n), fixed effects to 1e-6 standard errors, standard errors and sigma to 1e-6,
# standard deviations and correlations to 1e-5, BLUPs to 1e-5 conditional standard deviations.

read_reference <- function(file) {
  utils::read.csv(test_path("reference", file), colClasses = "character", na.strings = "")
}

# The data of nlme as a plain data frame; its ordered subjects are labels, not a scale.
plain <- function(data) {
  data <- as.data.frame(data)
  labels <- vapply(data, function(column) is.ordered(column) && nlevels(column) > 6L, NA)
  data[labels] <- lapply(data[labels], function(column) factor(as.character(column)))
  data
}

rows_of <- function(table, case, method) table[table$case == case & table$method == method, ]

fit_case <- function(case) {
  data <- eval(parse(text = case$data))
  fixed_factors <- names(Filter(function(column) is.factor(column) && !is.ordered(column), data))
  fixed_factors <- intersect(fixed_factors, all.vars(reformulas::nobars(as.formula(case$formula))[[3L]]))
  contrasts <- stats::setNames(rep(list(case$contrasts), length(fixed_factors)), fixed_factors)
  fit_quietly(
    as.formula(case$formula), data, REML = case$method == "REML", contrasts = if (length(contrasts)) contrasts
  )
}

expect_variance_components <- function(fit, expected) {
  got <- as.data.frame(VarCorr(fit))
  key <- function(table) paste(sub("[.][0-9]+$", "", table$grp), table$var1, table$var2)
  at <- match(key(expected), key(got))
  value <- as.numeric(expected$sdcor)
  is_sd <- is.na(expected$var2)
  # A correlation beside a standard deviation of zero has no value.
  compare <- is_sd | !is.na(value)
  scale <- ifelse(is_sd, pmax(value, 1e-4 * sigma(fit)), 1)
  expect_close(got$sdcor[at][compare], value[compare], 1e-5, scale = scale[compare])
}

fits <- read_reference("fits.csv")
fixed_effects <- read_reference("fixed_effects.csv")
variance_components <- read_reference("variance_components.csv")
random_effects <- read_reference("random_effects.csv")
criteria <- read_reference("criterion_at_theta.csv")

for (i in seq_len(nrow(fits))) {
  local({
    case <- fits[i, ]
    test_that(paste0(case$case, " by ", case$method, " has the certified estimates (", case$source, ")"), {
      if (grepl("lme4::", case$data, fixed = TRUE)) skip_if_not_installed("lme4")
      fit <- fit_case(case)
      expect_true(convergence(fit)$converged)
      expect_close(deviance(fit), as.numeric(case$criterion), max(1e-8, 1e-10 * as.numeric(case$n)))
      expect_close_relative(sigma(fit), as.numeric(case$sigma), 1e-6)
      expect_identical(isSingular(fit), as.logical(case$singular))
      expect_equal(attr(logLik(fit), "df"), as.integer(case$npar))

      beta <- rows_of(fixed_effects, case$case, case$method)
      expect_setequal(as.character(names(fixef(fit))), beta$term)
      expect_close(fixef(fit)[beta$term], as.numeric(beta$beta), 1e-6, scale = as.numeric(beta$se))
      expect_close(standard_errors(fit)[beta$term] / as.numeric(beta$se), rep(1, nrow(beta)), 1e-6)
      expect_variance_components(fit, rows_of(variance_components, case$case, case$method))

      blup <- rows_of(random_effects, case$case, case$method)
      if (nrow(blup)) {
        part <- do.call(rbind, strsplit(blup$effect, "|", fixed = TRUE))
        effects <- as.data.frame(ranef(fit))
        at <- match(paste(part[, 1L], part[, 2L], part[, 3L]), paste(effects$grpvar, effects$grp, effects$term))
        scale <- pmax(as.numeric(blup$condsd), 1e-6 * sigma(fit))
        expect_close(effects$condval[at], as.numeric(blup$blup), 1e-5, scale = scale)
        expect_close(effects$condsd[at], as.numeric(blup$condsd), 1e-5, scale = scale)
      }

      at_theta <- rows_of(criteria, case$case, case$method)
      for (j in seq_len(nrow(at_theta))) {
        expected <- as.numeric(at_theta$criterion[j])
        theta <- as.numeric(strsplit(at_theta$theta[j], "[ ;,]+")[[1L]])
        expect_close(devfun(fit)(theta), expected, 1e-11, scale = abs(expected))
      }
    })
  })
}

test_that("sleepstudy with Days shifted, Days scaled and Reaction scaled has the certified estimates", {
  skip_if_not_installed("lme4")
  transformed <- read_reference("sleepstudy_transformed.csv")
  numbers <- setdiff(names(transformed), c("base", "method", "transform"))
  transformed[numbers] <- lapply(transformed[numbers], as.numeric)
  for (i in seq_len(nrow(transformed))) {
    expected <- transformed[i, ]
    data <- lme4::sleepstudy
    data <- switch(expected$transform,
      none = data,
      "x+k" = transform(data, Days = Days + expected$value),
      "x*c" = transform(data, Days = Days * expected$value),
      "y*a" = transform(data, Reaction = Reaction * expected$value),
      "y+m" = transform(data, Reaction = Reaction + expected$value)
    )
    fit <- lmm(Reaction ~ Days + (Days | Subject), data, REML = expected$method == "REML")
    expect_close(deviance(fit), expected$criterion, 2e-8)
    expect_close(fixef(fit), c(expected$beta0, expected$beta1), 1e-6, scale = c(expected$se0, expected$se1))
    expect_close(standard_errors(fit) / c(expected$se0, expected$se1), c(1, 1), 1e-6)
    expect_close_relative(sigma(fit), expected$sigma, 1e-6)
    D <- covariance_of(fit)
    expect_close(c(D[1L, 1L] / expected$D11, D[2L, 2L] / expected$D22), c(1, 1), 2e-5)
    expect_close(attr(VarCorr(fit)$Subject, "correlation")[1L, 2L], expected$cor, 1e-5)
  }
})

test_that("the lecture's model on MathAchieve has the certified estimates", {
  fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), MathAchieve)
  terms <- c("(Intercept)", "meanses", "sectorCatholic", "cses")
  expect_close(deviance(fit), 46543.3356699, 1e-6)
  expect_close(getME(fit, "theta"), c(0.254897, 0.024821, 0.135906), 1e-5)
  expect_close(fixef(fit)[terms], c(12.0634, 5.2463, 1.3722, 2.1950), 5.1e-5)
  expect_close(standard_errors(fit)[terms], c(0.1991, 0.3683, 0.3055, 0.1284), 5.1e-5)
  expect_close(sigma(fit), 6.0589, 5.1e-5)
  expect_close(diag(covariance_of(fit)), 6.0589^2 * c(0.254897^2, 0.024821^2 + 0.135906^2), 1e-4)
  expect_close(attr(VarCorr(fit)$school, "correlation")[2L, 1L], 0.18, 5.1e-3)
})

test_that("the lecture's model on MathAchieve agrees with lme4 by REML and ML", {
  skip_if_not_installed("lme4")
  for (REML in c(TRUE, FALSE)) {
    fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), MathAchieve, REML = REML)
    merMod <- lme4::lmer(mathach ~ meanses + sector + cses + (cses | school), MathAchieve, REML = REML)
    expect_close(deviance(fit), if (REML) lme4::REMLcrit(merMod) else deviance(merMod), 1e-5)
    expect_close(
      devfun(fit)(lme4::getME(merMod, "theta")), if (REML) lme4::REMLcrit(merMod) else deviance(merMod), 1e-6
    )
    expect_close(fixef(fit), lme4::fixef(merMod), 1e-4, scale = standard_errors(fit))
    expect_close(standard_errors(fit), sqrt(diag(as.matrix(vcov(merMod)))), 1e-4)
    expect_close(sigma(fit), sigma(merMod), 1e-4)
  }
})
