# How often the four kinds of interval of predict() cover: of the population mean, of a known
# group's mean, of a new group's mean, and of new observations of both. Run from the package's root
# folder, also as a part of bench/coverage.R:
#   Rscript bench/coverage_predictions.R [data sets = 2000] [of these also by lme4 = 200]
# 10 and 40 groups of 6 rows, a covariate within and one between groups; random intercepts, and
# intercepts and slopes. Writes the table bench/coverage_predictions.md.
given <- as.integer(setdiff(commandArgs(TRUE), "predictions"))
counts <- c(2000L, 200L)
counts[seq_along(given)] <- given
suppressPackageStartupMessages(library(mixest))

sizes <- c(10L, 40L)
n_rows <- 6L
beta <- c(1, 0.5, -1)
roots <- list(intercept = matrix(1), slope = matrix(c(1, 0.3, 0, 0.8), 2))
new <- data.frame(x = c(0, 1), z = c(0.5, -0.5), g = "1")

# Rows of U: the intercept, and x with a slope.
effects_of <- function(rows, root) if (ncol(root) == 2L) cbind(1, rows$x) else matrix(1, nrow(rows))

draw_design <- function(m) {
  x <- rep(seq(-1, 1, length.out = n_rows), m) + rnorm(m * n_rows, sd = 0.3)
  data.frame(g = gl(m, n_rows), x = x, z = rep(rnorm(m), each = n_rows))
}

# One data set: y, and what is to be covered for the two new rows.
draw_truth <- function(design, root, m) {
  U <- effects_of(design, root)
  gamma <- root %*% matrix(rnorm(ncol(root) * m), ncol(root))
  mean <- drop(model.matrix(~ x + z, design) %*% beta)
  y <- mean + rowSums(U * t(gamma)[design$g, , drop = FALSE]) + rnorm(nrow(design))
  population <- drop(model.matrix(~ x + z, new) %*% beta)
  of_group <- population + drop(effects_of(new, root) %*% gamma[, 1L])
  of_new_group <- population + drop(effects_of(new, root) %*% root %*% rnorm(ncol(root)))
  list(y = y, truth = cbind(
    population = population, `known group` = of_group, `its observation` = of_group + rnorm(2L),
    `new group` = of_new_group, `its observation ` = of_new_group + rnorm(2L)
  ))
}

intervals <- function(fit, ddf) {
  unseen <- transform(new, g = "unseen")
  list(
    predict(fit, new, re.form = NA, interval = "confidence", ddf = ddf),
    predict(fit, new, interval = "confidence", ddf = ddf),
    predict(fit, new, interval = "prediction", ddf = ddf),
    predict(fit, unseen, allow.new.levels = TRUE, interval = "confidence", ddf = ddf),
    predict(fit, new, re.form = NA, interval = "prediction", ddf = ddf)
  )
}

# What users of lme4 compute: normal quantiles of its standard errors.
intervals_by_lme4 <- function(fit) {
  by_normal <- function(mean, sd) cbind(mean, mean - 1.96 * sd, mean + 1.96 * sd)
  X <- model.matrix(~ x + z, new)
  se <- sqrt(diag(X %*% as.matrix(vcov(fit)) %*% t(X)))
  D <- as.matrix(lme4::VarCorr(fit)$g)
  U <- if (ncol(D) == 2L) cbind(1, new$x) else matrix(1, 2L)
  spread <- diag(U %*% D %*% t(U))
  population <- drop(X %*% lme4::fixef(fit))
  known <- predict(fit, new)
  effect <- lme4::ranef(fit, condVar = TRUE)$g
  left <- diag(U %*% attr(effect, "postVar")[, , 1L] %*% t(U))
  list(
    by_normal(population, se), by_normal(known, sqrt(left)), by_normal(known, sqrt(left + sigma(fit)^2)),
    by_normal(population, sqrt(se^2 + spread)), by_normal(population, sqrt(se^2 + spread + sigma(fit)^2))
  )
}

covers <- function(intervals, truth) {
  vapply(seq_along(intervals), function(i) {
    mean(intervals[[i]][, 2L] <= truth[, i] & truth[, i] <= intervals[[i]][, 3L])
  }, 0)
}

simulate_coverage <- function(m, root) {
  design <- draw_design(m)
  formula <- if (ncol(root) == 2L) y ~ x + z + (x | g) else y ~ x + z + (1 | g)
  draws <- replicate(counts[1L], draw_truth(design, root, m), simplify = FALSE)
  responses <- vapply(draws, `[[`, numeric(nrow(design)), "y")
  quietly <- function(code) suppressWarnings(suppressMessages(code))
  fits <- quietly(refit(lmm(formula, transform(design, y = responses[, 1L])), responses))
  ours <- function(ddf) t(mapply(function(fit, draw) covers(quietly(intervals(fit, ddf)), draw$truth), fits, draws))
  out <- list(
    Satterthwaite = ours("satterthwaite"), `Kenward-Roger` = ours("kenward-roger"), `variances as known` = ours("none")
  )
  if (counts[2L] > 0L && requireNamespace("lme4", quietly = TRUE)) {
    few <- draws[seq_len(min(counts))]
    out$`lme4, normal quantiles` <- t(vapply(few, function(draw) {
      covers(intervals_by_lme4(quietly(lme4::lmer(formula, transform(design, y = draw$y)))), draw$truth)
    }, numeric(5)))
  }
  list(covered = out, singular = mean(vapply(fits, isSingular, NA)))
}

lines <- c(
  "# Coverage of prediction intervals", "",
  "Groups of 6 rows, `y ~ x + z + (1 | g)` and `(x | g)`, x varying within groups and z between them; sd of",
  "intercepts 1, of slopes 0.85, of residuals 1. 95 % intervals, percentages with Monte Carlo standard errors in",
  "parentheses, the mean of two new rows. \"Variances as known\": `ddf = \"none\"`.",
  "Written by `bench/coverage_predictions.R`.", ""
)
set.seed(15)
for (effects in names(roots)) {
  for (m in sizes) {
    found <- simulate_coverage(m, roots[[effects]])
    lines <- c(
      lines, sprintf("Random %s, %d groups (%.0f %% of the fits are singular):", effects, m, 100 * found$singular), "",
      paste(
        "| interval | data sets | population mean | known group | new observation of it | new group |",
        "new observation of it |"
      ),
      "|---|---|---|---|---|---|---|",
      vapply(names(found$covered), function(method) {
        covered <- found$covered[[method]]
        percent <- sprintf("%.1f (%.1f)", 100 * colMeans(covered), 100 * apply(covered, 2L, sd) / sqrt(nrow(covered)))
        paste0("| ", paste(c(method, nrow(covered), percent), collapse = " | "), " |")
      }, ""), ""
    )
    cat(utils::tail(lines, 8L), sep = "\n")
  }
}
writeLines(lines, "bench/coverage_predictions.md")
