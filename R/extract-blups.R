# Predictions of the random effects from the condensed data, at the estimates. All in the user's
# columns of U.
#
# value: lists with one element for each grouping factor; q_f are its columns of U in the order of
# the formula, m_f its levels
#        gamma        q_f x m_f, rows named by effect, columns by level: E(gamma_l | y)
#        cond_factor  q_f x q_f x m_f, M_l with Var(gamma_l | y) = sigma^2 M_l M_l', beta and theta
#                     taken as known
#        carried      q_f x rank x m_f, how errors of beta reach the predictions: with vcov(beta) =
#                     sigma^2 F F', (d gamma_l / d beta') F
blups <- function(fit) {
  predicted <- cpp_blups(fit$stats, fitted_terms(fit), fit$REML, fit$lambda)
  names <- column_names(fit)
  predicted$gamma <- Map(function(gamma, columns, levels) {
    dimnames(gamma) <- list(names[columns], levels)
    gamma
  }, predicted$gamma, factor_columns(fit$random), fit$random$groups)
  predicted
}

# sigma^2 M_l M_l' for every level, q x q x m, from M.
conditional_covariance <- function(M, sigma) {
  M <- sigma * M
  q <- dim(M)[1L]
  m <- dim(M)[3L]
  covariance <- array(0, c(q, q, m))
  for (a in seq_len(q)) {
    for (b in seq_len(a)) {
      covariance[a, b, ] <- covariance[b, a, ] <- colSums(matrix(M[a, , ] * M[b, , ], q, m))
    }
  }
  covariance
}
