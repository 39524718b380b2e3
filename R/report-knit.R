#' Fits in documents
#'
#' In a document of knitr (R Markdown, Quarto) a fit, its summary, [VarCorr()], [ranef()] and
#' [anova()] become tables, in HTML, PDF and Word alike, without a call: the object at the end of
#' a line of code is enough.
#'
#' @param x a fit returned by [lmm()], or what `summary()`, `VarCorr()`, `ranef()` or `anova()` of
#'   fits returned.
#' @param ... `options` and `inline`, which knitr gives. Any other argument gives a warning of class
#'   `mixest_argument`, and is ignored.
#' @details An estimate has as many decimals as its standard error needs for two significant digits,
#' a statistic has two, a p-value three: below .001 it is `< .001`. `ranef()` shows the first six
#' levels of each grouping factor and says how many there are. The numbers in full are in the
#' objects: `coef(summary(fit))`, `as.data.frame(VarCorr(fit))`, `as.data.frame(ranef(fit))`.
#'
#' `options(mixest.knit = "text")` gives the printed text in place of tables, and so do documents in
#' other languages than Markdown (Sweave). `print(x)` in a document gives it once.
#' @return Markdown of class `"knit_asis"`.
#' @examples
#' fit <- lmm(mathach ~ meanses + sector + cses + (cses | school), data = MathAchieve)
#' if (requireNamespace("knitr", quietly = TRUE)) cat(knitr::knit_print(summary(fit)))
#' @name knit_print.mixest
NULL

# Registered for knitr's generic (R/interop-register.R).
knit_print.mixest <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  table <- coefficient_table(x)[, c("Estimate", "Std. Error"), drop = FALSE]
  uncertain <- isSingular(x) || !isTRUE(x$certificate$converged)
  knit_parts(
    x, header_in_words(x), knitted_coefficients(table, "Estimates of fixed effects"), knitted_components(VarCorr(x)),
    if (uncertain) markdown_text(convergence(x)$message)
  )
}

knit_print.summary.mixest <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  by_REML <- if (x$by_REML && !x$REML) ", by REML"
  title <- paste0("Estimates of fixed effects", robust_phrase(x), df_phrase(x$ddf), by_REML)
  knit_parts(
    x, header_in_words(x), criterion_in_words(x), knitted_coefficients(x$coefficients, title),
    knitted_components(x$varcor), markdown_text(x$convergence$message)
  )
}

knit_print.VarCorr.mixest <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  knit_parts(x, knitted_components(x))
}

knit_print.ranef.mixest <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  columns <- attr(x, "columns")
  knit_parts(x, unlist(lapply(names(x), function(group) {
    knitted_effects(undrop(x[[group]], columns[[group]]), group)
  })))
}

knit_print.anova.mixest <- function(x, ...) {
  check_dots(also = c("options", "inline"), unnamed = TRUE)
  text <- vapply(names(x), function(name) format_test_column(x[[name]], name), character(nrow(x)))
  text <- matrix(text, nrow(x), dimnames = list(NULL, names(x)))
  heading <- attr(x, "heading")
  heading <- unlist(strsplit(heading, "\n", fixed = TRUE))
  heading <- heading[nzchar(heading)]
  table <- data.frame(Term = row.names(x), text, check.names = FALSE)
  if ("Chisq" %in% names(x)) names(table)[1L] <- "Model"
  names(table)[startsWith(names(table), "Pr(")] <- "p"
  # A backslash at the end of a line keeps the line in Markdown.
  knit_parts(x, paste(markdown_text(heading), collapse = "\\\n"), knitted_table(table, ""))
}

# The parts as one piece of Markdown, or the printed text where that is wanted.
knit_parts <- function(x, ...) {
  language <- knitr::opts_knit$get("out.format")
  if (identical(getOption("mixest.knit"), "text") || !(is.null(language) || language %in% c("markdown", "jekyll"))) {
    return(knitr::normal_print(x))
  }
  knitr::asis_output(paste0("\n\n", paste(c(...), collapse = "\n\n"), "\n\n"))
}

# `x`: a fit or its summary.
header_in_words <- function(x) {
  groups <- lengths(x$random$groups)
  paste0(
    "Linear mixed model fit by ", if (x$REML) "REML" else "maximum likelihood", ": `", deparse1(x$formula), "`. ",
    format_whole(x$stats$n_obs), " observations, ",
    paste(format_whole(groups), "levels of", markdown_text(names(groups)), collapse = ", "), "."
  )
}

criterion_in_words <- function(x) {
  values <- x$AICtab
  names <- ifelse(names(values) == "REML", "REML criterion", names(values))
  decimals <- ifelse(names(values) == "df.resid", 0L, 1L)
  paste0(paste(names, format_decimals(values, decimals), collapse = ", "), ".")
}

