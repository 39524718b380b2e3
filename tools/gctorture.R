# Every binding with a garbage collection at each allocation, then whole fits with one at every
# three hundredth: what C++ holds without protection would be gone, and the numbers with it. Fails
# when they differ from those without torture.
library(mixest)

internal <- function(name) get(name, envir = asNamespace("mixest"))
data <- as.data.frame(nlme::Orthodont)
fit <- lmm(distance ~ age + Sex + (age | Subject), data, weights = rep(1:4, 27), offset = rep(0.1, 108))
X <- model.matrix(fit)
U <- cbind(1, data$age)
group <- as.integer(data$Subject)
y <- as.matrix(data$distance)
terms <- fit$random$terms
control <- fit$control
leftovers <- internal("stats_with_leftovers")(fit)
rows <- internal("cluster_rows")(fit, environment())
D <- crossprod(matrix(c(2, 1, 0, 1), 2))

calls <- list(
  condense = function() internal("cpp_condense")(
    X, U, y, list(group), 27L, rep(1, 108), rep(0.1, 108), c(1, 0, 0), c(1, 0), c(1L, 1L), 1L, TRUE, 2L
  ),
  fit = function() internal("cpp_fit")(fit$stats, terms, TRUE, NULL, control),
  fit_from = function() internal("cpp_fit")(fit$stats, terms, FALSE, fit$theta, control),
  refuse = function() tryCatch(internal("cpp_fit")(fit$stats, terms, TRUE, 1, control), error = conditionMessage),
  used_levels = function() internal("cpp_used_levels")(group, 30L),
  evaluate = function() internal("cpp_evaluate")(fit$stats, terms, TRUE, fit$theta, 2L),
  blups = function() internal("cpp_blups")(fit$stats, terms, TRUE, fit$lambda),
  covariance = function() internal("cpp_covariance")("us", 2L, fit$theta),
  covariance_user = function() internal("cpp_covariance_user")("us", 2L, fit$theta),
  covariance_basis = function() internal("cpp_covariance_basis")("us", 2L, fit$theta, D),
  covariance_theta = function() internal("cpp_covariance_theta")("us", 2L, fit$theta),
  covariance_start = function() internal("cpp_covariance_start")("cs", 2L, D),
  triangular_factor = function() internal("cpp_triangular_factor")(D, 1e-10),
  minimize = function() internal("cpp_minimize")(
    function(x) list(value = sum(x^2) / 2, gradient = x, hessian = diag(2)), c(3, 4), 0, 1e-10, 10L, 1
  ),
  step_within = function() internal("cpp_step_within")(c(1, 1), D, 0.1),
  decide_rank = function() internal("cpp_decide_rank")(X, 2L, rep(1, ncol(X)), 108),
  row_pool = function() internal("cpp_row_pool")(X, 2L, 10L, 2L),
  connect_levels = function() internal("cpp_connect_levels")(
    list(group, as.integer(data$Sex)), c(27L, 2L), rep(1, 108)
  ),
  sum_parts = function() internal("cpp_sum_parts")(data$age, 5L, 2L, integer())$sum,
  vcov_moves = function() internal("cpp_vcov_moves")(fit$stats, terms, TRUE, fit$theta, "expected", TRUE),
  fixed_columns = function() internal("cpp_fixed_columns")(fit$stats),
  fixed_effects = function() internal("cpp_fixed_effects")(fit$stats, terms, TRUE, fit$lambda),
  condensed_columns = function() internal("cpp_condensed_columns")(fit$stats),
  sandwich = function() internal("cpp_sandwich")(leftovers, terms, TRUE, fit$theta, "CR2"),
  sandwich_moments = function() internal("cpp_sandwich_moments")(leftovers, terms, TRUE, fit$theta, "CR3", diag(3)),
  cluster_sandwich = function() internal("cpp_cluster_sandwich")(rows, "CR2"),
  cluster_sandwich_moments = function() internal("cpp_cluster_sandwich_moments")(rows, "CR1", diag(3)),
  leave_each_out = function() internal("cpp_leave_each_out")(leftovers, terms, TRUE, fit$theta, control),
  variance_information = function() internal("cpp_variance_information")(fit$stats, terms, TRUE, fit$theta)
)
whole <- list(
  lmm = function() lmm(distance ~ age + (age || Subject), data)[c("coefficients", "theta", "deviance")],
  responses = function() lmm(cbind(distance, age) ~ Sex + (1 | Subject), data)[[1L]]$theta,
  predict = function() predict(fit, se.fit = TRUE, interval = "prediction"),
  confint = function() suppressMessages(confint(fit, "sigma"))
)

same_under_torture <- function(calls, step) {
  for (name in names(calls)) {
    wanted <- calls[[name]]()
    gctorture2(step)
    found <- calls[[name]]()
    gctorture2(0)
    if (!identical(found, wanted)) stop(name, " gives other numbers under gctorture")
    cat(name, "")
  }
}

suppressMessages({
  same_under_torture(calls, 1L)
  same_under_torture(whole, 300L)
})
cat("\nthe same under gctorture\n")
