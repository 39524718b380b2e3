# Random designs for random_designs.R: data, model, and whether the design determines the model's
# parameters.
#
# Every number is a multiple of 2^-20, shifts are whole numbers and scales powers of two, so that
# the `given` data and the `plain` ones are the same model exactly: nothing is lost to rounding, and
# criteria differ by a known constant.
#
# A design is a list:
#   seed, class     class: what is hard about it, one of `classes`
#   plain, given    data frames y, g, z1 z2 z3 (columns of U, some also of X), x (of X), f (factor,
#                   of X)
#   fixed           formula of the fixed part
#   slopes          names of the columns of U, without the intercept;  intercept: has U one?
#   structure, REML
#   log_scale       named: log of given / plain unit of y and of the variables of X
classes <- c("well conditioned", "scaled", "shifted", "scaled and shifted", "near-singular", "degenerate")

# What is wrong with a degenerate design, and whether the data (not the design) leave nothing to
# estimate.
quirks <- c("rows = groups", "rows per group = q", "constant response", "no residual", "no residual within groups",
  "factor fixed and random",
  "slope constant within groups", "repeated slope", "one group", "one level of a factor", "more columns than rows")
quirks_of_response <- c("constant response", "no residual", "no residual within groups")

draw_design <- function(seed) {
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  class <- sample(classes, 1, prob = c(0.2, 0.2, 0.2, 0.2, 0.1, 0.1))
  quirk <- if (class == "degenerate") sample(quirks, 1) else ""
  q <- sample(4, 1)
  if (quirk %in% c("slope constant within groups", "repeated slope")) {
    q <- max(q, if (quirk == "repeated slope") 3 else 2)
  }
  sizes <- draw_sizes(q, quirk)
  intercept <- q == 1 && stats::runif(1) < 0.8 || q == 4 || q > 1 && stats::runif(1) < 0.85
  slopes <- paste0("z", seq_len(q - intercept), recycle0 = TRUE)
  group <- rep(seq_along(sizes), sizes)
  variables <- draw_variables(group, class, quirk)
  structure <- if (q == 1) {
    "us"
  } else {
    sample(c("us", "diag", "homdiag", "cs", "homcs", "ar1", "toep"), 1, prob = c(14, 3, 1, 1, 1, 1, 1))
  }
  chosen <- c(
    slopes[stats::runif(length(slopes)) < 0.7], if (stats::runif(1) < 0.6) "x", if (stats::runif(1) < 0.4) "f"
  )
  if (quirk == "one level of a factor") chosen <- union(chosen, "f")
  if (quirk == "factor fixed and random") chosen <- c("g", setdiff(chosen, "x"))
  fixed <- stats::reformulate(c("1", chosen), "y")
  plain <- data.frame(variables, g = factor(group))
  plain$y <- draw_response(plain, group, intercept, slopes, quirk, fixed)
  plain <- plain[sample(nrow(plain)), ]
  units <- draw_units(class, structure, intercept, slopes)
  given <- plain
  for (name in names(units$scale)) given[[name]] <- units$scale[[name]] * (units$shift[[name]] + plain[[name]])
  list(seed = seed, class = class, quirk = quirk, plain = plain, given = given, fixed = fixed,
    slopes = slopes, intercept = intercept,
    structure = structure, REML = stats::runif(1) < 0.5, log_scale = log(units$scale))
}

dyadic <- function(x, bits = 20) round(x * 2^bits) / 2^bits

# n_i, 1..50, of 2..200 groups
draw_sizes <- function(q, quirk) {
  m <- if (quirk == "one group") 1 else round(2 * 100^stats::runif(1))
  if (quirk == "rows = groups") return(rep(1, m))
  if (quirk == "rows per group = q") return(rep(q, m))
  if (quirk == "more columns than rows") return(c(1, 1, 2)[seq_len(min(m, 3))])
  largest <- sample(c(2, 3, 5, 10, 20, 50), 1)
  switch(sample(c("balanced", "uniform", "skewed"), 1),
    balanced = rep(sample(2:max(2, largest), 1), m),
    uniform = sample(largest, m, replace = TRUE),
    skewed = pmin(largest, 1 + stats::rgeom(m, 0.5) * ifelse(stats::runif(m) < 0.2, 10, 1)))
}

