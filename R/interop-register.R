# Methods for generics of packages that may be absent: package = generics. Each `<generic>.mixest`
# of ours is registered with the generic of that name when the package's namespace is, or becomes,
# loaded. (Not all of clubSandwich's generics are exported.)
optional_methods <- list(
  lme4 = c("ngrps", "isREML", "isSingular", "getME", "refit"),
  lmerTest = "contest",
  sandwich = c("bread", "estfun"),
  clubSandwich = c("vcovCR", "coef_CS", "model_matrix", "residuals_CS", "v_scale", "targetVariance", "weightMatrix")
)

.onLoad <- function(libname, pkgname) {
  ours <- parent.env(environment())
  for (package in names(optional_methods)) register_when_loaded(package, optional_methods[[package]], ours)
}

register_when_loaded <- function(package, generics, ours) {
  force(generics)
  register <- function(...) {
    # Not every version of a package has every generic.
    present <- intersect(generics, ls(asNamespace(package)))
    for (generic in present) {
      registerS3method(generic, "mixest", ours[[paste0(generic, ".mixest")]], envir = asNamespace(package))
    }
  }
  if (isNamespaceLoaded(package)) register()
  setHook(packageEvent(package, "onLoad"), register)
}
