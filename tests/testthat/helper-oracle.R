# The model by its definition: the covariance matrix of all rows that share a level, directly or
# through other rows, is built and factored; nothing is condensed. All covariances are relative to
# sigma^2. With Psi the block diagonal covariance of the random effects of one level of each
# grouping factor,
#
#   V = sum_f U_f Psi_f U_f' for rows of the same level of f  +  diag(1 / w),    Var(y) = sigma^2 V,
#
# and beta (and sigma, unless given) takes its best value for that Psi.

# fixed: y ~ x; random: list of one-sided formulas, one for each term; group: the name of each
# term's grouping factor, "c:(b:a)" for combinations (one name for all terms will do); weights,
# offset: names of columns.
#
# value: y, X, U (columns of all terms), w; groups: a factor for each grouping factor; of: the
# number of each column's grouping factor
dense_model <- function(fixed, random, data, group = "g", weights = NULL, offset = NULL) {
  if (inherits(random, "formula")) random <- list(random)
  group <- rep_len(group, length(random))
  U <- lapply(random, model.matrix, data)
  w <- if (is.null(weights)) rep(1, nrow(data)) else data[[weights]]
  o <- if (is.null(offset)) rep(0, nrow(data)) else data[[offset]]
  list(
    y = eval(fixed[[2L]], data) - o,
    X = model.matrix(fixed, data),
    U = do.call(cbind, U),
    of = rep(match(group, unique(group)), vapply(U, ncol, 0L)),
    groups = lapply(stats::setNames(nm = unique(group)), function(name) interaction_of(data[all.vars(str2lang(name))])),
    w = w
  )
}

# The combinations that occur, labelled and ordered as in lme4.
interaction_of <- function(variables) {
  variables <- lapply(variables, function(x) droplevels(factor(x)))
  if (length(variables) == 1L) variables[[1L]] else interaction(variables, drop = TRUE, sep = ":", lex.order = TRUE)
}

# Covariance of the rows i from effects with covariance D (or Psi).
covariance_of_rows <- function(model, D, i = seq_along(model$y)) {
  parts <- lapply(seq_along(model$groups), function(f) {
    own <- which(model$of == f)
    U <- model$U[i, own, drop = FALSE]
    level <- as.integer(model$groups[[f]])[i]
    (U %*% D[own, own, drop = FALSE] %*% t(U)) * outer(level, level, "==")
  })
  Reduce(`+`, parts)
}

# A number for each row, the same for rows that are connected by levels.
connected_rows <- function(model) {
  id <- seq_along(model$y)
  repeat {
    merged <- id
    for (group in model$groups) merged <- stats::ave(merged, group, FUN = min)
    if (identical(merged, id)) return(id)
    id <- merged
  }
}

# gamma: list of matrices q_f x m_f; cond_var: list of lists of q_f x q_f matrices, one for each
# level.
dense_fit <- function(model, Psi, REML = TRUE, sigma = NULL) {
  p <- ncol(model$X)
  blocks <- lapply(split(seq_along(model$y), connected_rows(model)), whiten_rows, model = model, Psi = Psi)
  X <- do.call(rbind, lapply(blocks, `[[`, "X"))
  y <- unlist(lapply(blocks, `[[`, "y"))
  decomposed <- qr(X, LAPACK = FALSE)
  Tc <- qr.R(decomposed)
  beta <- if (p) qr.coef(decomposed, y) else numeric()
  r2 <- sum((y - X %*% beta)^2)
  nu <- length(y) - if (REML) p else 0
  s2 <- if (is.null(sigma)) r2 / nu else sigma^2
  log_det <- sum(vapply(blocks, `[[`, 0, "log_det"))
  levels <- lapply(seq_along(model$groups), function(f) {
    lapply(levels(model$groups[[f]]), function(level) predict_level(f, level, model, Psi, blocks, beta))
  })
  list(
    criterion = nu * log(2 * pi * s2) + r2 / s2 + log_det + if (REML && p) 2 * sum(log(abs(diag(Tc)))) else 0,
    beta = beta,
    sigma = sqrt(s2),
    vcov = if (p) s2 * chol2inv(Tc) else matrix(0, 0, 0),
    gamma = lapply(levels, function(factor) do.call(cbind, lapply(factor, `[[`, "gamma"))),
    cond_var = lapply(levels, lapply, function(level) s2 * level$cond_var)
  )
}

# Rows i with [X y] times V^{-1/2}, rows of weight zero left out.
whiten_rows <- function(i, model, Psi) {
  i <- i[model$w[i] > 0]
  root <- chol(covariance_of_rows(model, Psi, i) + diag(1 / model$w[i], length(i)))
  list(
    rows = i, root = root,
    log_det = 2 * sum(log(diag(root))),
    X = backsolve(root, model$X[i, , drop = FALSE], transpose = TRUE),
    y = backsolve(root, model$y[i], transpose = TRUE)
  )
}

