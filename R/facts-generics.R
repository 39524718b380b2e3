# Generics that neither stats nor nlme provides.
#
# Other packages export these names too. Our methods are registered with their generics
# (R/interop-register.R), and our defaults hand every other object to them when they are loaded:
# whichever package is attached last, all kinds of fit work.

#' Generics for mixed models
#'
#' `ngrps()`, `isREML()`, `isSingular()`, `getME()` and `refit()` have the names and meanings of
#' lme4. The methods for fits of [lmm()] are documented with the topics they belong to:
#' [logLik.mixest()], [isSingular.mixest()], [getME.mixest()], [refit.mixest()], [convergence()],
#' [devfun()]. Other objects are handed to lme4's function of that name if lme4 is
#' loaded and knows them; else they give an error of class `mixest_input`.
#'
#' Whatever the order in which mixest, lme4, lmerTest and glmmTMB are attached, these functions,
#' [contest()] and the generics of stats and nlme work for the fits of all four. Of functions that
#' are no generics the package attached last hides the others: with lmerTest attached after mixest
#' write `mixest::ranova()`, with broom after it `mixest::bootstrap()`, with performance after it
#' `mixest::icc()`.
#'
#' @param object,x a fitted model.
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
ngrps.default <- function(object, ...) call_elsewhere("lme4", "ngrps", object, ...)

#' @rdname generics
#' @export
isREML <- function(x, ...) UseMethod("isREML")

#' @export
isREML.default <- function(x, ...) call_elsewhere("lme4", "isREML", x, ...)

#' @rdname generics
#' @export
isSingular <- function(x, ...) UseMethod("isSingular")

#' @export
isSingular.default <- function(x, ...) call_elsewhere("lme4", "isSingular", x, ..., asks = "getME")

#' @rdname generics
#' @export
getME <- function(object, name, ...) UseMethod("getME")

#' @export
getME.default <- function(object, name, ...) call_elsewhere("lme4", "getME", object, name, ...)

#' @rdname generics
#' @export
refit <- function(object, newresp, ...) UseMethod("refit")

#' @export
refit.default <- function(object, newresp, ...) call_elsewhere("lme4", "refit", object, newresp, ...)

# What the function `name` of `package` gives for an object that is not ours; an error in the name
# of our generic when the package is not loaded or has no method either. `asks`: the generic
# whose methods tell what a plain function of that name can do, NULL for any object.
call_elsewhere <- function(package, name, object, ..., asks = name) {
  knows <- isNamespaceLoaded(package) && (is.null(asks) || has_method(asks, object, package))
  if (!knows) {
    abort_mixest("input", c(
      "{.fn {name}} must be given a fitted mixed model.", x = "It is {.obj_type_friendly {object}}.",
      i = "Fit one with {.fn lmm}. Models of {package} work when {package} is loaded."
    ), parent.frame())
  }
  call_from(asNamespace(package))(getExportedValue(package, name), object, ...)
}

# A generic looks for methods where it is called before it looks among those registered with it, and
# where our functions stand it would find our default again. So the call is made from `place`.
call_from <- function(place) {
  call <- function(theirs, object, ...) theirs(object, ...)
  environment(call) <- place
  call
}

# Has `package` a method of `generic` for the object?
has_method <- function(generic, object, package) {
  method_for <- function(class) utils::getS3method(generic, class, optional = TRUE, envir = asNamespace(package))
  !is.null(Find(Negate(is.null), lapply(c(.class2(object), "default"), method_for)))
}
