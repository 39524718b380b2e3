# The fit object: a plain list of class "mixest". Other packages read `call`, `coefficients`,
# `terms`, `formula`, `contrasts`, `xlevels`, `na.action`, `df.residual`, `rank` and the attribute
# `cluster`. `$` matches names partially, so no other element may begin with "model", "weights",
# "data" or "family". No environments are kept but that of the formula and, in the attribute
# `namespace`, the package's own: readRDS(), load() and the transfer to a worker process then load
# the package, so that its methods are there for a fit that comes from elsewhere.
#
# frame    the model frame or NULL; estimates as of fit_model(). fixed_names: those of all columns
#          of X, the dropped ones in their place
# options  list: the values that the arguments REML, control, contrasts, na.action and start had;
#          start is NULL or list(theta)
new_mixest <- function(call, parsed, frame, design, stats, estimates, options) {
  names <- design$fixed$names
  aliased <- names[estimates$aliased]
  coefficients <- stats::setNames(estimates$beta, names)[!estimates$aliased]
  rownames(estimates$beta_factor) <- names(coefficients)
  rank <- length(coefficients)
  fit <- list(
    call = call,
    formula = parsed$formula,
    coefficients = coefficients,
    fixed_names = names,
    terms = design$fixed$terms,
    contrasts = design$fixed$contrasts,
    xlevels = design$fixed$xlevels,
    na.action = attr(frame, "na.action"),
    df.residual = stats$n_obs - rank - length(estimates$theta) - 1,
    rank = rank,
    aliased = aliased,
    REML = options$REML,
    theta = estimates$theta,
    sigma = estimates$sigma,
    deviance = estimates$deviance,
    lambda = estimates$lambda,
    beta_factor = estimates$beta_factor,
    random = design$random,
    stats = stats,
    certificate = estimates$certificate,
    frame = if (options$control$keep_data) frame,
    control = options$control,
    arguments = options[c("contrasts", "na.action", "start")],
    new_response = isTRUE(parsed$new_response),
    format = fit_format
  )
  structure(
    fit,
    class = "mixest", cluster = if (options$control$keep_data) row_groups(design), namespace = topenv()
  )
}

# The values of the arguments of a fit, as new_mixest() takes them.
fit_options <- function(fit) c(unclass(fit)[c("REML", "control")], fit$arguments)

# The level of the outermost grouping factor for each row, where sandwich::vcovCL() looks for
# clusters.
row_groups <- function(design) {
  outer <- outer_factor(design$random)
  codes <- design[["codes"]][[outer]]
  if (is.null(codes)) NULL else structure(codes, levels = design$random$groups[[outer]], class = "factor")
}
