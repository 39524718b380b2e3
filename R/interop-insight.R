# insight: what easystats' packages and others ask about a model. Methods of insight for merMod that
# ask through generics are registered as they are (R/interop-register.R).

find_formula.mixest <- function(x, verbose = TRUE, ...) {
  bars <- lapply(x$random$terms, function(term) stats::as.formula(call("~", term$bar), env = environment(x$formula)))
  random <- if (length(bars) == 1L) bars[[1L]] else bars
  structure(list(conditional = formula(x, fixed.only = TRUE), random = random), class = c("insight_formula", "list"))
}

find_statistic.mixest <- function(x, ...) "t-statistic"

# The default takes the third column of the coefficient table, which is the degrees of freedom.
get_statistic.mixest <- function(x, ...) {
  table <- coefficient_table(x)
  statistic <- data.frame(Parameter = rownames(table), Statistic = unname(table[, "t value"]))
  structure(statistic, statistic = "t-statistic")
}

# `type` as insight names the methods. `df_per_obs`: for each row of `data` those of its population
# mean.
get_df.mixest <- function(x, type = "residual", verbose = TRUE, df_per_obs = FALSE, data = NULL, ...) {
  type <- lower_case(if (is.null(type)) "residual" else type)
  ddf <- switch(
    type, satterthwaite = type, kr = , kenward = , `kenward-roger` = "kenward-roger", residual = , wald = , normal = ,
    asymptotic = , z = , model = , analytical = , any = , fit = , profile = , boot = , uniroot = "none",
    abort_mixest("input", c(
      "{.arg type} must be a kind of degrees of freedom that a fit of {.fn lmm} has.",
      x = "It is {.val {type}}.",
      i = "There are {.val satterthwaite}, {.val kenward}, {.val residual}, {.val normal} and {.val model}."
    ), environment())
  )
  if (ddf == "none") {
    return(switch(
      type, normal = , asymptotic = , z = Inf, model = n_estimated(x), x$df.residual
    ))
  }
  method <- df_method(x, ddf)
  if (df_per_obs) return(t_df(method, unname(fixed_matrix(x, data))))
  p <- length(x$coefficients)
  stats::setNames(t_df(method, diag(1, p, p)), names(x$coefficients))
}

# The variables of the model from the fit itself, whatever has become of the original data.
get_data.mixest <- function(x, effects = "all", ...) {
  frame <- kept_frame(x)
  groups <- unique(unlist(lapply(x$random$terms, `[[`, "variables")))
  if (effects == "fixed") frame <- frame[setdiff(names(frame), setdiff(groups, names(fixed_frame(x))))]
  if (effects == "random") frame <- frame[intersect(names(frame), groups)]
  attr(frame, "terms") <- NULL
  attr(frame, "na.action") <- NULL
  original_columns(x, frame)
}

is_converged.mixest <- function(x, ...) {
  certificate <- convergence(x)
  structure(isTRUE(certificate$converged), gradient = certificate$gradient)
}

find_algorithm.mixest <- function(x, ...) {
  list(algorithm = if (x$REML) "REML" else "ML", optimizer = "trust-region Newton")
}

get_deviance.mixest <- function(x, ...) deviance(x, REML = FALSE)

get_intercept.mixest <- function(x, ...) {
  if ("(Intercept)" %in% names(x$coefficients)) x$coefficients[["(Intercept)"]] else NA_real_
}

find_weights.mixest <- function(x, ...) if (!is.null(x$call[["weights"]])) all.vars(x$call[["weights"]])

get_simulated.mixest <- function(x, data = NULL, iterations = 1, seed = NULL, include_random = TRUE, ...) {
  new <- if (is.null(data)) list() else list(newdata = data)
  do.call(
    stats::simulate, c(list(x, nsim = iterations, seed = seed, re.form = if (isTRUE(include_random)) NULL else NA), new)
  )
}

# The same random part without fixed effects but the intercept, for R2 and ICC.
null_model.mixest <- function(model, verbose = TRUE, ...) {
  change <- stats::update.formula(model$formula, stats::as.formula(call("~", call("+", 1, formula(
    model, random.only = TRUE
  )[[2L]]))))
  suppressMessages(update(model, change))
}
