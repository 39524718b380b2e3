# Fits the reference cases with two installed builds and compares the results to the last bit.
#
#   Rscript tools/compare_builds.R LIB_BEFORE LIB_AFTER [REFERENCE]
#
# LIB_BEFORE and LIB_AFTER are the libraries in which the builds are installed, REFERENCE the folder
# with the reference cases (default ../shared/reference). Each build runs in an R process of its own
# and is asked through exported functions only. A case that can't be fitted counts as equal when
# both builds refuse it with the same classes of condition. Prints how many results are equal, names
# those that are not, and exits with status 1 when there are any.

quiet <- function(expr) suppressWarnings(suppressMessages(expr))

# The value of `expr`, or the classes of the error that it ends with.
attempt <- function(expr) tryCatch(quiet(expr), error = function(e) class(e))

fit_case <- function(case) {
  options(contrasts = c(if (is.na(case$contrasts)) "contr.treatment" else case$contrasts, "contr.poly"))
  data <- quiet(as.data.frame(eval(parse(text = case$data), globalenv())))
  arguments <- list(stats::as.formula(case$formula), data = data, REML = case$method == "REML")
  if (!is.na(case$weights)) arguments$weights <- data[[case$weights]]
  do.call(mixest::lmm, arguments)
}

# Everything about one fit that is compared.
results <- function(case) {
  fit <- attempt(fit_case(case))
  if (!inherits(fit, "mixest")) return(list(fit = fit))
  df <- function(method) attempt(stats::coef(summary(fit, ddf = method))[, "df"])
  list(
    deviance = attempt(stats::deviance(fit)),
    theta = attempt(mixest::getME(fit, "theta")),
    beta = attempt(mixest::fixef(fit)),
    sigma = attempt(stats::sigma(fit)),
    se = attempt(sqrt(diag(as.matrix(stats::vcov(fit))))),
    satterthwaite = df("satterthwaite"),
    `kenward-roger` = df("kenward-roger"),
    blups = attempt(lapply(mixest::ranef(fit), as.matrix))
  )
}

# The results of all cases with the build in `library`, saved to `file`.
run_build <- function(library, reference, file) {
  .libPaths(c(library, .libPaths()))
  loaded <- dirname(getNamespaceInfo(quiet(loadNamespace("mixest")), "path"))
  if (normalizePath(loaded) != normalizePath(library)) stop("no mixest is installed in ", library)
  quiet(attachNamespace("mixest"))
  # load_data.R and helpers.R read the data relative to REFDIR
  assign("REFDIR", reference, globalenv())
  for (script in c("load_data.R", "helpers.R")) source(file.path(reference, script), globalenv())
  cases <- utils::read.csv(
    file.path(reference, "expected_fits.csv"),
    colClasses = "character", na.strings = c("NA", "")
  )
  out <- lapply(split(cases, seq_len(nrow(cases))), results)
  names(out) <- paste(cases$case, cases$method)
  saveRDS(out, file)
}

run_in_new_process <- function(library, reference) {
  self <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  status <- system2(
    file.path(R.home("bin"), "Rscript"),
    shQuote(c(self, "--run", library, reference, file))
  )
  if (status != 0) stop("the build in ", library, " could not be run")
  readRDS(file)
}

# One row for each result of each case: is it the same to the last bit?
compare <- function(before, after) {
  stopifnot(identical(names(before), names(after)))
  rows <- lapply(names(before), function(case) {
    what <- union(names(before[[case]]), names(after[[case]]))
    same <- vapply(what, function(x) {
      identical(before[[case]][[x]], after[[case]][[x]], num.eq = FALSE, single.NA = FALSE)
    }, NA)
    data.frame(case, what, same, numeric = vapply(before[[case]][what], Negate(is.character), NA))
  })
  do.call(rbind, rows)
}

arguments <- commandArgs(TRUE)
if (identical(arguments[1], "--run")) {
  run_build(arguments[2], arguments[3], arguments[4])
} else if (length(arguments) %in% 2:3) {
  libraries <- normalizePath(arguments[1:2], mustWork = TRUE)
  reference <- if (length(arguments) == 3) arguments[3] else file.path("..", "shared", "reference")
  reference <- normalizePath(reference, mustWork = TRUE)
  compared <- compare(run_in_new_process(libraries[1], reference), run_in_new_process(libraries[2], reference))
  counts <- t(vapply(split(compared, factor(compared$what, unique(compared$what))), function(rows) {
    c(compared = nrow(rows), equal = sum(rows$same), refused = sum(!rows$numeric))
  }, numeric(3)))
  print(counts)
  different <- compared[!compared$same, ]
  if (nrow(different)) {
    cat("\nDifferent", if (nrow(different) > 40) "(the first 40)", ":\n")
    print(utils::head(different[c("case", "what")], 40), row.names = FALSE)
  }
  cat(sprintf("\n%d of %d results are equal to the last bit\n", sum(compared$same), nrow(compared)))
  quit(status = as.integer(nrow(different) > 0))
} else {
  stop("usage: Rscript tools/compare_builds.R LIB_BEFORE LIB_AFTER [REFERENCE]")
}
