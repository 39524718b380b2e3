# Generates NAMESPACE, man/ and the bindings RcppExports.*, without compiling anything. Run from the
# package's root folder.

# The R files, the data and what NAMESPACE imports. roxygen2's own load_source() attaches every
# imported package instead, so that Matrix masks base generics (summary, update) and their methods
# go unrecognised.
load_sources <- function(path) {
  env <- new.env(parent = globalenv())
  methods::setPackageName("mixest", env)
  imports <- if (file.exists("NAMESPACE")) parseNamespaceFile(basename(path), dirname(path))$imports
  for (import in imports) if (length(import) > 1)
    for (name in import[[2]]) assign(name, getExportedValue(import[[1]], name), env)
  for (file in list.files(file.path(path, "data"), full.names = TRUE)) load(file, env)
  for (file in list.files(file.path(path, "R"), "[.]R$", full.names = TRUE)) sys.source(file, env, keep.source = TRUE)
  env
}

roxygen2::roxygenise(load_code = load_sources, roclets = "namespace")   # new imports, which the next run then loads
roxygen2::roxygenise(load_code = load_sources)
Rcpp::compileAttributes()
