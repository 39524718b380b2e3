# Scaling curves: time of lmm(), lm() and lmer() against rows n, groups m, random effects q and
# fixed effects p, one varied at a time. Writes bench/results/scaling.csv and the picture
# vignettes/scaling.svg, which the vignette "architecture" shows. Run from the package's root
# folder:
#   Rscript bench/scaling.R
# Each point is the fastest of several interleaved runs, since what else the machine does can only
# add to the time of a run; lmer() runs once, and only where it takes less than about half a minute.
source("bench/harness.R")
source("bench/targets.R")
source("bench/workloads.R")

base <- list(n = 2e4, m = 200, p = 5, q = 2)
curves <- list(
  n = c(1e3, 1e4, 1e5, 1e6), m = c(20, 200, 2000, 5000), q = c(1, 2, 4, 6), p = c(2, 5, 10, 20)
)
labels <- c(n = "rows n, 100 in a group", m = "groups m of 2e4 rows", q = "random effects q", p = "fixed effects p")

# n grows with groups of 100 rows; p = 6 where q goes to 6
point <- function(along, value) {
  size <- base
  size[[along]] <- value
  if (along == "n") size$m <- max(10, value / 100)
  if (along == "q") size$p <- 6
  workload <- do.call(
    simulated, c(size, list(repeats = c(lmm = 7, lm = 7, lmer = if (size$n * size$q^2 <= 4e5) 1 else 0)))
  )
  runs <- time_engines(workload, workload$data())
  seconds <- tapply(runs$seconds, runs$engine, min)
  data.frame(along, value, engine = names(seconds), seconds = as.vector(seconds))
}

results <- do.call(rbind, unlist(lapply(names(curves), function(along) {
  cat(format(Sys.time(), "%H:%M:%S"), "along", along, "\n")
  lapply(curves[[along]], function(value) point(along, value))
}), recursive = FALSE))

write_results(results, "bench/results/scaling.csv")

colours <- c(lmm = "#0b6fa4", lm = "#666666", lmer = "#c1440e")
marks <- c(lmm = 16, lm = 1, lmer = 17)

grDevices::svg("vignettes/scaling.svg", width = 8, height = 5.6, pointsize = 10)
graphics::par(mfrow = c(2, 2), mar = c(3.6, 5.2, 0.8, 0.8), mgp = c(2.3, 0.6, 0), las = 1, bty = "l")
decades <- function(x) 10^seq(floor(log10(min(x))), ceiling(log10(max(x))))
plain <- function(x) format(x, scientific = FALSE, trim = TRUE, drop0trailing = TRUE, big.mark = " ")
for (along in names(curves)) {
  rows <- results[results$along == along, ]
  graphics::plot(rows$value, rows$seconds, type = "n", log = if (along %in% c("n", "m")) "xy" else "y",
    ylim = range(results$seconds),
    xlab = labels[[along]], ylab = "", axes = FALSE)
  graphics::axis(1, curves[[along]], plain(curves[[along]]))
  graphics::axis(2, decades(results$seconds), vapply(decades(results$seconds), plain, ""))
  graphics::mtext("seconds", 2, line = 3.8, las = 0, cex = 0.8)
  for (engine in names(colours)) {
    one <- rows[rows$engine == engine, ]
    graphics::lines(one$value, one$seconds, type = "o", col = colours[[engine]], pch = marks[[engine]])
  }
  if (along == "n") graphics::legend("topleft", names(colours), col = colours, pch = marks, lty = 1, bty = "n")
}
invisible(grDevices::dev.off())
cat("written to bench/results/scaling.csv and vignettes/scaling.svg\n")
