# Methods for generics of packages that may be absent: package = generics. Each `<generic>.mixest` of ours is registered with the
# generic of that name when the package's namespace is, or becomes, loaded.
optional_methods <- list(
  lme4 = c("ngrps", "isREML", "isSingular", "getME", "refit"),
  lmerTest = "contest"
)

.onLoad <- function(libname, pkgname) {
  ours <- parent.env(environment())
  for (package in names(optional_methods)) register_when_loaded(package, optional_methods[[package]], ours)
}

register_when_loaded <- function(package, generics, ours) {
  force(generics)
  register <- function(...) {
    # Not every version of a package has every generic.
    present <- intersect(generics, getNamespaceExports(package))
    for (generic in present) {
      registerS3method(generic, "mixest", ours[[paste0(generic, ".mixest")]], envir = asNamespace(package))
    }
  }
  if (isNamespaceLoaded(package)) register()
  setHook(packageEvent(package, "onLoad"), register)
}
