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
  none <- 0L * fixed
  rbind(
    do.call(rbind, terms),
    parameter_rows("sigma", "sigma", 0L, 0L, 0L, 0L, 0L),
    parameter_rows(names(fit$coefficients), rep("fixed", length(fixed)), none, none, none, fixed, none)
  )
}

parameter_rows <- function(name, kind, term, row, column, first, second) {
  data.frame(
    name = as.character(name), kind = kind, term = term, row = row, column = column, first = first, second = second
  )
}

# With all pairs the order is that of lme4: down the columns of the triangle. Otherwise the standard
# deviations come first.
term_parameters <- function(term, number) {
  q <- length(term$names)
  sds <- seq_len(n_sds(term$structure, q))
  pairs <- correlation_pairs(term$structure, q)
  by_pair <- q == 2L || is_triangle(term$structure)
  name <- c(
    if (length(sds) == q) paste0("sd_", term$names) else "sd",
    if (by_pair) {
      sprintf("cor_%s.%s", term$names[pairs[, "row"]], term$names[pairs[, "column"]])
    } else {
      correlation_names(term$structure, q)
    }
  )
  row <- c(sds, pairs[, "row"])
  column <- c(sds, pairs[, "column"])
  second <- c(0L * sds, if (by_pair) pairs[, "column"] else seq_len(nrow(pairs)))
  parameters <- parameter_rows(
    paste0(name, "|", term$label), ifelse(row == column, "sd", "cor"), number, row, column, row, as.integer(second)
  )
  if (by_pair) parameters[order(column, row), ] else parameters
}

# Rows of `parameters` that `parm` asks for: names, numbers, "theta_" (all but fixed effects) or
# "beta_".
# Of `n` rows, those of these numbers, or all but those of negative numbers; NA where there is none.
numbers_chosen <- function(numbers, n) {
  if (isTRUE(all(numbers < 0 & numbers == trunc(numbers)))) seq_len(n)[numbers] else match(numbers, seq_len(n))
}

choose_parameters <- function(parameters, parm, call) {
  if (is.null(parm)) return(parameters)
  if (is.numeric(parm)) {
    chosen <- numbers_chosen(parm, nrow(parameters))
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

# Of independent rows; weights of 0 don't count.
residual_df <- function(fit) fit$stats$n_obs - fit$rank