# `table`: as coef(summary(fit)), or its first columns.
knitted_coefficients <- function(table, title) {
  if (!nrow(table)) return(paste0(markdown_text(title), ": none."))
  error <- table[, "Std. Error"]
  text <- data.frame(Term = rownames(table), Estimate = format_estimates(table[, "Estimate"], error))
  text$SE <- format_estimates(error, error)
  if ("df" %in% colnames(table)) text$df <- format_df(table[, "df"])
  if ("t value" %in% colnames(table)) text$t <- format_decimals(table[, "t value"], 2L)
  if ("Pr(>|t|)" %in% colnames(table)) text$p <- format_p(table[, "Pr(>|t|)"])
  knitted_table(text, title)
}

knitted_components <- function(x) {
  matrices <- unclass(x)
  rows <- as.data.frame(x)
  rows <- rows[is.na(rows$var2), ]
  text <- data.frame(
    Group = ifelse(duplicated(rows$grp), "", rows$grp), Effect = ifelse(is.na(rows$var1), "", rows$var1),
    Variance = format_estimates(rows$vcov, 2 * rows$sdcor * rows$std.error),
    SD = format_estimates(rows$sdcor, rows$std.error), SE = format_estimates(rows$std.error, rows$std.error)
  )
  names(text)[5L] <- "SE of SD"
  correlations <- correlation_columns(matrices, nrow(text))
  if (!is.null(correlations)) {
    names <- c(names(text), colnames(correlations))
    text <- stats::setNames(data.frame(text, correlations), names)
  }
  knitted_table(text, "Random effects")
}

# The first levels of a grouping factor. `effects`: data frame, levels x effects.
knitted_effects <- function(effects, group, shown = 6L) {
  m <- nrow(effects)
  numbers <- vapply(effects, function(effect) {
    spread <- sqrt(mean(effect^2))
    format_estimates(effect, rep(spread / 10, m))[seq_len(min(shown, m))]
  }, character(min(shown, m)))
  numbers <- matrix(numbers, ncol = length(effects), dimnames = list(NULL, names(effects)))
  title <- paste("Random effects of", group)
  if (m > shown) title <- paste0(title, ": the first ", shown, " of ", format_whole(m), " levels")
  text <- data.frame(utils::head(rownames(effects), shown), numbers, check.names = FALSE)
  names(text)[1L] <- group
  knitted_table(text, title)
}

# First a column of names. `text`: data frame of character columns, not yet Markdown.
knitted_table <- function(text, title) {
  text[] <- lapply(text, markdown_text)
  names(text) <- markdown_text(names(text))
  left <- !vapply(text, function(column) any(grepl("^(\\\\< )?-?[0-9.,]+(e[-+][0-9]+)?$", column)), NA)
  left[1L] <- TRUE
  table <- knitr::kable(
    text, format = "pipe", row.names = FALSE, align = ifelse(left, "l", "r"),
    caption = if (nzchar(title)) markdown_text(title)
  )
  paste(as.character(table), collapse = "\n")
}

# Text that Markdown shows as it is.
markdown_text <- function(text) {
  text <- gsub("([\\\\`*_{}\\[\\]<>^~$#@])", "\\\\\\1", text, perl = TRUE)
  gsub("|", "&#124;", text, fixed = TRUE)
}

# Numbers as journals print them.

format_whole <- function(x) trimws(format(x, big.mark = ",", scientific = FALSE))

# With two significant digits of the standard error; three of the estimate where there is none.
format_estimates <- function(x, error) {
  known <- is.finite(error) & error > 0
  size <- ifelse(known, error, abs(x) / 10)
  size <- ifelse(is.finite(size) & size > 0, size, 1)
  format_decimals(x, 1L - floor(log10(size)))
}

# Very small and very large numbers get an exponent.
format_decimals <- function(x, decimals) {
  decimals <- pmin(rep_len(pmax(decimals, 0L), length(x)), 15L)
  text <- mapply(function(value, digits) {
    if (is.na(value)) return("")
    if (digits > 7L || abs(value) >= 1e9) return(formatC(value, digits = 2L, format = "e"))
    formatC(value, digits = digits, format = "f", big.mark = ",")
  }, unname(x), decimals)
  sub("^-(0([.]0*)?)$", "\\1", as.character(text))
}

format_df <- function(x) format_decimals(x, ifelse(is.na(x) | x >= 100, 0L, 1L))

format_p <- function(p) {
  text <- sub("^0", "", formatC(p, digits = 3L, format = "f"))
  ifelse(is.na(p), "", ifelse(p < 0.001, "< .001", text))
}

# A column of a table of tests, by its name.
format_test_column <- function(x, name) {
  if (startsWith(name, "Pr(")) return(format_p(x))
  if (!is.numeric(x)) return(as.character(x))
  if (name %in% c("DenDF", "df")) return(format_df(x))
  if (all(is.na(x) | x == round(x))) return(ifelse(is.na(x), "", format_whole(x)))
  if (name %in% c("Sum Sq", "Mean Sq")) return(format_estimates(x, abs(x) / 100))
  format_decimals(x, if (name %in% c("AIC", "BIC", "logLik", "deviance")) 1L else 2L)
}
