#' mixest: linear mixed models at the price of a linear model
#'
#' [lmm()] fits linear mixed models to grouped data by maximum likelihood or REML. The rows are
#' condensed once into a few numbers for each group; the optimiser then works with exact gradients
#' and Hessians at a cost that depends on the number of groups only, and [convergence()] certifies
#' the optimum it found. `vignette("mixest")` is the place to start.
#'
#' @useDynLib mixest, .registration = TRUE
#' @importFrom Rcpp evalCpp
#' @importFrom stats coef deviance df.residual family fitted formula logLik model.frame
#' @importFrom stats model.matrix nobs predict residuals rstandard sigma simulate
#' @importFrom stats case.names confint profile terms update variable.names vcov weights
#' @keywords internal
"_PACKAGE"
