#' @rdname fitted
#' @export
simulate.mixest <- function(object, nsim = 1, seed = NULL, re.form = NA, ...) {
  check_dots()
  state <- use_seed(seed)
  on.exit(state$restore(), add = TRUE)
  effects <- chosen_effects(object, re.form)
  rows <- prediction_rows(object)
  mean <- linear_predictor(object, rows, effects)
  noise <- object$sigma / sqrt(rows$weights)
  noise[rows$weights == 0] <- NA
  responses <- lapply(seq_len(nsim), function(i) {
    drawn <- draw_random_part(object, rows, effects)
    stats::napredict(object$na.action, mean + drawn + noise * stats::rnorm(length(mean)))
  })
  names(responses) <- paste0("sim_", seq_len(nsim))
  structure(data.frame(responses, row.names = names(responses[[1L]]), check.names = FALSE), seed = state$seed)
}

# U gamma with new gamma ~ N(0, D), without the columns `kept`. Nothing is drawn for a factor whose
# effects are all kept.
draw_random_part <- function(fit, rows, kept) {
  total <- 0
  for (f in seq_along(fit$random$groups)) {
    columns <- factor_columns(fit$random)[[f]]
    if (all(columns %in% kept)) next
    m <- length(fit$random$groups[[f]])
    gamma <- fit$sigma * fit$lambda[columns, columns, drop = FALSE] %*% matrix(
      stats::rnorm(length(columns) * m), length(columns), m
    )
    gamma[columns %in% kept, ] <- 0
    total <- total + rowSums(rows$U[, columns, drop = FALSE] * t(gamma)[rows$codes[, f], , drop = FALSE])
  }
  total
}

# As stats::simulate() promises: `seed` NULL records the generator's state; a number is set and the
# old state comes back on exit.
use_seed <- function(seed) {
  global <- globalenv()
  if (!exists(".Random.seed", envir = global, inherits = FALSE)) stats::runif(1)
  before <- get(".Random.seed", envir = global)
  if (is.null(seed)) return(list(seed = before, restore = function() invisible()))
  set.seed(seed)
  list(
    seed = structure(seed, kind = as.list(RNGkind())),
    restore = function() assign(".Random.seed", before, envir = global)
  )
}