draw_variables <- function(group, class, quirk) {
  n <- length(group)
  m <- max(group)
  position <- stats::ave(group, group, FUN = seq_along)
  slope <- function() dyadic(switch(sample(c("normal", "time", "binary", "mixed", "tails"), 1),
    normal = stats::rnorm(n), time = position - 1, binary = stats::rbinom(n, 1, 0.5), tails = stats::rt(n, 2),
    mixed = stats::rnorm(m)[group] + 0.3 * stats::rnorm(n)))
  z <- list(z1 = slope(), z2 = slope(), z3 = slope())
  if (class == "near-singular") {
    near <- 2^-sample(3:11, 1)   # a slope that nearly repeats another one, or nearly does not vary
    z$z2 <- dyadic(sample(0:1, 1) * z$z1 + near * stats::rnorm(n))
    z$z3 <- dyadic(z$z3 + sample(c(0, 100), 1))
  }
  if (quirk == "slope constant within groups") {
    z$z1 <- dyadic(if (stats::runif(1) < 0.5) (1:m %% 2)[group] else stats::rnorm(m)[group])
  }
  if (quirk == "repeated slope") z$z2 <- 3 * z$z1 + sample(0:1, 1)
  levels <- if (quirk == "one level of a factor") 1 else 3
  data.frame(z, x = dyadic(stats::rnorm(m)[group]), f = factor(sample(letters[seq_len(levels)], n, replace = TRUE)))
}

# ICC 0..0.99; D of any rank
draw_response <- function(data, group, intercept, slopes, quirk, fixed) {
  m <- max(group)
  U <- cbind(if (intercept) 1, as.matrix(data[slopes]))
  q <- ncol(U)
  icc <- sample(c(0, 0.99, stats::runif(2, 0, 0.99)), 1)
  rank <- sample(c(q, sample(0:q, 1)), 1)
  size <- sqrt(icc / (1 - icc)) * exp(stats::rnorm(q, sd = 0.7)) / pmax(1, apply(abs(U), 2, max))
  gamma <- matrix(stats::rnorm(m * rank), m, rank) %*% matrix(stats::rnorm(rank * q), rank, q) / sqrt(q)
  random <- rowSums(U * (gamma %*% diag(size, q))[group, , drop = FALSE])
  mean <- 1 + data$x + 0.5 * data$z1
  if (quirk == "constant response") return(rep(dyadic(stats::rnorm(1)), nrow(data)))
  if (quirk == "no residual") return(if ("z1" %in% all.vars(fixed)) 3 + 2 * data$z1 else rep(3, nrow(data)))
  if (quirk == "no residual within groups") {
    return(rowSums(U * dyadic(gamma %*% diag(size, q), 4)[group, , drop = FALSE]))
  }
  dyadic(mean + random + stats::rnorm(nrow(data)))
}

# Units that leave the model the same. D of an unstructured term with an intercept takes any; other
# structures allow no shift of a column of U, the homogeneous ones one common unit, which is one
# with an intercept.
draw_units <- function(class, structure, intercept, slopes) {
  names <- c("y", "z1", "z2", "z3", "x")
  scale <- shift <- stats::setNames(numeric(5), names)
  if (class %in% c("scaled", "scaled and shifted")) scale[] <- sample(-26:26, 5, replace = TRUE)
  if (structure %in% c("homdiag", "homcs", "ar1")) scale[slopes] <- if (intercept) 0 else scale[["z1"]]
  if (class %in% c("shifted", "scaled and shifted")) {
    shift[] <- round(sample(c(0, 1, 1), 5, replace = TRUE) * 10^stats::runif(5, 0, 9))
  }
  if (structure != "us" || !intercept) shift[slopes] <- 0
  list(scale = 2^scale, shift = shift)
}

random_part <- function(design) {
  inside <- paste(c(if (design$intercept) "1" else "0", design$slopes), collapse = " + ")
  sprintf("%s(%s | g)", design$structure, inside)
}

model_formula <- function(design) {
  stats::update(design$fixed, stats::as.formula(paste("~ . +", random_part(design)))) |> drop_environment()
}

drop_environment <- function(formula) {
  environment(formula) <- globalenv()
  formula
}

# -2 log likelihood of the given data minus that of the plain ones; `kept`: columns of X that are
# not aliased.
criterion_shift <- function(design, kept) {
  n <- nrow(design$plain)
  scales <- design$log_scale[intersect(kept, names(design$log_scale))]
  if (!design$REML) return(2 * n * design$log_scale[["y"]])
  2 * (n - length(kept)) * design$log_scale[["y"]] + 2 * sum(scales)
}

