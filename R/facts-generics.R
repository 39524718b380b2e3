# Generics that neither stats nor nlme provides.
#
# lme4 exports five of these names too. Our methods are also registered with lme4's generics
# (R/interop-register.R), and our defaults hand every other object to lme4 when it is loaded:
# whichever package is attached last, both kinds of fit work.

#' Generics for mixed models
#'
#' `ngrps()`, `isREML()`, `isSingular()`, `getME()` and `refit()` have the names and meanings of
#' lme4. The methods for fits of [lmm()] are documented with the topics they belong to:
#' [logLik.mixest()], [isSingular.mixest()], [getME.mixest()], [refit.mixest()], [convergence()],
#' [devfun()]. `covratio()` makes [stats::covratio()] generic, see [influence.mixest()] and
#' [cooks.distance.mixest()]. Other objects are handed to lme4 when its namespace is loaded; without
#' lme4 they give an error of class `mixest_input`.
#'
#' @param object,x,model a fitted model.
#' @param name character: which component, see [getME.mixest()].
#' @param newresp numeric: the new response, see [refit.mixest()].
#' @param ... passed on to the methods.
#' @return What the method returns.
#' @name generics
#' @keywords internal
NULL

#' @rdname generics
#' @export
ngrps <- function(object, ...) UseMethod("ngrps")

#' @export
ngrps.default <- function(object, ...) forward_to_lme4("ngrps")(object, ...)

#' @rdname generics
#' @export
isREML <- function(x, ...) UseMethod("isREML")

#' @export
isREML.default <- function(x, ...) forward_to_lme4("isREML")(x, ...)

#' @rdname generics
#' @export
isSingular <- function(x, ...) UseMethod("isSingular")

#' @export
isSingular.default <- function(x, ...) forward_to_lme4("isSingular")(x, ...)

#' @rdname generics
#' @export
getME <- function(object, name, ...) UseMethod("getME")

#' @export
getME.default <- function(object, name, ...) forward_to_lme4("getME")(object, name, ...)

#' @rdname generics
#' @export
refit <- function(object, newresp, ...) UseMethod("refit")

#' @export
refit.default <- function(object, newresp, ...) forward_to_lme4("refit")(object, newresp, ...)

#' @rdname generics
#' @export
covratio <- function(model, ...) UseMethod("covratio")

#' @export
covratio.default <- function(model, ...) stats::covratio(model, ...)

# lme4's function of that name, or an error in the name of our generic.
forward_to_lme4 <- function(name) {
  if (!isNamespaceLoaded("lme4")) {
    abort_mixest("input", c(
      "{.fn {name}} must be given a fitted mixed model.",
      i = "Fit one with {.fn lmm}; for models of lme4, load lme4 first."
    ), parent.frame())
  }
  getExportedValue("lme4", name)
}
