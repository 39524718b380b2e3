# A level that the fit has not seen, known by some responses of its own: the rows of new data that
# share unseen levels, directly or through others, are a block, and those of its rows that have a
# response inform all of them. With the parameters and beta^ as they are, and
#
#   S = Cov(u_a'gamma, u_b'gamma | y) / sigma^2,   a, b rows of the block, over known and unseen
#                                                  levels,
#
# and 1 the rows with a response r_1 (less its mean), K = S_.1 (S_11 + W_1^{-1})^{-1},
#
#   prediction + K r_1,     z - K z_1,     S - K S_1. .
#
# z: see errors_from_beta().

# list(rows, mean, z, left_open) of the rows that are informed; `mean` and `z` as before.
condition_on_responses <- function(fit, newdata, rows, mean, z, call) {
  residual <- response_of_new_rows(fit, newdata, length(mean), call) - mean
  labels <- unseen_labels(fit, newdata, rows, call)
  block <- connected_blocks(labels)
  informed <- block %in% block[!is.na(residual) & !is.na(block)] & !is.na(block) & !is.na(mean)
  at <- split(which(informed), block[informed])
  found <- list(
    rows = unlist(at, use.names = FALSE), mean = numeric(), z = z[0L, , drop = FALSE], left_open = numeric()
  )
  if (!length(at)) return(found)
  known <- cpp_conditional_covariance(
    fit$stats, fit$random$terms, fit$REML, fit$lambda, rows$U, rows$codes, unname(at)
  )
  for (b in seq_along(at)) {
    i <- at[[b]]
    S <- known[[b]] + unseen_covariance(fit, rows, labels, i)
    has <- which(!is.na(residual[i]))
    root <- chol(S[has, has, drop = FALSE] + diag(1 / rows$weights[i[has]], length(has)))
    K <- t(backsolve(root, backsolve(root, S[has, , drop = FALSE], transpose = TRUE)))
    found$mean <- c(found$mean, mean[i] + drop(K %*% residual[i[has]]))
    found$z <- rbind(found$z, z[i, , drop = FALSE] - K %*% z[i[has], , drop = FALSE])
    found$left_open <- c(found$left_open, pmax(diag(S) - rowSums(K * S[, has, drop = FALSE]), 0))
  }
  found
}

response_of_new_rows <- function(fit, newdata, n, call) {
  expr <- fit$formula[[2L]]
  env <- environment(fit$formula)
  values <- tryCatch(eval(expr, newdata, env), error = function(error) {
    refuse_unknown(expr, "use_responses", error, newdata, env, call, "newdata")
  })
  if (is.atomic(values) && (is.numeric(values) || is.logical(values)) && length(values) == n) return(as.double(values))
  abort_mixest("input", c(
    "With {.code use_responses = TRUE}, {.arg newdata} must have the response, {.code NA} where it is to be predicted.",
    x = "{.code {deparse1(expr)}} is {.obj_type_friendly {values}} of length {length(values)}."
  ), call)
}

# n x grouping factors: labels that the fit has not seen; NA for known and for missing ones.
unseen_labels <- function(fit, newdata, rows, call) {
  labels <- lapply(seq_len(ncol(rows$codes)), function(f) {
    replace(group_labels(fit, newdata, f, call), !is.na(rows$codes[, f]), NA)
  })
  matrix(unlist(labels), nrow(rows$codes))
}

# A number for each row, the same for rows that share a label, directly or through others; NA for
# rows without one.
connected_blocks <- function(labels) {
  block <- replace(seq_len(nrow(labels)), rowSums(!is.na(labels)) == 0, NA)
  repeat {
    merged <- block
    for (f in seq_len(ncol(labels))) {
      has <- which(!is.na(labels[, f]))
      merged[has] <- stats::ave(merged[has], labels[has, f], FUN = min)
    }
    if (identical(merged, block)) return(block)
    block <- merged
  }
}

# Of the rows i, over levels without data: the same level, or a missing one and the same row.
unseen_covariance <- function(fit, rows, labels, i) {
  parts <- lapply(seq_along(fit$random$groups), function(f) {
    columns <- factor_columns(fit$random)[[f]]
    UL <- rows$U[i, columns, drop = FALSE] %*% fit$lambda[columns, columns, drop = FALSE]
    same <- outer(labels[i, f], labels[i, f], "==") %in% TRUE
    own <- diag(is.na(rows$codes[i, f]), length(i)) > 0
    tcrossprod(UL) * (same | own)
  })
  Reduce(`+`, parts)
}

check_use_of_responses <- function(fit, newdata, effects, random.only, call) {
  problem <- if (is.null(newdata)) {
    "There is no {.arg newdata}."
  } else if (length(effects) < nrow(fit$lambda)) {
    "{.arg re.form} leaves some out."
  } else if (random.only) {
    "{.arg random.only} is {.code TRUE}."
  }
  if (is.null(problem)) return(invisible())
  abort_mixest("input", c(
    paste(
      "{.code use_responses = TRUE} can be used for predictions of {.arg newdata} with all random effects",
      "and the fixed ones."
    ),
    x = problem
  ), call)
}

# Unseen and missing levels, but in rows that responses inform.
refuse_uninformed <- function(fit, newdata, rows, informed, call) {
  for (f in seq_along(fit$random$groups)) {
    codes <- replace(rows$codes[, f], informed, 1L)
    check_known_levels(fit, newdata, codes, f, "predicts them with random effects of zero", call)
  }
}