# "yes", "no" or "borderline" (nearly no, or nothing left within groups): are sigma^2 M and the
# matrices M U E U'M, over the directions E in which D can move, linearly independent (M: the
# projection off X)? They are what the covariance matrix of the error contrasts is made of. Computed
# from the plain data, apart from the package.
identifiable <- function(design) {
  if (design$quirk %in% c(quirks_of_response, "one group")) return("no")
  if ("f" %in% all.vars(design$fixed) && nlevels(design$plain$f) < 2) return("no")
  data <- design$plain
  U <- cbind(if (design$intercept) 1, as.matrix(data[design$slopes]))
  decomposition <- qr(stats::model.matrix(design$fixed, data), tol = 1e-9)
  df <- nrow(data) - decomposition$rank
  if (df < 1) return("no")
  lengths <- colSums(U^2)
  if (any(lengths == 0) || design$structure == "us" && qr(scale(U, FALSE, sqrt(lengths)), tol = 1e-9)$rank < ncol(U)) {
    return("no")
  }
  U <- if (design$structure == "us") qr.Q(qr(U, tol = 0)) else scale(U, FALSE, sqrt(lengths))
  gram <- direction_gram(U, qr.Q(decomposition)[, seq_len(decomposition$rank), drop = FALSE], data$g, directions(
    design$structure, ncol(U)
  ), df)
  if (any(diag(gram$with_fixed) <= 1e-12 * diag(gram$without))) return("no")
  smallest <- min(eigen(stats::cov2cor(gram$with_fixed), symmetric = TRUE, only.values = TRUE)$values)
  if (smallest <= 1e-12) return("no")
  clear <- min(diag(gram$with_fixed) / diag(gram$without), smallest) > 1e-5 && qr(U, tol = 1e-9)$rank == ncol(U)
  if (clear && df_within_groups(design, U) > 0) "yes" else "borderline"
}

# Rows beyond what effects of each group and X can fit exactly. Without any, sigma may be best at
# zero, or the likelihood without a maximum.
df_within_groups <- function(design, U) {
  X <- stats::model.matrix(design$fixed, design$plain)
  X <- scale(X, FALSE, sqrt(colSums(X^2)) + (colSums(X^2) == 0))
  left <- lapply(split(seq_len(nrow(X)), design$plain$g), function(rows) {
    decomposition <- qr(U[rows, , drop = FALSE], tol = 1e-9)
    qr.qty(decomposition, X[rows, , drop = FALSE])[-seq_len(decomposition$rank), , drop = FALSE]
  })
  left <- do.call(rbind, left)
  values <- if (nrow(left)) svd(left, 0, 0)$d
  nrow(left) - sum(values > 1e-9)
}

# Directions E in which D can move, about a D of no special form: unequal standard deviations s
# where the structure has them, correlations of a half.
directions <- function(structure, q) {
  lag <- abs(outer(seq_len(q), seq_len(q), "-"))
  one <- function(a, b) replace(replace(matrix(0, q, q), cbind(a, b), 1), cbind(b, a), 1)
  variances <- lapply(seq_len(q), function(a) one(a, a))
  s <- c(1, 1.3, 0.7, 1.6)[seq_len(q)]
  lags <- lapply(seq_len(q - 1), function(l) (lag == l) * outer(s, s))
  pairs <- if (q > 1) utils::combn(q, 2, simplify = FALSE)
  correlation <- 0.5^(lag > 0)
  by_sd <- lapply(seq_len(q), function(a) (outer(seq_len(q) == a, s) + outer(s, seq_len(q) == a)) * correlation)
  switch(structure, us = c(
    variances, lapply(pairs, function(p) one(p[1], p[2]))
  ), diag = variances, homdiag = list(diag(q)),
    cs = c(by_sd, list((lag > 0) * outer(s, s))), homcs = list(correlation, (lag > 0) + 0),
    ar1 = list(0.5^lag, lag * 0.5^pmax(lag - 1, 0)), toep = c(by_sd, lags))
}

# tr(M A M B) for M, the directions and the others, and tr(A B). Sums over groups: W = U_i'Q_i, S =
# U_i'U_i.
direction_gram <- function(U, Q, group, E, df) {
  count <- length(E)
  without <- inner <- matrix(0, count, count)
  outer <- lapply(E, function(e) matrix(0, ncol(Q), ncol(Q)))
  trace <- numeric(count)
  for (rows in split(seq_along(group), group)) {
    u <- U[rows, , drop = FALSE]
    S <- crossprod(u)
    W <- crossprod(u, Q[rows, , drop = FALSE])
    ES <- lapply(E, function(e) e %*% S)
    for (a in seq_len(count)) {
      trace[a] <- trace[a] + sum(diag(ES[[a]])) - sum(W * (E[[a]] %*% W))
      outer[[a]] <- outer[[a]] + crossprod(W, E[[a]] %*% W)
      for (b in seq_len(count)) {
        without[a, b] <- without[a, b] + sum(ES[[a]] * t(ES[[b]]))
        inner[a, b] <- inner[a, b] + sum(W * (ES[[a]] %*% E[[b]] %*% W))
      }
    }
  }
  crossed <- vapply(seq_len(count), function(b) vapply(outer, function(o) sum(o * t(outer[[b]])), 0), numeric(count))
  core <- without - inner - t(inner) + matrix(crossed, count)
  list(with_fixed = rbind(cbind(core, trace), c(trace, df)), without = rbind(cbind(without, trace), c(trace, df)))
}
