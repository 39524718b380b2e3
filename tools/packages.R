# The R packages that DESCRIPTION asks for: its imports, and Config/Needs/PURPOSE for every PURPOSE
# given ("check" needs all of Suggests too).
#   Rscript tools/packages.R missing [PURPOSE]...   prints those that are not installed
#   Rscript tools/packages.R install [PURPOSE]...   installs those from CRAN; also sees to a library
#                                                   that can be written to

args <- commandArgs(TRUE)
action <- args[1]
purposes <- args[-1]

needed <- function() {
  description <- read.dcf("DESCRIPTION")[1, ]
  fields <- c("Imports", "LinkingTo", sprintf("Config/Needs/%s", purposes), if ("check" %in% purposes) "Suggests")
  entries <- unique(trimws(unlist(strsplit(description[intersect(fields, names(description))], ","))))
  data.frame(name = sub("[ (].*", "", entries),
             version = ifelse(grepl(">=", entries), gsub(".*>= *|[) ]", "", entries), "0"))
}

missing_packages <- function() {
  installed <- function(name, version) nzchar(system.file(package = name)) && utils::packageVersion(name) >= version
  with(needed(), unique(name[!mapply(installed, name, version)]))
}

# the first library, or else the personal one, which R looks for at its next start
writable_library <- function() {
  library <- .libPaths()[1]
  if (file.access(library, 2) == 0) return(library)
  library <- Sys.getenv("R_LIBS_USER")
  dir.create(library, recursive = TRUE, showWarnings = FALSE)
  .libPaths(c(library, .libPaths()))
  library
}

cran_mirror <- function() {
  repos <- getOption("repos")
  if (!"CRAN" %in% names(repos) || repos[["CRAN"]] == "@CRAN@")
    repos["CRAN"] <- utils::getCRANmirrors(local.only = TRUE)$URL[1]
  repos
}

if (action == "missing") {
  cat(missing_packages())
} else {
  library <- writable_library()
  if (length(missing_packages()))
    utils::install.packages(
      missing_packages(), library, repos = cran_mirror(), Ncpus = max(1L, parallel::detectCores(), na.rm = TRUE)
    )
  if (length(missing <- missing_packages()))
    stop("can't install ", paste(missing, collapse = ", "), " (messages above).\n",
         "  With a network, run this again. By hand: what Debian has of them with\n",
         "    sudo apt-get install ", paste0("r-cran-", tolower(missing), collapse = " "), "\n",
         "  and the rest in R with\n",
         "    install.packages(c(", paste0('"', missing, '"', collapse = ", "), "))", call. = FALSE)
}
