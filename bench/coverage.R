# How often intervals for fixed effects cover, and how often tests of a random intercept reject, in
# small data. Run from the package's root folder:
#   Rscript bench/coverage.R [data sets = 10000]
#   [of them with profile and bootstrap intervals = 1000] [of these also by lme4 = 60]
# Six groups of 2 to 8 rows, an intercept, a covariate within groups and one between them, a random
# intercept of the same variance as the residuals. Some minutes, most of them lme4's. Writes the
# table bench/coverage.md. With the argument "predictions": bench/coverage_predictions.R instead.
if (identical(commandArgs(TRUE)[1], "predictions")) {
  source("bench/coverage_predictions.R")
  quit("no")
}
given <- as.integer(commandArgs(TRUE))
counts <- c(10000L, 1000L, 60L)
counts[seq_along(given)] <- given
names(counts) <- c("all", "intervals", "lme4")
for (package in c("mixest", "lme4")) suppressPackageStartupMessages(library(package, character.only = TRUE))

set.seed(20)
sizes <- c(2, 3, 4, 5, 7, 8)
design <- data.frame(
  g = gl(6, 1)[rep(1:6, sizes)], x = rnorm(sum(sizes)), z = rep(c(-1.2, 0.4, 1, -0.5, -0.3, 0.8), sizes)
)
beta <- c(1, 0.5, -1)
X <- model.matrix(~ x + z, design)
draw_responses <- function(n, sd_group) {
  drop(X %*% beta) + sd_group * matrix(rnorm(6 * n), 6)[design$g, ] + matrix(rnorm(nrow(X) * n), nrow(X))
}

template <- suppressMessages(mixest::lmm(y ~ x + z + (1 | g), transform(design, y = draw_responses(1, 1)[, 1])))

# Applies `one` to the fit of every column, a thousand at a time; rows of the result belong to
# columns.
over_fits <- function(responses, one) {
  blocks <- split(seq_len(ncol(responses)), (seq_len(ncol(responses)) - 1) %/% 1000)
  do.call(rbind, lapply(blocks, function(columns) {
    fits <- suppressMessages(mixest::refit(template, cbind(responses[, columns])))
    if (inherits(fits, "mixest")) fits <- list(fits)
    do.call(rbind, lapply(fits, one))
  }))
}

covers <- function(ends) as.numeric(ends[, 1] <= beta & beta <= ends[, 2])
by_method <- function(ddf) function(fit) {
  tests <- mixest::contest(fit, diag(3), joint = FALSE, ddf = ddf)
  covers(cbind(tests$lower, tests$upper))
}
by_profile <- function(fit) covers(suppressMessages(confint(fit, "beta_")))
by_bootstrap <- function(nsim) function(fit) covers(
  suppressWarnings(confint(fit, "beta_", method = "boot", nsim = nsim, seed = 1))
)

covered_by_lme4 <- function(y, nsim) {
  fit <- suppressMessages(lme4::lmer(y ~ x + z + (1 | g), transform(design, y = y)))
  quietly <- function(code) suppressMessages(suppressWarnings(code))
  profile <- tryCatch(quietly(confint(fit, "beta_", quiet = TRUE)), error = function(e) matrix(NA, 3, 2))
  boot <- quietly(confint(fit, "beta_", method = "boot", boot.type = "perc", nsim = nsim, quiet = TRUE))
  c(covers(profile), covers(boot))
}

# P-values of both tests of the random intercept; a p-value from 999 simulated statistics keeps its
# level exactly.
p_values <- function(fit) {
  c(mixest::ranova(fit)[["Pr(>Chisq)"]][2], mixest::ranova(fit, exact = TRUE, nsim = 999)[["Pr(>Chisq)"]][2])
}

percent <- function(covered) sprintf("%.1f (%.1f)", 100 * colMeans(covered, na.rm = TRUE), 100 * sqrt(
  colMeans(covered, na.rm = TRUE) * (1 - colMeans(covered, na.rm = TRUE)) / colSums(!is.na(covered))
))
line <- function(what, n, covered) paste0(
  "| ", paste(c(what, format(n, big.mark = " "), percent(covered)), collapse = " | "), " |"
)

responses <- draw_responses(counts["all"], 1)
few <- responses[, seq_len(counts["intervals"]), drop = FALSE]
fewest <- responses[, seq_len(counts["lme4"]), drop = FALSE]
timed <- function(what, code) {
  seconds <- system.time(value <- code)[["elapsed"]]
  cat(
    sprintf("%-30s %6.0f s  %s\n", what, seconds, if (what == "tests") "" else paste(percent(value), collapse = "  "))
  )
  value
}
kenward_roger <- timed("Kenward-Roger", over_fits(responses, by_method("kenward-roger")))
satterthwaite <- timed("Satterthwaite", over_fits(responses, by_method("satterthwaite")))
profile <- timed("profile", over_fits(few, by_profile))
boot <- timed("bootstrap", over_fits(few, by_bootstrap(1000)))
boot_few <- timed("bootstrap, 200 replicates", over_fits(fewest, by_bootstrap(200)))
lme4 <- timed("lme4", t(apply(fewest, 2, covered_by_lme4, nsim = 200)))
set.seed(22)
null <- timed("tests", over_fits(draw_responses(counts["all"], 0), p_values))

rejected <- function(p) sprintf(
  "%.2f (%.2f)", 100 * mean(p <= 0.05), 100 * sqrt(mean(p <= 0.05) * mean(p > 0.05) / length(p))
)
table <- c(
  "# Coverage and size in small data",
  "",
  "Six groups of 2, 3, 4, 5, 7 and 8 rows; `y ~ x + z + (1 | g)` with x varying within groups and z between them,",
  "both variances 1. Percentages, with Monte Carlo standard errors in parentheses. Written by `bench/coverage.R`.",
  "",
  "95 % intervals, how often they cover:",
  "",
  "| interval | data sets | (Intercept) | x | z |",
  "|---|---|---|---|---|",
  line("Kenward-Roger", counts["all"], kenward_roger),
  line("Satterthwaite", counts["all"], satterthwaite),
  line("profile likelihood", counts["intervals"], profile),
  line("percentile bootstrap, 1000 replicates", counts["intervals"], boot),
  line(
    "profile likelihood, the first of these data sets", counts["lme4"], profile[seq_len(counts["lme4"]), , drop = FALSE]
  ),
  line("the same by lme4", counts["lme4"], lme4[, 1:3]),
  line("percentile bootstrap, 200 replicates, the same data sets", counts["lme4"], boot_few),
  line("the same by lme4", counts["lme4"], lme4[, 4:6]),
  "",
  "Tests of the random intercept at 5 %, how often they reject when there is none:",
  "",
  "| test | data sets | rejected |",
  "|---|---|---|",
  paste0("| chi-bar-square, `ranova(fit)` | ", format(counts["all"], big.mark = " "), " | ", rejected(null[, 1]), " |"),
  paste0(
    "| exact, `ranova(fit, exact = TRUE)` | ", format(counts["all"], big.mark = " "), " | ", rejected(null[, 2]), " |"
  )
)
writeLines(table, "bench/coverage.md")
cat(table, sep = "\n")
