# Backward elimination by tests: random-effects terms first, then fixed ones.

#' Backward elimination of terms
#'
#' Leaves out, one at a time, the random-effects term with the largest p-value of [ranova()] above
#' `alpha.random`, then the term of the fixed part with the largest p-value of its F test above
#' `alpha.fixed`. It is registered as a method of lmerTest's generic `step()`, too; without
#' lmerTest, [stats::step()] selects the fixed part by AIC.
#'
#' Tests after a selection are too optimistic: use it to describe, not to confirm.
#'
#' @param fit a fit returned by [lmm()].
#' @param ddf degrees of freedom of the F tests, see [df_for()].
#' @param alpha.random,alpha.fixed numeric in (0, 1): p-values above which terms go. Default 0.1 and
#'   0.05.
#' @param reduce.random,reduce.fixed logical: are random-effects terms, terms of the fixed part to
#'   be eliminated? Default `TRUE`.
#' @param keep character: terms of the fixed part that stay.
#' @param x what `step_lmm()` returned.
#' @param ... for `print()`, `digits` and `signif.stars`; otherwise must be empty.
#' @details The last random-effects term stays. P-values of random-effects terms are those of
#'   [ranova()], which know that a variance can't be negative; lmerTest's are larger.
#' @return List of class `c("mixest_step", "step_list")` with data frames `random` and `fixed`: the
#'   tests, with the step in which each term was eliminated (0: it was not; the first row of
#'   `random` is the fit itself), in the columns of lmerTest; attribute `model` is the fit that is
#'   left, also by lmerTest's `get_model()`.
#' @seealso [drop1.mixest()], [ranova()]
#' @examples
#' fit <- lmm(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' found <- step_lmm(fit)
#' found
#' attr(found, "model")
#' @export
step_lmm <- function(fit, ddf = "satterthwaite", alpha.random = 0.1, alpha.fixed = 0.05, reduce.random = TRUE,
                     reduce.fixed = TRUE, keep = character(), ...) {
  user <- environment()
  check_dots()
  check_fit(fit, "step_lmm")
  check_probability(alpha.random, "alpha.random")
  check_probability(alpha.fixed, "alpha.fixed")
  check_flag(reduce.random, "reduce.random")
  check_flag(reduce.fixed, "reduce.fixed")
  ddf <- check_choice(match_ddf(ddf), "ddf", c("satterthwaite", "kenward-roger", "residual"), user)
  random <- eliminate_random(fit, if (reduce.random) alpha.random else 1)
  fixed <- eliminate_fixed(random$fit, if (reduce.fixed) alpha.fixed else 1, ddf, keep, user)
  structure(
    list(random = random$table, fixed = fixed$table), model = fixed$fit, ddf = ddf,
    class = c("mixest_step", "step_list")
  )
}

# lmerTest's generic.
step.mixest <- function(object, ...) step_lmm(object, ...)

# list(fit, table)
eliminate_random <- function(fit, alpha) {
  gone <- list()
  whole <- cbind(Eliminated = NA, as.data.frame(ranova(fit))[1L, ])
  repeat {
    tests <- ranova(fit)
    p <- tests[["Pr(>Chisq)"]][-1L]
    worst <- which.max(p)
    last <- length(fit$random$terms) == 1L && random_reductions(fit, TRUE)[[worst]]$whole
    if (!length(worst) || p[worst] <= alpha || last) break
    gone <- c(gone, list(cbind(Eliminated = length(gone) + 1L, as.data.frame(tests)[worst + 1L, , drop = FALSE])))
    fit <- suppressMessages(update(fit, formula_without(fit, random_reductions(fit, TRUE)[[worst]])))
  }
  left <- cbind(Eliminated = 0, as.data.frame(tests))
  list(fit = fit, table = do.call(rbind, c(list(whole), gone, list(left[-1L, ]))))
}

# The formula of the model that a reduction of R/infer-ranova.R leaves.
formula_without <- function(fit, reduction) {
  bars <- lapply(fit$random$terms, written_term)
  own <- fit$random$terms[[reduction$term]]
  if (reduction$whole) {
    bars <- bars[-reduction$term]
  } else {
    label <- sub(" in [^ ]*[(].*$", "", reduction$label)
    effects <- stats::update.formula(call_formula(own$bar[[2L]]), stats::as.formula(paste("~ . -", label)))[[2L]]
    if (is.null(reduction$columns)) effects <- 1
    own$bar <- call("|", effects, own$bar[[3L]])
    bars[[reduction$term]] <- written_term(own)
  }
  fixed <- formula(fit, fixed.only = TRUE)
  fixed[[3L]] <- Reduce(function(left, right) call("+", left, right), bars, fixed[[3L]])
  environment(fixed) <- environment(fit$formula)
  fixed
}

call_formula <- function(expression) stats::as.formula(call("~", expression))

eliminate_fixed <- function(fit, alpha, ddf, keep, call) {
  gone <- list()
  repeat {
    candidates <- setdiff(stats::drop.scope(fit$terms), keep)
    if (!length(candidates)) break
    tests <- F_tests_of_terms(fit, candidates, ddf, call)
    worst <- which.max(tests[["Pr(>F)"]])
    if (!length(worst) || tests[["Pr(>F)"]][worst] <= alpha) break
    gone <- c(gone, list(cbind(Eliminated = length(gone) + 1L, as.data.frame(tests)[worst, , drop = FALSE])))
    fit <- suppressMessages(update(fit, stats::as.formula(paste(". ~ . -", candidates[worst]))))
  }
  left <- if (length(candidates)) cbind(Eliminated = 0, as.data.frame(tests))
  list(fit = fit, table = do.call(rbind, c(gone, list(left))))
}

#' @rdname step_lmm
#' @export
print.mixest_step <- function(x, ...) {
  check_dots(c("digits", "signif.stars"))
  cat("Backward elimination of random-effects terms\n")
  print(unclass_table(x$random), ...)
  cat("\nBackward elimination of fixed terms", df_phrase(attr(x, "ddf")), "\n", sep = "")
  if (is.null(x$fixed)) cat("There are none.\n") else print(unclass_table(x$fixed), ...)
  cat("\nModel found:\n", deparse1(formula(attr(x, "model"))), "\n", sep = "")
  invisible(x)
}

unclass_table <- function(table) structure(table, class = c("anova", "data.frame"), heading = NULL)
