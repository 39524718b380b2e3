# The parameters of a fit as intervals, profiles and standard errors name and order them: standard
# deviations and correlations of the random effects, sigma, fixed effects.
#
# value: data frame, one row each
#   name                   "sd_(Intercept)|school", "cor_cses.(Intercept)|school" (lme4 with
#                          oldNames = FALSE), "sigma", names of the fixed effects
#   kind                   "sd", "cor", "sigma", "fixed"
#   term, row, column      the term, and effects of the term with this standard deviation (row =
#                          column) or correlation
#   first, second          how the core counts them: the effect (sd), both effects or the number of
#                          the correlation (cor), the coefficient (fixed)
interval_parameters <- function(fit) {
  terms <- lapply(seq_along(fit$random$terms), function(t) term_parameters(fit$random$terms[[t]], t))
  fixed <- seq_along(fit$coefficients)
  rbind(
    do.call(rbind, terms),
    parameter_rows("sigma", "sigma", 0L, 0L, 0L, 0L, 0L),
    parameter_rows(names(fit$coefficients), rep(
      "fixed", length(fixed)
    ), rep(0L, length(fixed)), 0L[fixed], 0L[fixed], fixed, rep(0L, length(fixed)))
  )
}

parameter_rows <- function(name, kind, term, row, column, first, second) {
  data.frame(
    name = as.character(name), kind = kind, term = term, row = row, column = column, first = first, second = second
  )
}

term_parameters <- function(term, number) {
  q <- length(term$names)
  common <- q > 1L && term$structure %in% c("homdiag", "homcs", "ar1")
  triangle <- which(lower.tri(diag(q), diag = TRUE), arr.ind = TRUE)
  row <- unname(triangle[, "row"])
  column <- unname(triangle[, "col"])
  sd <- row == column
  second <- ifelse(sd, 0L, column)
  name <- ifelse(sd, paste0("sd_", term$names[row]), paste0("cor_", term$names[row], ".", term$names[column]))
  keep <- switch(term$structure, us = TRUE, diag = , homdiag = sd, TRUE)
  if (term$structure != "us" && q > 2L && !term$structure %in% c("diag", "homdiag")) {
    # Correlations belong to lags: the pairs (1 + lag, 1) stand for them.
    lags <- if (term$structure == "toep") q - 1L else 1L
    keep <- sd | column == 1L & row <= 1L + lags
    name <- ifelse(sd, name, if (lags > 1L) paste0("cor", row - 1L) else "cor")
    second <- ifelse(sd, 0L, row - 1L)
  } else if (term$structure %in% c("homcs", "ar1")) {
    second <- ifelse(sd, 0L, 1L)
  }
  if (common) {
    keep <- keep & (!sd | row == 1L)
    name <- ifelse(sd, "sd", name)
  }
  first <- row
  chosen <- which(rep_len(keep, length(sd)))
  if (term$structure != "us" && q > 2L) chosen <- chosen[order(!sd[chosen])]
  parameter_rows(
    paste0(name[chosen], "|", term$label), ifelse(sd[chosen], "sd", "cor"), number, row[chosen], column[chosen],
    first[chosen], as.integer(second[chosen])
  )
}

# Rows of `parameters` that `parm` asks for: names, numbers, "theta_" (all but fixed effects) or
# "beta_".
choose_parameters <- function(parameters, parm, call) {
  if (is.null(parm)) return(parameters)
  if (is.numeric(parm)) {
    chosen <- seq_along(parameters$name)[parm]
  } else {
    parm <- unlist(lapply(as.character(parm), function(one) {
      switch(
        one, theta_ = parameters$name[parameters$kind != "fixed"], beta_ = parameters$name[parameters$kind == "fixed"],
        one
      )
    }))
    chosen <- match(parm, parameters$name)
  }
  if (!anyNA(chosen)) return(parameters[chosen, ])
  wrong <- list_names(parm[is.na(chosen)])
  abort_mixest("input", c(
    "{.arg parm} must name parameters of the fit.", x = "Can't find {wrong}.",
    i = "The parameters are {list_names(parameters$name)}."
  ), call)
}
