# Runs lintr, with the rules of .lintr, over the R code of the checkout; ends with status 1 when it
# finds something. Run from the package's root folder.
lints <- c(
  lintr::lint_package(".", cache = FALSE),
  lintr::lint_dir("tools", relative_path = FALSE, cache = FALSE),
  lintr::lint_dir("bench", relative_path = FALSE, cache = FALSE)
)
for (lint in lints) {
  file <- sub(paste0(getwd(), "/"), "", lint$filename, fixed = TRUE)
  cat(sprintf("%s:%d:%d: %s [%s]\n", file, lint$line_number, lint$column_number, lint$message, lint$linter))
}
cat(length(lints), "lints\n")
if (length(lints)) quit(status = 1L)