# Psi_f U_l'V^{-1}(y - X beta) and Psi_f - Psi_f U_l'V^{-1}U_l Psi_f, U_l the columns of one level's
# effects.
predict_level <- function(f, level, model, Psi, blocks, beta) {
  own <- which(model$of == f)
  Psi <- Psi[own, own, drop = FALSE]
  block <- Filter(function(block) level %in% model$groups[[f]][block$rows], blocks)
  if (!length(block)) return(list(gamma = numeric(length(own)), cond_var = Psi))
  block <- block[[1L]]
  U <- model$U[block$rows, own, drop = FALSE] * (model$groups[[f]][block$rows] == level)
  U <- backsolve(block$root, U, transpose = TRUE)
  list(gamma = drop(Psi %*% crossprod(U, block$y - block$X %*% beta)), cond_var = Psi - Psi %*% crossprod(U) %*% Psi)
}

# Variance of the error of predicting x'beta + u'gamma, in units of sigma^2, for the rows of X and U
# with the levels `codes` (columns: grouping factors) of the model, NA for a level without data.
# Everything at once: `wide` U has a column for each effect of each level, of covariance Psi,
#
#   var = u'(Psi - Psi U'V^{-1}U Psi) u + d'(X'V^{-1}X)^{-1} d,   d = x - X'V^{-1}U Psi u
dense_error_variance <- function(model, Psi, X, U, codes) {
  inverse <- solve(covariance_of_rows(model, Psi) + diag(1 / model$w))
  own <- lapply(seq_along(model$groups), function(f) which(model$of == f))
  wide <- function(U, codes) {
    do.call(cbind, lapply(seq_along(own), function(f) {
      do.call(cbind, lapply(
        seq_len(nlevels(model$groups[[f]])), function(l) U[, own[[f]], drop = FALSE] * (codes[, f] %in% l)
      ))
    }))
  }
  wide_U <- wide(model$U, vapply(model$groups, as.integer, integer(length(model$y))))
  wide_Psi <- block_diagonal(lapply(
    seq_along(own), function(f) kronecker(diag(nlevels(model$groups[[f]])), Psi[own[[f]], own[[f]], drop = FALSE])
  ))
  u <- wide(U, codes)
  d <- X - u %*% wide_Psi %*% t(wide_U) %*% inverse %*% model$X
  unseen <- lapply(seq_along(own), function(f) (
    U[, own[[f]], drop = FALSE] %*% Psi[own[[f]], own[[f]], drop = FALSE] %*% t(U[, own[[f]], drop = FALSE])
  ) * is.na(codes[, f]))
  known <- wide_Psi %*% t(wide_U) %*% inverse %*% wide_U %*% wide_Psi
  diag(u %*% (wide_Psi - known) %*% t(u) + d %*% solve(
    t(model$X) %*% inverse %*% model$X, t(d)
  ) + Reduce(`+`, unseen))
}

dense_criterion <- function(model, Psi, REML = TRUE, sigma = NULL) dense_fit(model, Psi, REML, sigma)$criterion

# -2 log density of y at any beta, D and sigma.
dense_deviance <- function(model, beta, D, sigma) {
  sum(vapply(split(seq_along(model$y), connected_rows(model)), function(i) {
    V <- covariance_of_rows(model, D, i) + diag(sigma^2 / model$w[i], length(i))
    e <- model$y[i] - model$X[i, , drop = FALSE] %*% beta
    length(i) * log(2 * pi) + as.numeric(determinant(V)$modulus) + sum(e * solve(V, e))
  }, 0))
}

# Psi of the parameters that users see, as in `?devfun`: the lower triangle of the Cholesky factor,
# or standard deviations and correlations.
psi_of <- function(theta, structure, q) {
  lag <- abs(outer(seq_len(q), seq_len(q), "-"))
  n_sd <- if (structure %in% c("homdiag", "homcs", "ar1")) 1L else q
  s <- rep_len(theta[seq_len(n_sd)], q)
  r <- theta[-seq_len(n_sd)]
  correlation <- function(by_lag) matrix(c(1, by_lag)[lag + 1L], q)
  switch(structure,
    us = {
      L <- matrix(0, q, q)
      L[lower.tri(L, diag = TRUE)] <- theta
      tcrossprod(L)
    },
    diag = , homdiag = diag(s^2, q),
    cs = , homcs = outer(s, s) * correlation(rep(r, q - 1L)),
    ar1 = outer(s, s) * correlation(r^seq_len(q - 1L)),
    toep = outer(s, s) * correlation(r)
  )
}

n_parameters_of <- function(structure, q) {
  c(us = q * (q + 1L) / 2L, diag = q, homdiag = 1L, cs = q + 1L, homcs = 2L, ar1 = 2L, toep = 2L * q - 1L)[[structure]]
}

block_diagonal <- function(blocks) {
  sizes <- vapply(blocks, nrow, 0L)
  out <- matrix(0, sum(sizes), sum(sizes))
  last <- cumsum(sizes)
  for (b in seq_along(blocks)) {
    at <- seq_len(sizes[b]) + last[b] - sizes[b]
    out[at, at] <- blocks[[b]]
  }
  out
}
