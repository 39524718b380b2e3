# Robust covariance matrices with clusters of the user: whole groups together, for any grouping
# factors, crossed ones too as long as no level of a factor has rows in two clusters.

# sigma^2 F scores scores' F'.
clustered_covariance <- function(fit, type, cluster, call) {
  cluster <- coarser_clusters(fit, cluster, call)
  rows <- cluster_rows(fit, call, as.integer(cluster))
  found <- cpp_cluster_sandwich(rows, type)
  if (length(found$alone)) refuse_alone(fit, rows$labels[found$alone], call, levels(cluster))
  names <- names(fit$coefficients)
  half <- fit$sigma * fit$beta_factor %*% found$scores
  structure(tcrossprod(half), dimnames = list(names, names))
}

# A factor, one value for each row of the fit.
coarser_clusters <- function(fit, cluster, call) {
  frame <- kept_frame(fit, call)
  if (inherits(cluster, "formula")) cluster <- clusters_of_formula(cluster, fit, frame, call)
  left_out <- length(fit$na.action)
  if (left_out && length(cluster) == nrow(frame) + left_out) cluster <- cluster[-fit$na.action]
  if (!is.atomic(cluster) || length(cluster) != nrow(frame) || anyNA(cluster)) {
    abort_mixest("input", c(
      "{.arg cluster} must be a one-sided formula, or have one value for each of the {nrow(frame)} rows, none missing.",
      x = "It is {.obj_type_friendly {cluster}} of length {length(cluster)}."
    ), call)
  }
  cluster <- factor(cluster)
  codes <- group_codes(fit, call = call)
  for (f in seq_len(ncol(codes))) {
    divided <- which(rowSums(table(codes[, f], cluster) > 0) > 1L)
    if (!length(divided)) next
    levels <- list_offenders(fit$random$groups[[f]][as.integer(names(divided))])
    abort_mixest("input", c(
      "{.arg cluster} must consist of whole groups: rows of one group are not independent.",
      x = paste(
        "{cli::qty(length(divided))}Level{?s} {levels} of {.code {names(fit$random$groups)[f]}}",
        "{?has/have} rows in two clusters."
      )
    ), call)
  }
  cluster
}

# Variables of the model frame; those that it lacks, of the data that the fit was given.
clusters_of_formula <- function(formula, fit, frame, call) {
  names <- all.vars(formula)
  rows <- frame
  if (!all(names %in% names(frame))) {
    data <- tryCatch(eval(fit$call$data, environment(fit$formula)), error = function(error) NULL)
    same_rows <- is.data.frame(data) && all(rownames(frame) %in% rownames(data))
    rows <- if (same_rows) as.data.frame(data)[rownames(frame), , drop = FALSE]
  }
  absent <- setdiff(names, names(rows))
  if (!length(names) || length(absent)) {
    abort_mixest("input", c(
      "{.arg cluster} must name variables of the data that the fit was given.",
      x = if (length(absent)) "Can't find {list_names(absent)}.",
      i = "Or give one value for each row."
    ), call)
  }
  interaction(unclass(rows)[names], drop = TRUE)
}
