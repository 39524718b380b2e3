#' @rdname fixef.mixest
#' @export
vcov.mixest <- function(object, type = "model", complete = FALSE, full = FALSE, correlation = FALSE, cluster = NULL,
                        ...) {
  check_dots()
  check_flag(complete, "complete")
  check_flag(full, "full")
  check_flag(correlation, "correlation")
  check_choice(type, "type", c("model", robust_types, "kenward-roger"))
  robust <- type %in% robust_types
  if (!is.null(cluster) && !robust) {
    abort_mixest("input", "{.arg cluster} must come with one of the types {.or {.val {robust_types}}}.", environment())
  }
  covariance <- if (is.null(cluster)) {
    covariance_of_estimates(
      df_method(object, if (type == "kenward-roger") type else "none", vcov = if (robust) type else "model")
    )
  } else {
    clustered_covariance(object, type, cluster, environment())
  }
  if (complete && length(object$aliased)) covariance <- pad_covariance(covariance, names(all_coefficients(object)))
  if (full) covariance <- join_covariances(covariance, variance_covariance(object))
  if (correlation) correlations_of(covariance) else covariance
}

# NA beside a variance of zero.
correlations_of <- function(covariance) {
  errors <- sqrt(diag(covariance))
  errors[!(errors > 0)] <- NA
  out <- covariance / outer(errors, errors)
  diag(out)[!is.na(errors)] <- 1
  out
}

# NA for the dropped columns.
pad_covariance <- function(covariance, all) {
  padded <- matrix(NA_real_, length(all), length(all), dimnames = list(all, all))
  padded[rownames(covariance), colnames(covariance)] <- covariance
  padded
}

# Block diagonal.
join_covariances <- function(first, second) {
  all <- c(rownames(first), rownames(second))
  out <- matrix(0, length(all), length(all), dimnames = list(all, all))
  p <- nrow(first)
  out[seq_len(p), seq_len(p)] <- first
  behind <- p + seq_len(nrow(second))
  out[behind, behind] <- second
  out
}

# Square roots of diag(vcov()), without forming squares of sigma.
standard_errors <- function(fit) {
  stats::setNames(fit$sigma * row_norms(fit$beta_factor), names(fit$coefficients))
}
