# The lowest criterion that lme4 and nlme reach on the plain data of a design of random_draws.R,
# each asked to try hard.

# value: lowest -2 log likelihood (or REML criterion), NA when no peer has the structure or none
# fits; engine that reached it; `at`: lme4's criterion at our theta for the plain data, NA without
# it.
best_of_peers <- function(design, theta) {
  found <- c(lme4_criteria(design, theta), nlme = nlme_criterion(design))
  at <- found[["at"]]
  found <- found[names(found) != "at"]
  if (all(is.na(found))) return(list(value = NA_real_, engine = NA_character_, at = at))
  list(value = min(found, na.rm = TRUE), engine = names(which.min(found)), at = at)
}

quietly <- function(expr) suppressMessages(suppressWarnings(tryCatch(expr, error = function(error) NULL)))

lme4_controls <- list(
  bobyqa = list("bobyqa", list(rhobeg = 2e-2, rhoend = 1e-10, maxfun = 5e4)),
  nloptwrap = list("nloptwrap", list(
    algorithm = "NLOPT_LN_BOBYQA", xtol_abs = 1e-12, ftol_abs = 1e-12, xtol_rel = 0, ftol_rel = 0, maxeval = 2e4
  )),
  Nelder_Mead = list("Nelder_Mead", list(FtolAbs = 1e-12, FtolRel = 1e-15, XtolRel = 1e-12, maxfun = 5e4))
)

lme4_criteria <- function(design, theta) {
  at_theta <- NA_real_
  if (!design$structure %in% c("us", "diag")) return(c(at = NA_real_, lme4 = NA_real_))
  inside <- paste(c(if (design$intercept) "1" else "0", design$slopes), collapse = " + ")
  bar <- if (design$structure == "us") "|" else "||"
  formula <- drop_environment(stats::update(design$fixed, stats::as.formula(sprintf("~ . + (%s %s g)", inside, bar))))
  checks <- rep(list("ignore"), 6)
  names(checks) <- paste0(
    "check.", c("nobs.vs.rankZ", "nobs.vs.nlev", "nlev.gtreq.5", "nlev.gtr.1", "nobs.vs.nRE", "scaleX")
  )
  fit <- function(control, start) quietly(lme4::lmer(formula, design$plain, REML = design$REML, start = start,
    control = do.call(
      lme4::lmerControl, c(list(optimizer = control[[1]], optCtrl = control[[2]], calc.derivs = FALSE), checks)
    )))
  value <- function(merMod) {
    if (is.null(merMod)) return(NA_real_)
    if (design$REML) lme4::REMLcrit(merMod) else stats::deviance(merMod)
  }
  fits <- lapply(lme4_controls, fit, start = NULL)
  values <- vapply(fits, value, 0)
  if (!all(is.na(values))) {
    again <- fit(lme4_controls$bobyqa, lme4::getME(fits[[which.min(values)]], "theta"))
    values <- c(values, again = value(again))
    devfun <- quietly(lme4::lmer(
      formula, design$plain, REML = design$REML, devFunOnly = TRUE, control = do.call(lme4::lmerControl, checks)
    ))
    if (!is.null(devfun) && length(theta)) at_theta <- quietly(devfun(theta))
  }
  c(at = if (is.null(at_theta)) NA_real_ else at_theta, stats::setNames(values, paste("lme4", names(values))))
}

nlme_criterion <- function(design) {
  if (!design$structure %in% c("us", "diag")) return(NA_real_)
  inside <- stats::reformulate(c(if (design$intercept) "1" else "0", design$slopes))
  random <- if (design$structure == "us") nlme::pdSymm(inside) else nlme::pdDiag(inside)
  control <- nlme::lmeControl(
    maxIter = 500, msMaxIter = 500, msMaxEval = 2000, tolerance = 1e-10, msTol = 1e-12, opt = "nlminb"
  )
  lme <- quietly(nlme::lme(drop_environment(design$fixed), design$plain, random = list(g = random), control = control,
    method = if (design$REML) "REML" else "ML"))
  if (is.null(lme)) NA_real_ else -2 * as.numeric(stats::logLik(lme))
}
