# What arrives in `...`: nothing vanishes there. Every method and every exported function with `...`
# begins with check_dots(); the tests walk through all of them with an argument that nobody knows.

# Warns about each argument in the caller's `...` and names the nearest argument that the caller
# has. A method's object must be a fit of this version's format: all fits pass this door. `refuse`:
# raises an error, where data or a model are built. `also`: names that are honoured further down, by
# the function that `...` is handed to. `unnamed`: `...` may hold arguments without a name.
check_dots <- function(also = character(), unnamed = FALSE, refuse = FALSE) {
  frame <- parent.frame()
  caller <- sys.function(sys.parent())
  check_format(caller, frame)
  if (!eval(quote(...length()), frame)) return(invisible())
  dots <- as.list(eval(quote(substitute(list(...))), frame))[-1L]
  given <- names_or_empty(dots)
  is_empty <- vapply(dots, identical, NA, quote(expr = ))
  name <- name_of_function(caller, frame, sys.call(sys.parent()))
  known <- union(setdiff(names(formals(caller)), "..."), also)
  unknown <- setdiff(given[!is_empty | given != ""], c(also, arguments_passed_along[[name]], if (unnamed) ""))
  if (!length(unknown)) return(invisible())
  announce_arguments(unknown, name, known, refuse, frame)
}

# The generic's name in a method, the function's own name elsewhere, however it was called.
name_of_function <- function(fun, frame, call) {
  generic <- get0(".Generic", frame, inherits = FALSE)
  if (!is.null(generic)) return(generic)
  home <- environment(fun)
  own <- Find(function(name) identical(home[[name]], fun), ls(home))
  if (!is.null(own)) return(sub("[.]mixest$", "", own))
  as.character(call[[1L]])[1L]
}

announce_arguments <- function(unknown, name, known, refuse, frame) {
  message <- c("Every argument must be one that {.fn {name}} knows.", unlist(lapply(
    utils::head(unknown, 5L), function(argument) describe_argument(argument, name, known, refuse)
  )))
  if (refuse) abort_mixest(c("argument", "input"), message, frame)
  cli::cli_warn(message, class = c("mixest_argument", "mixest_warning"), call = frame)
}

# Bullets about one argument, with braces doubled: they are texts, not code.
describe_argument <- function(argument, name, known, refuse) {
  literal <- function(text) gsub("}", "}}", gsub("{", "{{", text, fixed = TRUE), fixed = TRUE)
  ignored <- if (refuse) "." else ", and ignores it."
  if (argument == "") {
    return(c(x = paste0("There are too many arguments without a name", if (!refuse) ", and they are ignored", ".")))
  }
  near <- closest_name(argument, known)
  hint <- advice_on_argument(argument, name)
  c(
    x = paste0("It has no argument {.arg ", literal(argument), "}", ignored),
    i = if (!is.null(hint)) literal(hint) else if (!is.null(near)) paste0("Did you mean {.arg ", near, "}?")
  )
}

advice_on_argument <- function(argument, name) {
  advice <- foreign_arguments[[name]]
  if (argument %in% names(advice)) advice[[argument]]
}

# Arguments of the method for fits: for what hands its `...` on to it.
arguments_of_method <- function(generic) names(formals(utils::getS3method(generic, "mixest")))

names_or_empty <- function(dots) if (is.null(names(dots))) rep("", length(dots)) else names(dots)

foreign_to_lmm <- c(
  family = "lmm() fits normal responses only.",
  method = "Use REML = TRUE or REML = FALSE.",
  random = "Random effects are part of the formula: y ~ x + (x | g).",
  fixed = "The model is the first argument: y ~ x + (x | g).",
  model = "The model is the first argument: y ~ x + (x | g).",
  correlation = "Write a structure of the random effects: ar1(0 + visit | g), cs(0 + visit | g), toep(0 + visit | g).",
  correlations = "Write a structure of the random effects: ar1(0 + visit | g), cs(0 + visit | g), toep(0 + visit | g).",
  verbose = "See convergence(fit).",
  devFunOnly = "Use devfun() of the fit.",
  keep.data = "Use control = lmm_control(keep_data = ).",
  keep_data = "Use control = lmm_control(keep_data = ).",
  threads = "Use control = lmm_control(threads = ).",
  tolerance = "Use control = lmm_control(tolerance = ).",
  max_iterations = "Use control = lmm_control(max_iterations = ).",
  starts = "Use control = lmm_control(starts = )."
)

