# arm: its functions are S4 generics that read lme4's slots, and get the same fit in lme4's class.
# They are defined when arm is loaded, in an environment of their own.

define_for_arm <- function() {
  define <- function(...) {
    home <- new.env(parent = topenv())
    methods::setOldClass("mixest", where = home)
    namespace <- asNamespace("arm")
    for (name in intersect(c("display", "se.coef", "sim", "standardize"), ls(namespace))) {
      if (methods::isGeneric(name, where = namespace)) {
        methods::setMethod(namespace[[name]], "mixest", method_by_lmerMod(name), where = home)
      }
    }
  }
  if (isNamespaceLoaded("arm")) define()
  setHook(packageEvent("arm", "onLoad"), define)
}

method_by_lmerMod <- function(name) {
  force(name)
  function(object, ...) {
    copy <- as_lmerMod(object)
    copy@call <- object$call
    getExportedValue("arm", name)(copy, ...)
  }
}
