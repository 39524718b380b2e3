# pbkrtest: Kenward and Roger's, Satterthwaite's and parametric-bootstrap tests of nested fits, in
# its classes.

vcovAdj.mixest <- function(object, details = 0) vcov(object, type = "kenward-roger")

get_Lb_ddf.mixest <- function(object, L) df_for(object, L, ddf = "kenward-roger")

KRmodcomp.mixest <- function(largeModel, smallModel, betaH = 0, details = 0) {
  start <- proc.time()[[3L]]
  pair <- compared_pair(largeModel, smallModel)
  method <- df_method(pair$large, "kenward-roger")
  test <- joint_test(method, pair$L, betaH)
  scale <- test$F / test$unscaled
  p <- function(F) stats::pf(F, test$NumDF, test$DenDF, lower.tail = FALSE)
  table <- data.frame(
    stat = c(test$F, test$unscaled), ndf = test$NumDF, ddf = test$DenDF, F.scaling = c(scale, NA),
    p.value = c(p(test$F), p(test$unscaled)), row.names = c("Ftest", "FtestU")
  )
  stats <- list(
    ndf = test$NumDF, ddf = test$DenDF, Fstat = test$F, p.value = p(test$F), F.scaling = scale,
    FstatU = test$unscaled, p.valueU = p(test$unscaled)
  )
  structure(
    list(
      test = table, type = "F", aux = c(F.scaling = scale), stats = stats, formula.large = plain_formula(pair$large),
      formula.small = pair$small, ctime = proc.time()[[3L]] - start, L = pair$L
    ),
    class = "KRmodcomp"
  )
}

SATmodcomp.mixest <- function(largeModel, smallModel, details = 0, eps = NULL) {
  start <- proc.time()[[3L]]
  pair <- compared_pair(largeModel, smallModel)
  method <- df_method(by_REML(pair$large), "satterthwaite")
  test <- joint_test(method, pair$L)
  structure(
    list(
      test = data.frame(
        statistic = test$F, ndf = test$NumDF, ddf = test$DenDF,
        p.value = stats::pf(test$F, test$NumDF, test$DenDF, lower.tail = FALSE)
      ),
      sigma = method$fit$sigma, formula.large = plain_formula(pair$large), formula.small = pair$small,
      ctime = proc.time()[[3L]] - start, L = pair$L
    ),
    class = "SATmodcomp"
  )
}

# The likelihood-ratio statistics of `nsim` responses drawn from the smaller model.
PBrefdist.mixest <- function(largeModel, smallModel, nsim = 1000, seed = NULL, cl = NULL, details = 0, ...) {
  check_dots()
  user <- environment()
  check_count(nsim)
  start <- proc.time()[[3L]]
  if (inherits(smallModel, "formula")) smallModel <- update(largeModel, smallModel)
  check_fit(smallModel, "PBrefdist", user)
  large <- by_ML(largeModel)
  small <- by_ML(smallModel)
  observed <- getLRT.mixest(large, small)
  drawn <- simulate(small, nsim = nsim, seed = seed)
  deviance <- function(fit) {
    again <- suppressWarnings(suppressMessages(refit(fit, if (nsim == 1) drawn[[1L]] else drawn)))
    if (inherits(again, "mixest")) again$deviance else vapply(again, function(one) one$deviance, 0)
  }
  reference <- unname(deviance(small) - deviance(large))
  extreme <- sum(reference > observed[["tobs"]])
  positive <- sum(reference > 0)
  structure(reference,
    ctime = proc.time()[[3L]] - start, stat = observed,
    samples = c(nsim = nsim, npos = positive, n.extreme = extreme, pPB = (1 + extreme) / (1 + positive)),
    class = "refdist"
  )
}

getLRT.mixest <- function(largeModel, smallModel, details = 0) {
  large <- by_ML(largeModel)
  small <- by_ML(smallModel)
  statistic <- small$deviance - large$deviance
  df <- n_estimated(large) - n_estimated(small)
  c(tobs = statistic, df = df, p.value = stats::pchisq(statistic, df, lower.tail = FALSE))
}

# list(large, small = formula or list(L, betaH), L): the larger of two fits and the contrasts that
# are zero in the other, which may be a formula or a matrix of contrasts, too.
compared_pair <- function(large, small, call = parent.frame()) {
  if (is.numeric(small)) {
    L <- contrast_matrix(small, large, call)
    return(list(large = large, small = list(L = L, betaH = 0), L = L))
  }
  if (inherits(small, "formula")) small <- update(large, small)
  if (!inherits(small, "mixest") && !inherits(small, "lm")) {
    abort_mixest("input", c(
      "The smaller model must be a fit of {.fn lmm}, a formula or a matrix of contrasts.",
      x = "It is {.obj_type_friendly {small}}."
    ), call)
  }
  if (length(coefficients_of(small)) > length(large$coefficients)) {
    if (!inherits(small, "mixest")) refuse_pair(call)
    return(compared_pair(small, large, call))
  }
  L <- nested_contrasts(fixed_matrix(large), stats::model.matrix(small))
  if (!NROW(L)) refuse_pair(call)
  list(large = large, small = plain_formula(small), L = L)
}

coefficients_of <- function(fit) if (inherits(fit, "mixest")) fit$coefficients else stats::coef(fit)

refuse_pair <- function(call) {
  abort_mixest("input", c(
    "The fixed part of one model must be nested in that of the other, and smaller.",
    i = "Both must be fitted to the same rows."
  ), call)
}

plain_formula <- function(fit) {
  formula <- stats::formula(fit)
  attributes(formula) <- NULL
  formula
}