# Arguments of functions of lme4, nlme, lmerTest and others that ours don't have, and what to use
# here: by our function, then by the name of the argument.
foreign_arguments <- list(
  lmm = foreign_to_lmm,
  update = foreign_to_lmm,
  lmm_control = c(
    optimizer = "There is one optimiser; convergence() of a fit shows what it reached.",
    opt = "There is one optimiser; convergence() of a fit shows what it reached.",
    optCtrl = "Use tolerance and max_iterations.",
    calc.derivs = "Derivatives are exact, and always computed.",
    maxIter = "Use max_iterations.",
    msMaxIter = "Use max_iterations.",
    niterEM = "There are no EM steps; max_iterations limits those of Newton's method.",
    nthreads = "Use threads.",
    cores = "Use threads."
  ),
  anova = c(
    L = "Use contest().",
    test = "The test follows from the fits: F tests of one, likelihood-ratio tests of several.",
    adjustSigma = "Use ddf."
  ),
  confint = c(
    nsim = 'It belongs to method = "boot".',
    seed = 'It belongs to method = "boot".',
    FUN = 'It belongs to method = "boot".',
    quiet = "Nothing is printed on the way.",
    verbose = "Nothing is printed on the way."
  ),
  contest = c(
    collect = "Results of several hypotheses are always collected.",
    check_estimability = "Every column of L is that of a coefficient of the fit: all hypotheses are estimable."
  ),
  ranef = c(
    postVar = "Use condVar.",
    augFrame = "Use as.data.frame() of the result.",
    standard = "Divide by the standard deviations of VarCorr()."
  ),
  influence = c(
    data = "The rows are those of the fit.",
    select = "Take rows of the result.",
    do.coef = "Everything is always computed.",
    maxfun = "Options of the fits are those of lmm_control().",
    ncores = "Threads are those of lmm_control()."
  ),
  bootstrap = c(
    use.u = "Random effects are always drawn anew.",
    re.form = "Random effects are always drawn anew.",
    ncpus = "Replicates come from condensed data, on the threads of lmm_control().",
    parallel = "Replicates come from condensed data, on the threads of lmm_control().",
    cl = "Replicates come from condensed data, on the threads of lmm_control().",
    .progress = "Use progress.",
    verbose = "Use progress."
  )
)

# Names that other packages pass along to any kind of fit: nothing is said about them.
arguments_passed_along <- list(
  coef = "complete",      # stats' generic: aliased columns are never in coef()
  fitted = "type",        # "response" and "link", the same for a linear model
  nobs = "use.fallback",  # stats::step() and BIC()
  refit = "control",      # lme4's bootMer() and what builds on it
  tidy = "parametric",    # packages that make tables, for models with smooth terms
  weights = "type"        # "prior" and "working", the same for a linear model
)

# What graphics::plot() passes on or knows itself.
graphical_parameters <- c(
  "xlab", "ylab", "main", "sub", "xlim", "ylim", "axes", "ann", "frame.plot", "panel.first", "panel.last", "asp", "log",
  "bg", "bty", "cex", "cex.axis", "cex.lab", "cex.main", "cex.sub", "col", "col.axis", "col.lab", "col.main", "col.sub",
  "family", "fg", "font", "font.axis", "font.lab", "font.main", "font.sub", "las", "lab", "lty", "lwd", "mgp", "pch",
  "tck", "tcl", "xaxp", "xaxs", "xaxt", "xpd", "yaxp", "yaxs", "yaxt"
)
