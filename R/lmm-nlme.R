# nlme's way to write a model: the error says which line to write instead.

# lmm(y ~ x, random = ~ x | g)
refuse_nlme <- function(call, user) {
  if (!"random" %in% names(call)) return(invisible())
  formula <- if (is.null(call$fixed)) call$formula else call$fixed
  bars <- bars_of_nlme(call$random)
  line <- if (!is.null(bars) && call_name(formula) == "~" && length(formula) == 3L) {
    formula[[3L]] <- Reduce(function(left, bar) call("+", left, bar), bars, formula[[3L]])
    call$fixed <- call$random <- NULL
    call[[1L]] <- quote(lmm)
    call$formula <- NULL
    deparse1(as.call(append(as.list(call), list(formula), 1L)))
  }
  refuse_nlme_line(line, user)
}

# update(fit, random = ~ x | g)
refuse_nlme_update <- function(written, fit, user) {
  if (!"random" %in% names(written)) return(invisible())
  bars <- bars_of_nlme(written$random)
  had <- split_random(fit$formula[[3L]], environment(fit$formula), user)$random
  line <- if (!is.null(bars)) {
    right <- Reduce(function(left, term) call("-", left, term), had, quote(.))
    right <- Reduce(function(left, bar) call("+", left, bar), bars, right)
    paste0("update(fit, ", deparse1(call("~", quote(.), right)), ")")
  }
  refuse_nlme_line(line, user)
}

# Terms of lmm() for nlme's ~ x | g, list(g = ~ x) and list(g = pdDiag(~ x)), as written; NULL for
# what is none of these.
bars_of_nlme <- function(random) {
  if (call_name(random) == "~" && is_bar(random[[2L]])) return(list(call("(", random[[2L]])))
  if (call_name(random) != "list" || is.null(names(random))) return(NULL)
  bars <- Map(function(term, group) {
    structure <- default_structure
    kind <- if (is.call(term)) sub("^nlme::", "", deparse1(term[[1L]])) else ""
    same <- Filter(function(row) kind %in% row$nlme, covariance_structures)
    if (length(same)) {
      structure <- names(same)
      term <- term[[2L]]
    }
    if (call_name(term) != "~" || length(term) != 2L) return(NULL)
    written_term(list(structure = structure, bar = call("|", term[[2L]], as.name(group))))
  }, as.list(random)[-1L], names(random)[-1L])
  if (any(vapply(bars, is.null, NA))) NULL else unname(bars)
}

refuse_nlme_line <- function(line, user) {
  abort_mixest(c("argument", "input"), c(
    "Random effects must be part of the formula.", x = "There is no argument {.arg random}.",
    i = if (is.null(line)) "Write {.code y ~ x + (x | g)}." else "Write {.code {line}}."
  ), user)
}
