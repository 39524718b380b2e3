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
