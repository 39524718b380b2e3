# Fits random designs and counts how the fits end. Run from the package's root folder:
#   Rscript bench/random_designs.R [designs = 10000] [of them compared with lme4 and nlme = 1000]
# Every design that determines the model's parameters must be certified, the others may be or must
# end in a condition of the package's own classes, and no criterion of the identifiable designs that
# are compared may be above the best of lme4's and nlme's by more than 1e-6. (Without a row beyond
# those that the effects of the groups fit exactly, `borderline`, the likelihood may have local
# optima only; lme4 refuses such data unless told not to.) A few minutes for the fits, more for the
# peers. Writes bench/results/random-designs.csv (a line for each design; `draw_design(seed)` draws
# it again) and the table bench/random_designs.md.
source("bench/harness.R")
source("bench/random_draws.R")
source("bench/random_peers.R")
for (package in c("mixest", "lme4", "nlme")) loadNamespace(package)

# How a fit ends: outcome "interior", "boundary" (both certified), "warned", "refused", or
# "unclassified".
fit_outcome <- function(design, data) {
  conditions <- list()
  keep <- function(condition) conditions[[length(conditions) + 1]] <<- condition
  fit <- tryCatch(
    withCallingHandlers(mixest::lmm(model_formula(design), data, REML = design$REML),
      warning = function(w) {
        keep(w)
        invokeRestart("muffleWarning")
      },
      message = function(m) {
        keep(m)
        invokeRestart("muffleMessage")
      }
    ),
    error = function(error) {
      keep(error)
      NULL
    }
  )
  own <- vapply(conditions, function(condition) grep(
    "^mixest_(formula|input|unidentified|degenerate|not_converged|singular|aliased)$", class(condition), value = TRUE
  )[1], "")
  serious <- setdiff(own, c("mixest_singular", "mixest_aliased"))
  certificate <- if (!is.null(fit)) mixest::convergence(fit)
  outcome <- if (anyNA(own) || is.null(fit) && !length(serious)) "unclassified"
    else if (is.null(fit)) "refused"
    else if (!certificate$converged) if (length(serious)) "warned" else "unclassified"
    else if (length(serious)) "unclassified"
    else if ("mixest_singular" %in% own) "boundary" else "interior"
  message <- paste(
    vapply(conditions, function(condition) gsub("\\s+", " ", conditionMessage(condition)), ""), collapse = " | "
  )
  list(fit = fit, outcome = outcome, condition = paste(serious, collapse = " "), message = message)
}

# One line of the results, without the comparison.
examine <- function(seed) {
  if (seed %% 500 == 0) cat(seed, "")
  design <- draw_design(seed)
  sizes <- table(design$plain$g)
  found <- fit_outcome(design, design$given)
  certificate <- if (!is.null(found$fit)) {
    mixest::convergence(found$fit)
  } else {
    list(evaluations = NA_integer_, newton_decrement = NA_real_)
  }
  data.frame(seed = seed, class = design$class, quirk = design$quirk, structure = design$structure,
    REML = design$REML, n = sum(sizes), m = length(sizes),
    q = design$intercept + length(design$slopes), identifiable = identifiable(design), outcome = found$outcome,
    condition = found$condition,
    evaluations = certificate$evaluations, decrement = certificate$newton_decrement, message = found$message)
}

# Criterion of the given data, brought to the units of the plain ones, beside that of our fit to the
# plain data and the peers' best. Without a fit, which the table counts as an error, there is
# nothing to compare.
compare <- function(seed) {
  design <- draw_design(seed)
  given <- fit_outcome(design, design$given)$fit
  plain <- fit_outcome(design, design$plain)$fit
  if (is.null(given) || is.null(plain)) return(replace(no_comparison, "seed", seed))
  ours <- stats::deviance(given) - criterion_shift(design, names(mixest::fixef(given)))
  peers <- best_of_peers(design, unname(mixest::getME(plain, "theta")))
  data.frame(seed = seed, invariance = abs(
    ours - stats::deviance(plain)
  ), above_peers = ours - peers$value, engine = peers$engine,
    off_lme4 = abs(peers$at - stats::deviance(plain)))
}

no_comparison <- data.frame(
  seed = 0L, invariance = NA_real_, above_peers = NA_real_, engine = NA_character_, off_lme4 = NA_real_
)

