# Methods for generics of packages that may be absent: one table, read when this package loads.
#
# A row is registered when `package` is, or becomes, loaded. It is skipped in silence when that
# version of the package has no such generic. Nothing is loaded for it.
#
#   package, generic   the generic; it need not be exported
#   class              the class of ours that the method is for, never another package's
#   method             name of the function; "<generic>.<class>" unless said otherwise
#   from               the package whose function it is; ours unless said otherwise. A method of
#                      another package that works on our fits is registered for them as it is.

# The rows of one package for one class.
optional_rows <- function(package, generics, class = "mixest", method = paste(generics, class, sep = "."),
                          from = "mixest") {
  data.frame(package = package, generic = generics, class = class, method = method, from = from)
}

optional_methods <- rbind(
  optional_rows("clubSandwich", c(
    "vcovCR", "coef_CS", "model_matrix", "residuals_CS", "v_scale", "targetVariance", "weightMatrix"
  )),
  optional_rows("generics", "refit"),
  optional_rows("lme4", c("getME", "isREML", "isSingular", "ngrps", "refit")),
  optional_rows("lmerTest", "contest"),
  optional_rows("sandwich", c("bread", "estfun"))
)

.onLoad <- function(libname, pkgname) {
  ours <- parent.env(environment())
  register_optional(optional_methods, ours)
}

# Registers the rows of `table`, those of each package when it is or becomes loaded.
register_optional <- function(table, ours) {
  for (rows in split(table, table$package)) register_when_loaded(rows, ours)
}

register_when_loaded <- function(rows, ours) {
  force(rows)
  register <- function(...) {
    namespace <- asNamespace(rows$package[1L])
    for (i in seq_len(nrow(rows))) register_method(rows[i, ], namespace, ours)
  }
  if (isNamespaceLoaded(rows$package[1L])) register()
  setHook(packageEvent(rows$package[1L], "onLoad"), register)
}

# One row. The generic may be the package's own or one that it imports and exports again.
register_method <- function(row, namespace, ours) {
  home <- Find(
    function(place) exists(row$generic, envir = place, mode = "function", inherits = FALSE),
    list(namespace, parent.env(namespace))
  )
  if (is.null(home)) return(invisible())
  method <- optional_function(row$method, row$from, ours)
  if (!is.null(method)) registerS3method(row$generic, row$class, method, envir = home)
}

# The function that a row names: ours, or another package's where that is loaded and has it.
optional_function <- function(name, from, ours) {
  if (from == "mixest") return(get(name, envir = ours, mode = "function", inherits = FALSE))
  if (isNamespaceLoaded(from)) get0(name, envir = asNamespace(from), mode = "function", inherits = FALSE)
}
