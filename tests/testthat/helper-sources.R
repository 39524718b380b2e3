# The folder of the sources, which the tests of pages and spelling read: the checkout, or what R CMD
# check has unpacked (without what .Rbuildignore names). NULL when there is neither.
source_folder <- function() {
  candidates <- c(test_path("..", ".."), test_path("..", "..", "00_pkg_src", "mixest"))
  Find(function(folder) dir.exists(file.path(folder, "vignettes")), candidates)
}

checkout_folder <- function() {
  folder <- source_folder()
  if (!is.null(folder) && file.exists(file.path(folder, "CONTRIBUTING.md"))) folder
}