# The table of the docs: a row for each class and whether its designs are identifiable.
summarise_designs <- function(results) {
  results$row <- paste0(results$class, ifelse(results$identifiable == "yes", "", paste0(
    ", ", c(no = "not identifiable", borderline = "borderline")[results$identifiable]
  )))
  order <- as.vector(outer(classes, c("", ", borderline", ", not identifiable"), paste0))
  rows <- lapply(intersect(order, results$row), function(row) {
    own <- results[results$row == row, ]
    count <- function(outcome) sum(own$outcome %in% outcome)
    data.frame(designs = row, number = nrow(own), interior = count("interior"), boundary = count("boundary"),
      warning = count("warned"), error = count("refused"),
      unclassified = count("unclassified"), `evaluations, median` = stats::median(own$evaluations, na.rm = TRUE),
      `largest` = most(own$evaluations),
      compared = sum(!is.na(own$above_peers)), `highest above peers` = most(own$above_peers), check.names = FALSE)
  })
  do.call(rbind, rows)
}

most <- function(x) if (all(is.na(x))) NA_real_ else max(x, na.rm = TRUE)

markdown_table <- function(table) {
  text <- vapply(table, function(column) ifelse(
    is.na(column), "", if (is.numeric(column)) format(column, digits = 2, trim = TRUE) else column
  ), character(nrow(table)))
  text[, "highest above peers"] <- ifelse(
    is.na(table[["highest above peers"]]), "", sprintf("%.1g", table[["highest above peers"]])
  )
  line <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  c(line(names(table)), line(c("---", rep("---:", ncol(table) - 1))), apply(text, 1, line))
}

certified <- function(results) results$outcome %in% c("interior", "boundary")

report <- function(results) {
  failures <- results[results$identifiable == "yes" & !certified(results) | results$outcome == "unclassified" |
    results$identifiable == "yes" & !is.na(results$above_peers) & results$above_peers > 1e-6, ]
  table <- markdown_table(summarise_designs(results))
  clear <- results$identifiable == "yes"
  compared <- results[clear & !is.na(results$above_peers), ]
  facts <- sprintf(paste0(
    "%d designs, %d of them identifiable: %d certified, %d not. The %d others: %d certified, ",
    "%d with a warning or an error of the package's own classes, %d with anything else. ",
    "Of %d identifiable designs compared with lme4 and nlme, %d reach the same criterion to 1e-6, ",
    "in %d both peers stop above ours by more than that (by up to %.2g), ",
    "in %d ours is above (largest difference %.1g)."),
    nrow(results), sum(clear), sum(clear & certified(results)), sum(clear & !certified(results)), sum(!clear),
    sum(!clear & certified(results)),
    sum(!clear & results$outcome %in% c("warned", "refused")), sum(!clear & results$outcome == "unclassified"),
    nrow(compared),
    sum(abs(compared$above_peers) <= 1e-6), sum(compared$above_peers < -1e-6), -min(compared$above_peers, 0),
    sum(compared$above_peers > 1e-6),
    max(compared$above_peers, -Inf))
  writeLines(c(facts, "", table), "bench/random_designs.md")
  cat(c("", table, "", facts), sep = "\n")
  cat("worst difference between a fit in given and in plain units:", format(most(results$invariance), digits = 2),
    "\nworst difference from lme4's criterion at the same theta:", format(most(results$off_lme4), digits = 2), "\n")
  if (nrow(failures)) print(failures[setdiff(names(failures), c("engine", "decrement"))], row.names = FALSE)
  nrow(failures)
}

args <- as.integer(commandArgs(TRUE))
designs <- if (length(args)) args[1] else 10000L
compared <- if (length(args) > 1) args[2] else 1000L

results <- do.call(rbind, lapply(seq_len(designs), examine))
# The first in a random order of the seeds, whatever became of the fits: another version of the
# package is compared on the same designs. lme4 and nlme have no other structures; seldom does none
# of their attempts fit.
comparable <- results$seed[results$identifiable == "yes" & results$structure %in% c("us", "diag")]
set.seed(1, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
chosen <- sort(utils::head(intersect(sample(results$seed), comparable), compared))
results <- merge(results, do.call(
  rbind, lapply(c(0L, chosen), function(seed) if (seed) compare(seed) else no_comparison)
), all.x = TRUE)
write_results(results, "bench/results/random-designs.csv")
quit(status = as.integer(report(results) > 0))
